/** The few tissues of one assorted body. */
import type { Random } from '../../../shared/random';
import { between } from './things';
import type { Tissue } from './tissues';

/**
 * Soft tissues lie close together in one body and far apart in another, as without and with contrast agent. Many objects are of each tissue, so that
 * density alone never says which of them is meant.
 */
export interface Palette {
  soft(): Tissue;
  /** As gas and lungs. */
  dark(): Tissue;
  /** As bone. */
  bright(): Tissue;
  /** Mostly soft, now and then dark or bright. */
  mixed(): Tissue;
}

export const fat: Tissue = { hu: -100, suv: 0.3, grainHu: 6 };
export const water: Tissue = { hu: 8, suv: 1.5, grainHu: 3 };

export function drawPalette(stream: Random): Palette {
  const middle = stream.uniform(20, 120);
  const spread = between(stream, 8, 70);
  const some = (count: number, hu: () => number) => {
    const tissues = Array.from({ length: count }, () => ({
      hu: hu(),
      suv: Math.min(16, Math.exp(0.45 + 0.8 * stream.normal())),
      grainHu: between(stream, 3, 25),
    }));
    return () => {
      const { hu, suv, grainHu } = tissues[stream.integer(count)];
      return { hu: hu + 4 * stream.normal(), suv: suv * Math.exp(0.1 * stream.normal()), grainHu };
    };
  };
  const soft = some(2 + stream.integer(4), () => Math.max(-90, Math.min(300, middle + spread * stream.normal())));
  const dark = some(1 + stream.integer(2), () => stream.uniform(-950, -400));
  const bright = some(1 + stream.integer(2), () => between(stream, 180, 800));
  return {
    soft,
    dark,
    bright,
    mixed() {
      const kind = stream.uniform();
      return kind < 0.2 ? dark() : kind < 0.3 ? bright() : soft();
    },
  };
}

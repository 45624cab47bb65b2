/** Where along each axis two label maps differ: the strip at the edge of a slice view. */
import type { Index3 } from '../../shared/geometry';

/** Per slice of one axis: voxels in which exactly one of the two masks, or both with different structures, and voxels of both masks. */
export interface AxisDifference {
  readonly differing: Uint32Array;
  readonly marked: Uint32Array;
}

/** Differences along i, j and k. Hidden structures count as background. */
export function differencesAlongAxes(
  reference: Uint8Array,
  compared: Uint8Array,
  size: Index3,
  hidden: ReadonlySet<number> = new Set(),
): [AxisDifference, AxisDifference, AxisDifference] {
  const shown = Uint8Array.from({ length: 256 }, (_, structure) => (hidden.has(structure) ? 0 : structure));
  const axes = size.map((count) => ({ differing: new Uint32Array(count), marked: new Uint32Array(count) }));
  let at = 0;
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++, at++) {
        const [a, b] = [shown[reference[at]], shown[compared[at]]];
        if ((a | b) === 0) continue;
        const marks = (a ? 1 : 0) + (b ? 1 : 0);
        axes[0].marked[i] += marks;
        axes[1].marked[j] += marks;
        axes[2].marked[k] += marks;
        if (a === b) continue;
        // Two different structures are wrong twice: neither Dice would count the voxel.
        axes[0].differing[i] += marks;
        axes[1].differing[j] += marks;
        axes[2].differing[k] += marks;
      }
    }
  }
  return axes as [AxisDifference, AxisDifference, AxisDifference];
}

export type Severity = 'none' | 'some' | 'much';
/** A run of slices, both ends included. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly severity: Exclude<Severity, 'none'>;
}

/** 1 − Dice of a slice at which it is marked at all, and marked strongly. Slices with a handful of voxels are judged with their neighbours. */
export const thresholds = { some: 0.2, much: 0.4 };

/** Neighbouring slices of equal severity, from 1 − Dice over a window of three slices. */
export function bands({ differing, marked }: AxisDifference): Band[] {
  const found: Band[] = [];
  for (let slice = 0; slice < differing.length; slice++) {
    const near = [slice - 1, slice, slice + 1].filter((each) => each >= 0 && each < differing.length);
    const all = near.reduce((sum, each) => sum + marked[each], 0);
    const share = all === 0 ? 0 : near.reduce((sum, each) => sum + differing[each], 0) / all;
    if (differing[slice] === 0 || share < thresholds.some) continue;
    const severity = share < thresholds.much ? 'some' : 'much';
    const last = found.at(-1);
    if (last && last.to === slice - 1 && last.severity === severity) found[found.length - 1] = { ...last, to: slice };
    else found.push({ from: slice, to: slice, severity });
  }
  return found;
}

/** Curves thin enough to draw and honest about how: means over equal stretches of steps. */
import type { Curves, MetricPoint } from '../../../shared/runs';

export interface ReducedCurve {
  points: MetricPoint[];
  /** Steps each point is the mean of; 1 when every point is drawn as it came. */
  over: number;
}

/** At most about this many points are drawn: more than a chart has pixels helps nobody. */
const mostPoints = 600;
/** A curve of fewer means than this says less than its points. */
const fewestMeans = 10;
const roundStretches = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];

/**
 * Means of a noisy per-step curve over stretches of at least `least` steps, longer where the run is long; a short curve as it came.
 * A point stands at the last step of its stretch. Values that are no numbers are left out.
 */
export function reduceCurve(points: readonly MetricPoint[], least = 20): ReducedCurve {
  const real = points.filter(({ value }) => Number.isFinite(value));
  if (real.length < fewestMeans * least) return { points: real, over: 1 };
  const last = real[real.length - 1].step;
  const over = roundStretches.find((stretch) => stretch >= least && last / stretch <= mostPoints) ?? Math.ceil(last / mostPoints);
  const stretches = new Map<number, { sum: number; count: number; step: number }>();
  for (const { step, value } of real) {
    const key = Math.ceil(step / over);
    const stretch = stretches.get(key) ?? { sum: 0, count: 0, step };
    stretches.set(key, { sum: stretch.sum + value, count: stretch.count + 1, step: Math.max(stretch.step, step) });
  }
  return { points: [...stretches.values()].map(({ sum, count, step }) => ({ step, value: sum / count })), over };
}

/**
 * Curves over one common axis of steps, as charts want them: `x`, then one row per curve with null where it has no point.
 */
export function alignCurves(curves: readonly (readonly MetricPoint[])[]): { x: number[]; rows: (number | null)[][] } {
  const x = [...new Set(curves.flatMap((curve) => curve.map(({ step }) => step)))].sort((a, b) => a - b);
  const rows = curves.map((curve) => {
    const byStep = new Map(curve.map(({ step, value }) => [step, value]));
    return x.map((step) => byStep.get(step) ?? null);
  });
  return { x, rows };
}

/** Curves that are no loss: numbers of the schedule, and what teachers made of unlabelled patches. */
const otherThanLosses = new Set(['rate', 'consistency', 'keep', 'agreement', 'kept', 'validation']);

/**
 * Curves of the training loss: the total first, then each term a method reports, named in words (`diceLoss` is `dice loss`).
 * @param stage of the student (''), or of what is trained before it (`generator/`)
 */
export function lossTerms(curves: Curves, stage = ''): { key: string; label: string }[] {
  return Object.keys(curves)
    .filter((key) => key.startsWith(stage) && curves[key].length > 0)
    .map((key) => ({ key, term: key.slice(stage.length) }))
    .filter(({ term }) => !term.includes('/') && !otherThanLosses.has(term))
    .sort((a, b) => Number(b.term === 'loss') - Number(a.term === 'loss') || a.term.localeCompare(b.term))
    .map(({ key, term }) => ({ key, label: term === 'loss' ? 'total' : inWords(term) }));
}

const inWords = (key: string) =>
  key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase();

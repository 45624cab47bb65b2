/** Where overlapping windows lie over a volume, and how much each of their voxels counts. The blending itself is methods/training/wholeCase.ts. */
import { type Index3, voxelCount } from '../../shared/geometry';

/**
 * Where windows start along one axis of `size` voxels (size ≥ window).
 * They step by ⌊window·(1 − overlap)⌋, or by a whole window where it spans the axis, and the last is moved back to the border,
 * as in MONAI's `sliding_window_inference`.
 */
export function windowStarts(size: number, window: number, overlap: number): number[] {
  if (size < window) throw new Error(`windowStarts: a window of ${window} does not fit ${size} voxels; pad first`);
  const step = size === window ? size : Math.max(1, Math.floor(window * (1 - overlap)));
  const count = Math.ceil((size - window) / step) + 1;
  return Array.from({ length: count }, (_, at) => Math.min(at * step, size - window));
}

/**
 * Weight of each voxel of a window, i fastest: a Gaussian with a standard deviation of an eighth of the side around the centre,
 * never below a thousandth, so that the border of the volume, seen by one window only, still counts.
 */
export function gaussianImportance(window: Index3, sigmaShare = 0.125): Float32Array {
  const [wi, wj, wk] = window.map((n) =>
    Float64Array.from({ length: n }, (_, at) => Math.exp(-((at - (n - 1) / 2) ** 2) / (2 * (sigmaShare * n) ** 2))),
  );
  const weights = new Float32Array(voxelCount({ size: window }));
  let smallest = Number.POSITIVE_INFINITY;
  let n = 0;
  for (const c of wk) {
    for (const b of wj) {
      for (const a of wi) {
        weights[n] = a * b * c;
        if (weights[n] > 0) smallest = Math.min(smallest, weights[n]);
        n++;
      }
    }
  }
  const floor = Math.max(smallest, 1e-3);
  for (let at = 0; at < weights.length; at++) weights[at] = Math.max(weights[at], floor);
  return weights;
}

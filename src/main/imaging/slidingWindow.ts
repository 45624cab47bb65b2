/** Covers a volume with overlapping windows and blends their predictions, keeping only the slab that is still being written in memory. */
import { type Index3, voxelCount } from '../../shared/geometry';

/**
 * Where windows start along each axis, in voxels; windows are listed i fastest, k slowest.
 * They step by ⌊window·(1 − overlap)⌋ (a whole window where it spans the axis), and the last is moved back to the border, as in MONAI's `sliding_window_inference`.
 * Every side of `size` must be at least the window's: pad first (`padding`).
 */
export function windowStarts(size: Index3, window: Index3, overlap: number): Index3[] {
  const [si, sj, sk] = size.map((n, axis) => {
    const step = n === window[axis] ? n : Math.max(1, Math.floor(window[axis] * (1 - overlap)));
    const count = Math.max(1, Math.ceil((n - window[axis]) / step) + 1);
    return Array.from({ length: count }, (_, at) => Math.min(at * step, n - window[axis]));
  });
  return sk.flatMap((k) => sj.flatMap((j) => si.map((i): Index3 => [i, j, k])));
}

/** Zeros to add before and after each axis so that one window fits: half of what is missing in front, rounded down. */
export function padding(size: Index3, window: Index3): { before: Index3; size: Index3 } {
  const missing = size.map((n, axis) => Math.max(0, window[axis] - n));
  return {
    before: missing.map((n) => Math.floor(n / 2)) as unknown as Index3,
    size: size.map((n, axis) => n + missing[axis]) as unknown as Index3,
  };
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
  for (const c of wk)
    for (const b of wj)
      for (const a of wi) {
        weights[n] = a * b * c;
        if (weights[n] > 0) smallest = Math.min(smallest, weights[n]);
        n++;
      }
  const floor = Math.max(smallest, 1e-3);
  for (let at = 0; at < weights.length; at++) weights[at] = Math.max(weights[at], floor);
  return weights;
}

/** Receives finished slices, in order of k. `scores` holds `channels` planes of i·j, weighted means; it is reused after the call. */
export type TakeSlice = (k: number, scores: Float32Array) => void;

/**
 * Adds up weighted window predictions. Memory is channels · i · j · window depth, whatever the number of slices:
 * a slice is handed out, and its room used again, as soon as no later window can touch it.
 */
export class Blender {
  private readonly sums: Float32Array;
  private readonly weights: Float32Array;
  private readonly plane: number;
  /** First slice not yet handed out. */
  private next = 0;

  constructor(
    private readonly size: Index3,
    private readonly window: Index3,
    private readonly channels: number,
    private readonly importance: Float32Array,
    private readonly take: TakeSlice,
  ) {
    this.plane = size[0] * size[1];
    this.sums = new Float32Array(this.plane * channels * window[2]);
    this.weights = new Float32Array(this.plane * window[2]);
  }

  /** Adds one window: `scores` as channels × window voxels (i fastest). Windows must come in the order of `windowStarts`. */
  add([i0, j0, k0]: Index3, scores: Float32Array): void {
    this.finishBefore(k0);
    const [wi, wj, wk] = this.window;
    const perWindow = wi * wj * wk;
    for (let k = 0; k < wk; k++) {
      const slot = (k0 + k) % wk;
      for (let j = 0; j < wj; j++) {
        const from = wi * (j + wj * k);
        const to = i0 + this.size[0] * (j0 + j);
        const weightAt = slot * this.plane + to;
        for (let i = 0; i < wi; i++) this.weights[weightAt + i] += this.importance[from + i];
        for (let c = 0; c < this.channels; c++) {
          const sumAt = (slot * this.channels + c) * this.plane + to;
          const scoreAt = c * perWindow + from;
          for (let i = 0; i < wi; i++) this.sums[sumAt + i] += this.importance[from + i] * scores[scoreAt + i];
        }
      }
    }
  }

  /** Hands out what is left. Call once, after the last window. */
  finish(): void {
    this.finishBefore(this.size[2]);
  }

  private finishBefore(k: number): void {
    for (; this.next < k; this.next++) {
      const slot = this.next % this.window[2];
      const weights = this.weights.subarray(slot * this.plane, (slot + 1) * this.plane);
      const sums = this.sums.subarray(slot * this.channels * this.plane, (slot + 1) * this.channels * this.plane);
      for (let c = 0, n = 0; c < this.channels; c++) for (let at = 0; at < this.plane; at++, n++) sums[n] /= weights[at];
      this.take(this.next, sums);
      sums.fill(0);
      weights.fill(0);
    }
  }
}

/** Predicts a whole case by sliding a window over it, one slab of slices in memory at a time. */
import { gaussianImportance, windowStarts } from '../../imaging/slidingWindow';

type Triple = readonly [number, number, number];

/** A normalised study that can be read a few slices at a time, i fastest. */
export interface Slabs {
  size: Triple;
  outside: readonly number[];
  /** Slices k0 … k1−1 of one channel. */
  read(channel: number, k0: number, k1: number): Promise<Float32Array> | Float32Array;
}

/** Runs the network on one window: `image` [C, k, j, i] to class probabilities [K, k, j, i]. The answer may be reused by the next call. */
export type Network = (image: Float32Array) => Promise<Float32Array>;

export interface SlidingOptions {
  patch: Triple;
  classes: number;
  /** Share of a window that its neighbour covers too, 0 … <1. */
  overlap: number;
  /** Called after every window with the share done; throw to stop. */
  onWindow?(fraction: number): void | Promise<void>;
}

/**
 * Slides `patch`-sized windows over a study and blends their class probabilities with Gaussian weights (as MONAI's sliding_window_inference
 * does), handing over every slice as soon as no later window can change it. Memory: (K + C) × patch depth × slice, whatever the number of slices.
 * Studies smaller than the window are padded evenly on both sides with what lies outside.
 * @param onSlice gets k and the probabilities [K, j, i] of that slice; the array is reused
 */
export async function slideOver(
  study: Slabs,
  network: Network,
  options: SlidingOptions,
  onSlice: (k: number, probabilities: Float32Array) => void,
): Promise<void> {
  const { patch, classes, overlap } = options;
  const [ni, nj, nk] = study.size;
  const [pi, pj, pk] = patch;
  const channels = study.outside.length;
  const starts = [0, 1, 2].map((axis) => axisStarts(study.size[axis], patch[axis], overlap));
  const importance = gaussianImportance([pi, pj, pk]);
  const plane = ni * nj;
  const sums = new Float32Array(classes * pk * plane);
  const weights = new Float32Array(pk * plane);
  const slice = new Float32Array(classes * plane);
  const window = new Float32Array(channels * pi * pj * pk);
  const total = starts[0].length * starts[1].length * starts[2].length;
  let done = 0;

  function finish(base: number, until: number): void {
    const finished = until - base;
    for (let z = 0; z < finished; z++) {
      if (base + z < 0 || base + z >= nk) continue;
      for (let c = 0; c < classes; c++) {
        for (let v = 0; v < plane; v++) slice[c * plane + v] = sums[(c * pk + z) * plane + v] / weights[z * plane + v];
      }
      onSlice(base + z, slice);
    }
    // What later windows still add to moves to the front.
    for (let c = 0; c < classes; c++) {
      sums.copyWithin(c * pk * plane, (c * pk + finished) * plane, (c + 1) * pk * plane);
      sums.fill(0, ((c + 1) * pk - finished) * plane, (c + 1) * pk * plane);
    }
    weights.copyWithin(0, finished * plane);
    weights.fill(0, (pk - finished) * plane);
  }

  for (const [at, k0] of starts[2].entries()) {
    const [first, beyond] = [Math.max(0, k0), Math.min(nk, k0 + pk)];
    const slabs: Float32Array[] = [];
    for (let c = 0; c < channels; c++) slabs.push(await study.read(c, first, beyond));
    for (const j0 of starts[1]) {
      for (const i0 of starts[0]) {
        for (let c = 0; c < channels; c++) {
          const target = window.subarray(c * pi * pj * pk, (c + 1) * pi * pj * pk);
          gather(slabs[c], ni, nj, beyond - first, [i0, j0, k0 - first], patch, target, study.outside[c]);
        }
        const probabilities = await network(window);
        for (let z = Math.max(0, -k0); z < Math.min(pk, nk - k0); z++) {
          for (let y = Math.max(0, -j0); y < Math.min(pj, nj - j0); y++) {
            const from = Math.max(0, -i0);
            const to = Math.min(pi, ni - i0);
            const source = (z * pj + y) * pi;
            const target = z * plane + (j0 + y) * ni + i0;
            for (let x = from; x < to; x++) weights[target + x] += importance[source + x];
            for (let c = 0; c < classes; c++) {
              const s = c * pi * pj * pk + source;
              const t = c * pk * plane + target;
              for (let x = from; x < to; x++) sums[t + x] += importance[source + x] * probabilities[s + x];
            }
          }
        }
        done++;
        await options.onWindow?.(done / total);
      }
    }
    finish(k0, starts[2][at + 1] ?? k0 + pk);
  }
}

/** Window starts along one axis; a single negative one where the study is smaller than the window. */
function axisStarts(size: number, patch: number, overlap: number): number[] {
  return size < patch ? [-Math.floor((patch - size) / 2)] : windowStarts(size, patch, overlap);
}

/** Copies one window out of a slab; places outside get `outside`. */
function gather(
  slab: Float32Array,
  ni: number,
  nj: number,
  nk: number,
  [i0, j0, k0]: Triple,
  [pi, pj, pk]: Triple,
  target: Float32Array,
  outside: number,
): void {
  const whole = i0 >= 0 && j0 >= 0 && k0 >= 0 && i0 + pi <= ni && j0 + pj <= nj && k0 + pk <= nk;
  if (!whole) target.fill(outside);
  const [from, to] = [Math.max(0, i0), Math.min(ni, i0 + pi)];
  for (let z = Math.max(0, -k0); z < Math.min(pk, nk - k0); z++) {
    for (let y = Math.max(0, -j0); y < Math.min(pj, nj - j0); y++) {
      const source = ((k0 + z) * nj + j0 + y) * ni;
      target.set(slab.subarray(source + from, source + to), (z * pj + y) * pi + from - i0);
    }
  }
}

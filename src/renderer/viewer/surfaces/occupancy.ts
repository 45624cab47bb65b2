/** One structure of a label map as a smooth field between 0 and 1, cut to its box, so that a smooth surface can be drawn through it. */
import type { Index3 } from '../../../shared/geometry';
import { eachLine } from './lines';

/** Inclusive voxel ranges. */
export interface Box3 {
  readonly low: Index3;
  readonly high: Index3;
}

/** A field on a coarser, cut lattice: sample (x, y, z) lies at voxel `first + step·(x, y, z)`. */
export interface Field {
  readonly size: Index3;
  readonly values: Float32Array;
  readonly first: readonly [number, number, number];
  readonly step: number;
}

/** Bounding boxes of all structures, by index. */
export function boxesOf(labels: Uint8Array, size: Index3): Map<number, Box3> {
  const low = new Int32Array(256 * 3).fill(0x7fffffff);
  const high = new Int32Array(256 * 3).fill(-1);
  let at = 0;
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++) {
        const structure = labels[at++];
        if (structure === 0) continue;
        const base = 3 * structure;
        if (i < low[base]) low[base] = i;
        if (i > high[base]) high[base] = i;
        if (j < low[base + 1]) low[base + 1] = j;
        if (j > high[base + 1]) high[base + 1] = j;
        if (k < low[base + 2]) low[base + 2] = k;
        high[base + 2] = k;
      }
    }
  }
  const boxes = new Map<number, Box3>();
  for (let structure = 1; structure < 256; structure++) {
    const base = 3 * structure;
    if (high[base] < 0) continue;
    boxes.set(structure, { low: [low[base], low[base + 1], low[base + 2]], high: [high[base], high[base + 1], high[base + 2]] });
  }
  return boxes;
}

/** Step at which a box holds at most `mostSamples` samples. */
const stepFor = ({ low, high }: Box3, mostSamples: number): number =>
  Math.max(1, Math.ceil(Math.cbrt(low.reduce((product, from, axis) => product * (high[axis] - from + 1), 1) / mostSamples)));

/** Empty samples around the structure: the blur stays inside and the surface closes. */
const border = 4;

/** Share of each step³ block that belongs to the structure, 0…1. */
export function occupancyOf(labels: Uint8Array, size: Index3, structure: number, box: Box3, mostSamples = 900_000): Field {
  const step = stepFor(box, mostSamples);
  const cut = box.low.map((from, axis) => Math.ceil((box.high[axis] - from + 1) / step) + 2 * border) as unknown as Index3;
  const values = new Float32Array(cut[0] * cut[1] * cut[2]);
  const share = 1 / step ** 3;
  for (let k = box.low[2]; k <= box.high[2]; k++) {
    const z = Math.floor((k - box.low[2]) / step) + border;
    for (let j = box.low[1]; j <= box.high[1]; j++) {
      const y = Math.floor((j - box.low[1]) / step) + border;
      const row = cut[0] * (y + cut[1] * z) + border;
      let at = box.low[0] + size[0] * (j + size[1] * k);
      for (let i = box.low[0]; i <= box.high[0]; i++, at++) {
        if (labels[at] === structure) values[row + Math.floor((i - box.low[0]) / step)] += share;
      }
    }
  }
  const first = box.low.map((from) => from + (step - 1) / 2 - border * step) as [number, number, number];
  return { size: cut, values, first, step };
}

/** Passes of the binomial filter ¼ ½ ¼ along one axis, in place; each adds a variance of half a sample. Beyond the border all is 0. */
function blurAlong({ size, values }: Field, axis: number, passes: number): void {
  const line = new Float32Array(size[axis]);
  eachLine(size, axis, (start, stride, count) => {
    for (let pass = 0; pass < passes; pass++) {
      for (let n = 0; n < count; n++) line[n] = values[start + n * stride];
      for (let n = 0; n < count; n++) {
        values[start + n * stride] = 0.25 * ((n > 0 ? line[n - 1] : 0) + (n + 1 < count ? line[n + 1] : 0)) + 0.5 * line[n];
      }
    }
  });
}

/**
 * Passes along each axis that smooth by about the same length in millimetres, that of the coarsest axis: slices far apart then do
 * not show as steps. Structures a few voxels thin are smoothed as little as possible.
 */
function passesFor(spacing: readonly number[], thinnest: number): number[] {
  const coarsest = Math.max(...spacing);
  return spacing.map((mm) => (thinnest < 5 ? 1 : Math.min(8, Math.round(2 * (coarsest / mm) ** 2))));
}

/**
 * The level above which a field holds as many samples as its blocks hold volume: smoothing then shrinks nothing. It lies halfway
 * between the last sample that belongs and the first that does not, so that a structure of equal samples keeps its surface.
 */
function levelOfVolume({ values }: Field, samples: number): number {
  const [faint, certain] = [0.02, 0.98];
  const sure = values.reduce((count, value) => count + (value >= certain ? 1 : 0), 0);
  const unsure = values
    .filter((value) => value > faint && value < certain)
    .sort()
    .reverse();
  const rank = Math.round(samples) - sure;
  const last = unsure[rank - 1] ?? certain;
  return (last + (unsure[rank] ?? faint)) / 2;
}

/**
 * Smooth field of a structure and the level at which its surface encloses the structure's own volume.
 * @param spacing  Voxel size in mm, i j k.
 */
export function smoothField(
  labels: Uint8Array,
  size: Index3,
  spacing: readonly number[],
  structure: number,
  box: Box3,
): { field: Field; level: number } {
  const field = occupancyOf(labels, size, structure, box);
  const volume = field.values.reduce((sum, share) => sum + share, 0);
  const thinnest = Math.min(...box.low.map((from, axis) => box.high[axis] - from + 1));
  passesFor(spacing, thinnest).forEach((passes, axis) => {
    blurAlong(field, axis, passes);
  });
  return { field, level: levelOfVolume(field, volume) };
}

/**
 * What a volume teacher sees of a case, and its answer put back: crops on the teacher's own lattice. Cases lie on canonical axes; crops
 * keep these axes, so an oblique scan is not turned.
 */
import { type Affine, type Grid, type Index3, invert, type PointMm, spacingMm, toIndex, toMm, voxelCount } from '../../shared/geometry';
import type { HuWindow } from '../../shared/teachers';
import type { LabelMap, Volume, Voxels } from '../../shared/volume';
import { mapVoxels } from './canonical';
import { resample } from './resample';

/** The lattice and the intensities a teacher was trained on. */
export interface VolumeTeacher {
  spacingMm: number;
  /** Voxels along each side. */
  side: number;
  /** What intensities are brought into, where their unit is HU. */
  huWindow: HuWindow | null;
}

/** Voxels `from` … `to` − 1 along each axis. */
export interface Box {
  from: Index3;
  to: Index3;
}

/** The smallest box around a structure; null if no voxel belongs to it. */
export function boxAround({ grid: { size }, voxels }: LabelMap, structure: number): Box | null {
  const from = [...size];
  const to = [0, 0, 0];
  let n = 0;
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++, n++) {
        if (voxels[n] !== structure) continue;
        for (const [axis, at] of [i, j, k].entries()) {
          from[axis] = Math.min(from[axis], at);
          to[axis] = Math.max(to[axis], at + 1);
        }
      }
    }
  }
  return to[0] === 0 ? null : { from: from as unknown as Index3, to: to as unknown as Index3 };
}

/** The middle of a box. */
export const centreOf = (grid: Grid, { from, to }: Box): PointMm =>
  toMm(grid, from.map((at, axis) => (at + to[axis] - 1) / 2) as unknown as Index3);

/**
 * The grid of a crop of a canonical case around a point, which may lie anywhere: the crop then reaches over the border.
 * Its voxels lie on the teacher's lattice counted from the case's first voxel, so a case that has the teacher's spacing is cut and not
 * interpolated. The point is at most half a voxel from the crop's middle.
 */
export function teacherGrid(grid: Grid, centre: PointMm, { spacingMm: step, side }: Pick<VolumeTeacher, 'spacingMm' | 'side'>): Grid {
  const scale = spacingMm(grid).map((now) => step / now);
  const middle = toIndex(grid, centre);
  const first = scale.map((s, axis) => Math.round(middle[axis] / s - (side - 1) / 2) * s);
  return { size: [side, side, side], affine: placed(grid, first, scale) };
}

/** An affine with the same axes that starts at a fractional index and takes steps of `scale` voxels. */
function placed(grid: Grid, first: readonly number[], scale: readonly number[]): Affine {
  const start = toMm(grid, first as unknown as Index3);
  return grid.affine.map((entry, n) => (n >= 12 ? entry : n % 4 === 3 ? start[(n - 3) / 4] : entry * scale[n % 4]));
}

// As in resampling: a place that rounding moved by a hair over a border still counts as before it.
const hair = 1e-5;

/**
 * Voxels of `grid` whose centres lie within the body of `other`, outer faces of its voxels included.
 * @throws a plain error if the axes of the grids are not parallel
 */
export function overlap(grid: Grid, other: Grid): Box {
  const toOther = invert(other.affine);
  const steps = [0, 1, 2].map((axis) =>
    [0, 1, 2].map((row) => [0, 1, 2].reduce((sum, n) => sum + toOther[row * 4 + n] * grid.affine[n * 4 + axis], 0)),
  );
  if (steps.some((step, axis) => step.some((x, row) => (row === axis ? x <= 0 : Math.abs(x) * grid.size[axis] > 1e-3)))) {
    throw new Error('overlap: the axes of a crop and its case should be parallel');
  }
  const start = toIndex(other, toMm(grid, [0, 0, 0]));
  const within = (axis: number, place: number) =>
    Math.min(grid.size[axis], Math.max(0, Math.ceil((place - start[axis]) / steps[axis][axis] - hair)));
  const at = (places: readonly number[]): Index3 => [within(0, places[0]), within(1, places[1]), within(2, places[2])];
  return { from: at([-0.5, -0.5, -0.5]), to: at(other.size.map((n) => n - 0.5)) };
}

/** A volume's values on a crop's grid, i fastest, and 0 outside the volume: intensities 'linear', labels 'nearest'. */
export function crop<V extends Volume>(volume: V, grid: Grid, how: 'linear' | 'nearest'): V['voxels'] | Float32Array {
  const { voxels } = resample(volume, grid, how);
  clearOutside(voxels, grid.size, overlap(grid, volume.grid));
  return voxels;
}

function clearOutside(voxels: Voxels, size: Index3, box: Box): void {
  const isWithin = (at: number, axis: number) => at >= box.from[axis] && at < box.to[axis];
  for (let k = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      const row = size[0] * (j + size[1] * k);
      if (!isWithin(k, 2) || !isWithin(j, 1)) voxels.fill(0, row, row + size[0]);
      else voxels.fill(0, row, row + box.from[0]).fill(0, row + box.to[0], row + size[0]);
    }
  }
}

/**
 * The numbers a volume teacher takes in for a crop, in the order of its tensor [1, 1, i, j, k]: k fastest.
 * Intensities are interpolated, brought into a window where they are HU, 0 outside the case, and then z-scored by the voxels above 0.
 */
export function teacherImage(volume: Volume, grid: Grid, { huWindow }: VolumeTeacher, unit: 'HU' | 'other'): Float32Array {
  const values = Float32Array.from(crop(volume, grid, 'linear'));
  standardise(values, unit === 'HU' ? huWindow : null);
  return mapVoxels(values, grid.size, reversed);
}

/** Intensities of a crop, in any order, made what a volume teacher takes in: brought into the window, if there is one, then z-scored by those above 0. */
export function standardise(values: Float32Array, window: HuWindow | null): void {
  if (window) squeeze(values, window);
  zScore(values);
}

function squeeze(values: Float32Array, { range: [low, high], beyond }: HuWindow): void {
  for (let n = 0; n < values.length; n++) {
    const within = Math.min(high, Math.max(low, values[n]));
    values[n] = within + beyond * (values[n] - within);
  }
}

/**
 * Subtracts the mean and divides by the standard deviation of what is above 0 (torchio's z-normalisation with that mask, as SAM-Med3D
 * uses it; n − 1 in the variance). Where nothing is above 0, or all of it is alike, nothing is divided by.
 */
function zScore(values: Float32Array): void {
  let [count, sum, squares] = [0, 0, 0];
  for (const value of values) if (value > 0) [count, sum] = [count + 1, sum + value];
  const mean = sum / (count || 1);
  for (const value of values) if (value > 0) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / Math.max(1, count - 1)) || 1;
  for (let n = 0; n < values.length; n++) values[n] = (values[n] - mean) / deviation;
}

const reversed = { from: [2, 1, 0], isFlipped: [false, false, false] } as const;

/**
 * Puts a teacher's answer (logits or probabilities, [i, j, k] with k fastest, on the crop's grid) onto the case, interpolated at the centres
 * of its voxels. Voxels outside the crop stay as they are.
 */
export function pasteAnswer(answer: Float32Array, grid: Grid, into: { grid: Grid; voxels: Float32Array }): void {
  const size: Index3 = [grid.size[2], grid.size[1], grid.size[0]];
  paste({ grid, voxels: mapVoxels(answer, size, reversed) }, into, 'linear');
}

/** Writes what lies on a crop's grid, i fastest, into those voxels of a case that the crop covers, and into no other. */
export function paste<V extends Voxels>(from: { grid: Grid; voxels: V }, into: { grid: Grid; voxels: V }, how: 'linear' | 'nearest'): void {
  if (from.voxels.length !== voxelCount(from.grid)) {
    throw new Error(`paste: ${from.voxels.length} values, expected ${from.grid.size.join('×')}`);
  }
  const box = overlap(into.grid, from.grid);
  const [ni, nj, nk] = box.from.map((at, axis) => box.to[axis] - at);
  if (ni <= 0 || nj <= 0 || nk <= 0) return;
  const covered: Grid = { size: [ni, nj, nk], affine: placed(into.grid, box.from, [1, 1, 1]) };
  const { voxels } = resample(from, covered, how);
  for (let k = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      const row = ni * (j + nj * k);
      const to = box.from[0] + into.grid.size[0] * (box.from[1] + j + into.grid.size[1] * (box.from[2] + k));
      into.voxels.set(voxels.subarray(row, row + ni), to);
    }
  }
}

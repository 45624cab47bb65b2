/** Volumes of a case's structures, predicted against reference, and where two masks differ most. Pure. */
import type { Structure } from '../../../shared/domain';
import { type Grid, type Index3, type PointMm, toMm, voxelMl } from '../../../shared/geometry';

/** Voxels per structure index. */
type Counts = Record<number, number>;

export interface VolumeDifference {
  structure: Structure;
  referenceMl: number;
  predictedMl: number;
  /** Predicted minus reference. */
  differenceMl: number;
}

/** Millilitres of a structure in a mask. */
export const volumeMl = (counts: Counts, structure: number, grid: Pick<Grid, 'affine'>): number => (counts[structure] ?? 0) * voxelMl(grid);

/** Volume differences of all structures present in either mask, largest first. */
export function volumeDifferences(reference: Counts, predicted: Counts, structures: readonly Structure[], grid: Grid): VolumeDifference[] {
  return structures
    .filter(({ index }) => (reference[index] ?? 0) + (predicted[index] ?? 0) > 0)
    .map((structure) => {
      const referenceMl = volumeMl(reference, structure.index, grid);
      const predictedMl = volumeMl(predicted, structure.index, grid);
      return { structure, referenceMl, predictedMl, differenceMl: predictedMl - referenceMl };
    })
    .sort((a, b) => Math.abs(b.differenceMl) - Math.abs(a.differenceMl));
}

/** Voxels looked at before the page gets a turn: about 5 ms. */
const voxelsPerTurn = 2_000_000;

/**
 * A point inside the axial slice where two masks of one structure differ in the most voxels: the differing voxel nearest to their mean.
 * With one mask only, or two equal ones, the same for the structure itself. Null when the structure is in neither.
 * Gives the page a turn every few million voxels, so that a large volume does not freeze it.
 */
export async function placeToLook(
  grid: Grid,
  structure: number,
  first: Uint8Array,
  second: Uint8Array | null,
  signal?: AbortSignal,
): Promise<PointMm | null> {
  const isIn = (mask: Uint8Array, at: number) => mask[at] === structure;
  const differs = second && ((at: number) => isIn(first, at) !== isIn(second, at));
  const isThere = (at: number) => isIn(first, at) || (second !== null && isIn(second, at));
  const point = (differs && (await fullestSlice(grid, differs, signal))) ?? (await fullestSlice(grid, isThere, signal));
  return point && toMm(grid, point);
}

async function fullestSlice(grid: Grid, counts: (at: number) => boolean, signal?: AbortSignal): Promise<Index3 | null> {
  const [width, height, depth] = grid.size;
  let [best, bestSlice, sinceTurn] = [0, 0, 0];
  for (let k = 0; k < depth; k++) {
    let count = 0;
    for (let at = k * width * height; at < (k + 1) * width * height; at++) if (counts(at)) count++;
    if (count > best) [best, bestSlice] = [count, k];
    sinceTurn += width * height;
    if (sinceTurn > voxelsPerTurn) {
      sinceTurn = 0;
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
  }
  return best === 0 ? null : nearestToMean(grid, bestSlice, counts);
}

function nearestToMean({ size: [width, height] }: Grid, k: number, counts: (at: number) => boolean): Index3 {
  const found: [number, number][] = [];
  for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) if (counts(i + width * (j + height * k))) found.push([i, j]);
  const mean = [0, 1].map((axis) => found.reduce((sum, point) => sum + point[axis], 0) / found.length);
  const distance = ([i, j]: [number, number]) => (i - mean[0]) ** 2 + (j - mean[1]) ** 2;
  const [i, j] = found.reduce((nearest, point) => (distance(point) < distance(nearest) ? point : nearest));
  return [i, j, k];
}

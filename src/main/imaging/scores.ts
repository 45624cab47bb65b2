/**
 * How well a predicted mask agrees with the reference, per structure, with the definitions MONAI uses:
 * surfaces are the voxels a 6-neighbourhood erosion removes, HD95 is the larger of the two directed 95th percentiles (linear between ranks),
 * ASSD the mean over both surfaces' distances together, surface Dice the share of both surfaces within the tolerance.
 * medpy pools both directions before the percentile and DeepMind weighs by area, so their figures differ a little on the same masks.
 */
import type { StructureScore } from '../../shared/evaluation';
import { type Index3, spacingMm, voxelMl } from '../../shared/geometry';
import type { LabelMap } from '../../shared/volume';
import { type Block, squaredDistances, surfaceOf } from './distance';

/**
 * Scores every structure. Empty masks: both empty is full agreement (Dice 1) about nothing, so no distance and no surface;
 * one empty is Dice 0 and surface Dice 0 without a distance, as there is nothing to measure from. `note` names the case.
 * Distances use the edge lengths of the voxels; axes are taken as perpendicular. Both maps must lie on the same grid.
 */
export function scoreStructures(
  prediction: LabelMap,
  reference: LabelMap,
  structures: readonly number[],
  toleranceMm: number,
): StructureScore[] {
  if (prediction.voxels.length !== reference.voxels.length) {
    throw new Error(`scoreStructures: ${prediction.voxels.length} voxels against ${reference.voxels.length}`);
  }
  const tallies = tally(prediction.voxels, reference.voxels, reference.grid.size);
  const ml = voxelMl(reference.grid);
  return structures.map((structure) => {
    const { predicted, expected, both, block } = tallies(structure);
    const sizes = { structure, toleranceMm, volumeMl: predicted * ml, referenceMl: expected * ml };
    const nowhere = { hd95Mm: null, assdMm: null };
    if (predicted + expected === 0) return { ...sizes, ...nowhere, dice: 1, surfaceDice: null, note: 'both empty' };
    if (predicted === 0) return { ...sizes, ...nowhere, dice: 0, surfaceDice: 0, note: 'prediction empty' };
    if (expected === 0) return { ...sizes, ...nowhere, dice: 0, surfaceDice: 0, note: 'reference empty' };
    const distances = surfaceDistances(prediction, reference, structure, block);
    return { ...sizes, dice: (2 * both) / (predicted + expected), ...summarise(distances, toleranceMm), note: null };
  });
}

/** Distances in mm from each predicted surface voxel to the reference surface, and back; each sorted ascending. */
export interface SurfaceDistances {
  toReference: Float32Array;
  toPrediction: Float32Array;
}

/** The mask of `structure` must be present in both maps, and `block` must hold all of it. */
export function surfaceDistances(prediction: LabelMap, reference: LabelMap, structure: number, block: Block): SurfaceDistances {
  const size = reference.grid.size;
  const spacing = spacingMm(reference.grid);
  const predicted = surfaceOf(prediction.voxels, size, structure, block);
  const expected = surfaceOf(reference.voxels, size, structure, block);
  return {
    toReference: at(predicted, squaredDistances(expected, block.size, spacing)),
    toPrediction: at(expected, squaredDistances(predicted, block.size, spacing)),
  };
}

/** Roots of the squared distances where the mask is set, sorted. */
function at(mask: Uint8Array, squared: Float32Array): Float32Array {
  let count = 0;
  for (let n = 0; n < mask.length; n++) count += mask[n];
  const found = new Float32Array(count);
  for (let n = 0, next = 0; n < mask.length; n++) if (mask[n]) found[next++] = Math.sqrt(squared[n]);
  return found.sort();
}

/** Spacings often come from float32 files: a distance of exactly the tolerance must not fall out by rounding. */
const hairMm = 1e-4;

function summarise({ toReference, toPrediction }: SurfaceDistances, toleranceMm: number) {
  const all = toReference.length + toPrediction.length;
  const sum = (list: Float32Array) => list.reduce((total, x) => total + x, 0);
  const within = (list: Float32Array) => list.reduce((count, x) => count + (x <= toleranceMm + hairMm ? 1 : 0), 0);
  return {
    hd95Mm: Math.max(percentile(toReference, 0.95), percentile(toPrediction, 0.95)),
    assdMm: (sum(toReference) + sum(toPrediction)) / all,
    surfaceDice: (within(toReference) + within(toPrediction)) / all,
  };
}

/** Of a sorted, non-empty list; linear between neighbouring ranks. */
export function percentile(sorted: Float32Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)];
  return below + (rank - Math.floor(rank)) * (sorted[Math.ceil(rank)] - below);
}

/** Counts and bounding boxes (of prediction and reference together) of all values, in one pass. */
function tally(prediction: Uint8Array, reference: Uint8Array, [ni, nj, nk]: Index3) {
  const [predicted, expected, both] = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)];
  const low = Array.from({ length: 256 }, () => [ni, nj, nk]);
  const high = Array.from({ length: 256 }, () => [-1, -1, -1]);
  const grow = (value: number, i: number, j: number, k: number) => {
    const [from, to] = [low[value], high[value]];
    if (i < from[0]) from[0] = i;
    if (j < from[1]) from[1] = j;
    if (k < from[2]) from[2] = k;
    if (i > to[0]) to[0] = i;
    if (j > to[1]) to[1] = j;
    if (k > to[2]) to[2] = k;
  };
  for (let k = 0, n = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      for (let i = 0; i < ni; i++, n++) {
        const [p, r] = [prediction[n], reference[n]];
        if (p === 0 && r === 0) continue;
        predicted[p]++;
        expected[r]++;
        if (p > 0) grow(p, i, j, k);
        if (p === r) both[p]++;
        else if (r > 0) grow(r, i, j, k);
      }
    }
  }
  return (value: number) => ({
    predicted: predicted[value],
    expected: expected[value],
    both: both[value],
    block: {
      from: low[value] as unknown as Index3,
      size: high[value].map((to, axis) => to - low[value][axis] + 1) as unknown as Index3,
    } satisfies Block,
  });
}

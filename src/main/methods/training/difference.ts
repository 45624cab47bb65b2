/** Two teachers' opinions about one structure in one crop: what they agree on, and what they see differently and how surely. */
import { type Grid, type Index3, voxelMl } from '../../../shared/geometry';
import type { Difference } from '../../../shared/ledger';
import { forEachWithin } from './moments';

export interface TwoOpinions {
  /** Probabilities of the structure in the crop, i fastest. */
  ct: Float32Array;
  pet: Float32Array;
}

/** The mean of both: where it is above ½ is the mask that a student learns from when both teachers count the same. */
export const agreedOn = ({ ct, pet }: TwoOpinions): Float32Array => ct.map((p, at) => (p + pet[at]) / 2);

/**
 * What only one of them takes for the structure (probability above ½), as far as the crop lies in the case.
 * @param origin first voxel of the crop, which may lie outside the case
 */
export function differenceOf({ ct, pet }: TwoOpinions, grid: Grid, origin: Index3, patch: Index3): Difference {
  const sums = { voxels: 0, ct: 0, pet: 0 };
  forEachWithin(grid, origin, patch, (at) => {
    if (ct[at] > 0.5 === pet[at] > 0.5) return;
    sums.voxels++;
    sums.ct += surenessOf(ct[at]);
    sums.pet += surenessOf(pet[at]);
  });
  const { voxels } = sums;
  return { volumeMl: voxels * voxelMl(grid), sureness: voxels === 0 ? null : { ct: sums.ct / voxels, pet: sums.pet / voxels } };
}

/** A device's σ may pass 1 by a rounding. */
const surenessOf = (p: number): number => Math.min(1, Math.abs(2 * p - 1));

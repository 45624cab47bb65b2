/** The next click of somebody who knows the truth: on what a mask misses, or beside the object on what it has too much. */
import type { Random } from '../../../shared/random';

export interface CorrectClick {
  /** Place in the array. */
  at: number;
  isPositive: boolean;
}

/**
 * A random voxel of all that is wrong, as SAM-Med3D was trained with; without a mask, any voxel of the object. Null where nothing is wrong.
 * @param truth 0 or 1
 * @param logits of the mask so far, above 0 is inside
 */
export function randomCorrection(truth: Uint8Array, logits: Float32Array | null, stream: Random): CorrectClick | null {
  const wrong: number[] = [];
  if (logits) for (let n = 0; n < truth.length; n++) if ((truth[n] === 1) !== logits[n] > 0) wrong.push(n);
  if (!logits) for (let n = 0; n < truth.length; n++) if (truth[n] === 1) wrong.push(n);
  if (wrong.length === 0) return null;
  const at = wrong[stream.integer(wrong.length)];
  return { at, isPositive: truth[at] === 1 };
}

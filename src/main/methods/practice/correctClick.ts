/** The next click of somebody who knows the truth: on what a mask misses, or beside the object on what it has too much. */
import type { Random } from '../../../shared/random';

export interface CorrectClick {
  /** Place in the array. */
  at: number;
  isPositive: boolean;
}

/** How far around a voxel one looks to tell the midst of a mistake from its rim. */
const reach = 2;

/**
 * A random voxel of all that is wrong, as SAM-Med3D was trained with; without a mask, any voxel of the object. Null where nothing is wrong.
 * @param truth  0 or 1, on a lattice of `sides`, slowest axis first
 * @param logits of the mask so far, above 0 is inside
 * @param among  so many are drawn, and the one in the midst of most that is wrong is clicked on, as a person would; 1 clicks anywhere
 */
export function randomCorrection(
  truth: Uint8Array,
  logits: Float32Array | null,
  sides: readonly number[],
  stream: Random,
  among = 1,
): CorrectClick | null {
  const isWrong = (n: number) => (logits ? (truth[n] === 1) !== logits[n] > 0 : truth[n] === 1);
  const wrong: number[] = [];
  for (let n = 0; n < truth.length; n++) if (isWrong(n)) wrong.push(n);
  if (wrong.length === 0) return null;
  let [at, most] = [wrong[stream.integer(wrong.length)], -1];
  for (let drawn = 1; drawn < among; drawn++) {
    if (most < 0) most = wrongAround(at, truth, isWrong, sides);
    const other = wrong[stream.integer(wrong.length)];
    const around = wrongAround(other, truth, isWrong, sides);
    if (around > most) [at, most] = [other, around];
  }
  return { at, isPositive: truth[at] === 1 };
}

/** Voxels of the same mistake (missed, or too much) in the box around one. */
function wrongAround(at: number, truth: Uint8Array, isWrong: (n: number) => boolean, sides: readonly number[]): number {
  const count = (axis: number, start: number, stride: number): number => {
    if (axis < 0) return Number(truth[start] === truth[at] && isWrong(start));
    const here = Math.floor(at / stride) % sides[axis];
    let sum = 0;
    for (let n = Math.max(0, here - reach); n <= Math.min(sides[axis] - 1, here + reach); n++) {
      sum += count(axis - 1, start + n * stride, stride * sides[axis]);
    }
    return sum;
  };
  return count(sides.length - 1, 0, 1);
}

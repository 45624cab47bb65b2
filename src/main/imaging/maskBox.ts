/** A mask cut to the smallest box around it. */
import type { Index3 } from '../../shared/geometry';
import type { VoxelBox } from '../../shared/prompts';
import { eachRow } from './labelEdit';

/**
 * What of a box of logits lies above 0.
 * @param logits the voxels of `within`, i fastest
 * @returns the voxels of `box` (1 in the mask) and how many of them are in the mask; an empty box where none is
 */
export function maskOf(logits: Float32Array, within: VoxelBox): { box: VoxelBox; voxels: Uint8Array<ArrayBuffer>; count: number } {
  const { origin, size } = within;
  const [from, to] = [[...size], [0, 0, 0]];
  let count = 0;
  for (let k = 0, n = 0; k < size[2]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[0]; i++, n++) {
        if (!(logits[n] > 0)) continue;
        count++;
        for (const [axis, at] of [i, j, k].entries()) {
          if (at < from[axis]) from[axis] = at;
          if (at >= to[axis]) to[axis] = at + 1;
        }
      }
    }
  }
  if (count === 0) return { box: { origin, size: [0, 0, 0] }, voxels: new Uint8Array(0), count };
  const part: VoxelBox = { origin: triple(from), size: triple(to.map((end, axis) => end - from[axis])) };
  const voxels = new Uint8Array(part.size[0] * part.size[1] * part.size[2]);
  let at = 0;
  eachRow(size, part, (row, length) => {
    for (let n = row; n < row + length; n++) voxels[at++] = logits[n] > 0 ? 1 : 0;
  });
  return { box: { origin: triple(from.map((first, axis) => first + origin[axis])), size: part.size }, voxels, count };
}

const triple = ([i, j, k]: readonly number[]): Index3 => [i, j, k];

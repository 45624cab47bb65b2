/** Rearrangements made of shape ops: roll, repeat, channels to pixels. */
import type { Value } from '../graph';
import { spread } from './blocks';
import { concat, expand, reshape, slice } from './shape';

/** Moves everything `by` places along an axis; what leaves at the end comes back at the start. */
export function roll(x: Value, by: number, axis: number): Value {
  const side = x.dims[axis];
  const cut = side === 0 ? 0 : ((-by % side) + side) % side;
  return cut === 0 ? x : concat([slice(x, axis, cut, side), slice(x, axis, 0, cut)], axis);
}

/** The whole of x `counts[axis]` times along each axis (PyTorch's `repeat`). */
export function tile(x: Value, counts: readonly number[]): Value {
  if (counts.length !== x.dims.length) throw new Error(`tile: ${counts.length} counts for ${x.dims.length} axes`);
  const pairs = reshape(
    x,
    x.dims.flatMap((side) => [1, side]),
  );
  const spread = expand(
    pairs,
    x.dims.flatMap((side, axis) => [counts[axis], side]),
  );
  return reshape(
    spread,
    x.dims.map((side, axis) => side * counts[axis]),
  );
}

/** Every slice along an axis `count` times in a row (PyTorch's `repeat_interleave`). */
export function repeatEach(x: Value, count: number, axis: number): Value {
  const apart = reshape(x, x.dims.toSpliced(axis + 1, 0, 1));
  return reshape(expand(apart, apart.dims.with(axis + 1, count)), x.dims.with(axis, x.dims[axis] * count));
}

/** [N, C·rᵈ, …] as [N, C, …·r]: each block of channels becomes a block of r voxels per axis. */
export const pixelShuffle = (x: Value, r: number): Value =>
  spread(
    x,
    x.dims.slice(2).map(() => r),
  );

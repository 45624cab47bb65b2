/** Surfaces of masks and exact Euclidean distances to them, for any voxel size. */
import { type Index3, voxelCount } from '../../shared/geometry';

/** A block of voxels within a larger lattice: first index and size per axis. */
export interface Block {
  from: Index3;
  size: Index3;
}

/**
 * The voxels of `value` inside a block that touch something else through one of their six faces, as 1s over the block.
 * Outside the whole lattice counts as something else.
 */
export function surfaceOf(labels: Uint8Array, size: Index3, value: number, { from, size: [bi, bj, bk] }: Block): Uint8Array {
  const [ni, nj, nk] = size;
  const [sj, sk] = [ni, ni * nj];
  const surface = new Uint8Array(bi * bj * bk);
  for (let k = 0, n = 0; k < bk; k++) {
    for (let j = 0; j < bj; j++) {
      const [y, z] = [from[1] + j, from[2] + k];
      const isEdgeRow = y === 0 || z === 0 || y === nj - 1 || z === nk - 1;
      let at = from[0] + ni * (y + nj * z);
      for (let i = 0; i < bi; i++, n++, at++) {
        if (labels[at] !== value) continue;
        const x = from[0] + i;
        const isBorder = isEdgeRow || x === 0 || x === ni - 1;
        if (
          isBorder ||
          labels[at - 1] !== value ||
          labels[at + 1] !== value ||
          labels[at - sj] !== value ||
          labels[at + sj] !== value ||
          labels[at - sk] !== value ||
          labels[at + sk] !== value
        ) {
          surface[n] = 1;
        }
      }
    }
  }
  return surface;
}

/**
 * Squared distance in mm² from every voxel centre to the nearest set voxel's centre; infinite everywhere if none is set.
 * Exact, in time linear in the voxels (Felzenszwalb & Huttenlocher 2012, Theory of Computing 8): one pass per axis, each the lower envelope of parabolas.
 */
export function squaredDistances(mask: Uint8Array, size: Index3, spacing: readonly [number, number, number]): Float32Array {
  const distance = new Float32Array(voxelCount({ size }));
  for (let n = 0; n < distance.length; n++) distance[n] = mask[n] ? 0 : Number.POSITIVE_INFINITY;
  const strides = [1, size[0], size[0] * size[1]];
  const longest = Math.max(...size);
  const scratch = { line: new Float64Array(longest), root: new Int32Array(longest), bound: new Float64Array(longest + 1) };
  for (const axis of [0, 1, 2] as const) {
    const [a, b] = ([0, 1, 2] as const).filter((other) => other !== axis);
    for (let q = 0; q < size[b]; q++) {
      for (let p = 0; p < size[a]; p++)
        sweep(distance, p * strides[a] + q * strides[b], strides[axis], size[axis], spacing[axis] ** 2, scratch);
    }
  }
  return distance;
}

interface Scratch {
  line: Float64Array;
  /** Index of each parabola of the envelope, and where it takes over from the one before. */
  root: Int32Array;
  bound: Float64Array;
}

/** min over q of values[q] + step²·(p − q)², in place along one line. */
function sweep(values: Float32Array, start: number, stride: number, length: number, step2: number, { line, root, bound }: Scratch): void {
  let count = 0;
  for (let p = 0; p < length; p++) {
    const value = values[start + p * stride];
    line[p] = value;
    if (value === Number.POSITIVE_INFINITY) continue;
    let crossing = Number.NEGATIVE_INFINITY;
    while (count > 0) {
      const q = root[count - 1];
      crossing = ((value - line[q]) / step2 + p * p - q * q) / (2 * (p - q));
      if (crossing > bound[count - 1]) break;
      count--;
    }
    root[count] = p;
    bound[count] = count === 0 ? Number.NEGATIVE_INFINITY : crossing;
    count++;
  }
  if (count === 0) return;
  for (let p = 0, piece = 0; p < length; p++) {
    while (piece + 1 < count && bound[piece + 1] < p) piece++;
    const q = root[piece];
    values[start + p * stride] = line[q] + step2 * (p - q) ** 2;
  }
}

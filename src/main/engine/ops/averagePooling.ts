/** Average pooling: each axis is a small constant matrix, as in interpolation. */
import type { Value } from '../graph';
import { showDims } from '../tensor';
import { along, axisMatrix } from './axisMatrix';
import type { PoolOptions } from './pooling';

export interface AveragePoolOptions extends PoolOptions {
  /** Whether the zeros around the image count as voxels; yes unless stated, as in PyTorch. */
  countsPadding?: boolean;
}

/** The mean of each window of [N, C, …]. A window that starts or ends outside sees zeros there, counted or not. */
export function averagePool(x: Value, kernel: readonly number[], options: AveragePoolOptions = {}): Value {
  const { strides = kernel, padding = kernel.map(() => 0), countsPadding = true } = options;
  if (kernel.length !== x.dims.length - 2) throw new Error(`averagePool: a window of ${kernel.length} axes on ${showDims(x.dims)}`);
  return kernel.reduce((y, side, i) => {
    const from = x.dims[i + 2];
    const to = Math.floor((from + 2 * padding[i] - side) / strides[i]) + 1;
    if (to < 1 || 2 * padding[i] > side) {
      throw new Error(`averagePool: a window of ${side} with padding ${padding[i]} does not fit into ${showDims(x.dims)}`);
    }
    return over(y, i + 2, to, (t) => {
      const start = t * strides[i] - padding[i];
      const counted = countsPadding ? Math.min(start + side, from + padding[i]) - start : 0;
      return { start: Math.max(0, start), end: Math.min(from, start + side), counted };
    });
  }, x);
}

/** Means of parts of nearly equal size: part t of an axis is ⌊t·from/to⌋ … ⌈(t + 1)·from/to⌉. */
export function adaptiveAveragePool(x: Value, size: readonly number[]): Value {
  if (size.length !== x.dims.length - 2) throw new Error(`adaptiveAveragePool: ${size.length} sides for ${showDims(x.dims)}`);
  return size.reduce((y, to, i) => {
    const from = x.dims[i + 2];
    return over(y, i + 2, to, (t) => ({ start: Math.floor((t * from) / to), end: Math.ceil(((t + 1) * from) / to), counted: 0 }));
  }, x);
}

/** Means along one axis over start … end − 1, divided by `counted` where that is not 0, else by their number. */
function over(x: Value, axis: number, to: number, window: (t: number) => { start: number; end: number; counted: number }): Value {
  const matrix = axisMatrix(to, x.dims[axis], (t) => {
    const { start, end, counted } = window(t);
    return Array.from({ length: end - start }, (_, i) => [start + i, 1 / (counted || end - start)] as const);
  });
  return along(x, axis, matrix);
}

/** Walking a lattice line by line along one axis: the shape of every separable filter. */
import type { Index3 } from '../../../shared/geometry';

/** Calls `visit` with the first sample of every line along `axis`; samples of a line are `stride` apart. */
export function eachLine(size: Index3, axis: number, visit: (start: number, stride: number, count: number) => void): void {
  const strides = [1, size[0], size[0] * size[1]];
  const [p, q] = [0, 1, 2].filter((other) => other !== axis);
  for (let b = 0; b < size[q]; b++) {
    for (let a = 0; a < size[p]; a++) visit(a * strides[p] + b * strides[q], strides[axis], size[axis]);
  }
}

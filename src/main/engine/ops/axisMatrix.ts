/** A small constant matrix applied along one axis: interpolation and averaging on grids, one axis at a time. */
import { type Constant, constant, type Value } from '../graph';
import { sizeOf } from '../tensor';
import { matmul } from './linear';
import { reshape } from './shape';

/** The matrix [to, from] whose row t holds these weights of the input's places; weights for one place add up. */
export function axisMatrix(to: number, from: number, taps: (t: number) => readonly (readonly [place: number, weight: number])[]): Constant {
  const data = new Float32Array(to * from);
  for (let t = 0; t < to; t++) for (const [place, weight] of taps(t)) data[t * from + place] += weight;
  return constant({ dims: [to, from], data });
}

/** matrix [m, side] applied along one axis. */
export function along(x: Value, axis: number, matrix: Constant): Value {
  const [before, after] = [sizeOf(x.dims.slice(0, axis)), sizeOf(x.dims.slice(axis + 1))];
  const dims = x.dims.with(axis, matrix.dims[0]);
  if (after === 1) return reshape(matmul(reshape(x, [before, x.dims[axis]]), transposed(matrix)), dims);
  return reshape(matmul(matrix, reshape(x, [before, x.dims[axis], after])), dims);
}

export function transposed(matrix: Constant): Constant {
  const [rows, columns] = matrix.dims;
  const data = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[c * rows + r] = (matrix.data as Float32Array)[r * columns + c];
  return constant({ dims: [columns, rows], data });
}

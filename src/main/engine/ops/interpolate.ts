/** Linear interpolation on grids: each axis is a small constant matrix, so its gradient is the transposed one. */
import { type Attributes, absent, type Constant, constant, defineOp, integers, integersOf, type Op, type Value } from '../graph';
import { matmul } from './linear';
import { reshape } from './shape';

/** Where the first and last samples lie: `aligned` puts them on the corners' centres, `halfPixel` keeps the extent. */
export type Corners = 'aligned' | 'halfPixel';

/** Weights [to, from] of linear interpolation along an axis; outside the first and last sample the nearest one holds. */
function weights(from: number, to: number, corners: Corners): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let t = 0; t < to; t++) {
    const wanted = corners === 'aligned' ? (to === 1 ? 0 : (t * (from - 1)) / (to - 1)) : ((t + 0.5) * from) / to - 0.5;
    const at = Math.min(from - 1, Math.max(0, wanted));
    const below = Math.min(from - 1, Math.floor(at));
    matrix[t * from + below] += 1 - (at - below);
    if (at > below) matrix[t * from + below + 1] += at - below;
  }
  return matrix;
}

/** matrix [m, side] applied along one axis. */
function along(x: Value, axis: number, matrix: Constant): Value {
  const product = (dims: readonly number[]) => dims.reduce((p, side) => p * side, 1);
  const [before, after] = [product(x.dims.slice(0, axis)), product(x.dims.slice(axis + 1))];
  const dims = x.dims.map((side, i) => (i === axis ? matrix.dims[0] : side));
  if (after === 1) return reshape(matmul(reshape(x, [before, x.dims[axis]]), transposed(matrix)), dims);
  return reshape(matmul(matrix, reshape(x, [before, x.dims[axis], after])), dims);
}
function transposed(matrix: Constant): Constant {
  const [rows, columns] = matrix.dims;
  const data = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[c * rows + r] = (matrix.data as Float32Array)[r * columns + c];
  return constant({ dims: [columns, rows], data });
}

const cornersOf = (attributes: Attributes): Corners =>
  attributes.coordinate_transformation_mode === 'align_corners' ? 'aligned' : 'halfPixel';
const matrixOf = (x: Value, axis: number, to: number, corners: Corners) =>
  constant({ dims: [to, x.dims[axis]], data: weights(x.dims[axis], to, corners) });

/** Linear interpolation onto another size. y = W·x on every axis; dx = Wᵀ·g. */
const resize: Op = defineOp('Resize', {
  shape: resized,
  grad: (g, _y, [x], attributes) => {
    let back = g;
    for (let axis = 2; axis < x.dims.length; axis++) {
      if (g.dims[axis] !== x.dims[axis]) back = along(back, axis, transposed(matrixOf(x, axis, g.dims[axis], cornersOf(attributes))));
    }
    return [back, null, null, null];
  },
  lower: (inputs, attributes) => {
    const [x] = inputs;
    const to = resized(inputs);
    let y = x;
    // Innermost axis first: the early, small products are the ones with short rows.
    for (let axis = x.dims.length - 1; axis >= 2; axis--) {
      if (to[axis] !== x.dims[axis]) y = along(y, axis, matrixOf(x, axis, to[axis], cornersOf(attributes)));
    }
    return y;
  },
});

/** The size asked for: as factors where these are whole, so that the model does not fix the batch; else as numbers of voxels. */
function resized([x, , scales, sizes]: readonly Value[]): number[] {
  if (sizes !== absent) return integersOf(sizes);
  return x.dims.map((side, axis) => side * Number((scales as Constant).data[axis]));
}

/** Linear, bilinear or trilinear interpolation of [N, C, …] onto the given spatial size. */
export function interpolate(x: Value, size: readonly number[], corners: Corners): Value {
  const factors = size.map((to, i) => to / x.dims[i + 2]);
  const isWhole = factors.every(Number.isInteger);
  const scales = isWhole ? constant({ dims: [x.dims.length], data: Float32Array.of(1, 1, ...factors) }) : absent;
  return resize.of([x, absent, scales, isWhole ? absent : integers([...x.dims.slice(0, 2), ...size])], {
    mode: 'linear',
    coordinate_transformation_mode: corners === 'aligned' ? 'align_corners' : 'half_pixel',
  });
}

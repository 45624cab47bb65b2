/** Pooling. */
import { type Attributes, defineOp, elements, integers, integersOf, listOf, type Op, type Value } from '../graph';
import { cast, constantLike, equal, mul, sub } from './elementwise';
import { concat, padOrCrop, reshape, slice } from './shape';

function pooled([x]: readonly Value[], attributes: Attributes): number[] {
  const [kernel, strides] = [listOf(attributes, 'kernel_shape'), listOf(attributes, 'strides')];
  if (kernel.length !== x.dims.length - 2) throw new Error(`MaxPool: a window of ${kernel.length} axes on ${x.dims.length - 2}`);
  return x.dims.map((side, axis) => (axis < 2 ? side : Math.floor((side - kernel[axis - 2]) / strides[axis - 2]) + 1));
}

/** Where in the flattened input each maximum was found; the first of equals. */
const positions: Op = defineOp('MaxPool', {
  output: 1,
  shape: (inputs, attributes) => ({ dims: pooled(inputs, attributes), dtype: 'int64' }),
  grad: () => [null],
});

/** Puts numbers back where a max-pooling without overlap found them, zeros elsewhere. Linear: its gradient picks them up again. */
const unpool: Op = defineOp('MaxUnpool', {
  shape: ([, , shape]) => integersOf(shape),
  grad: (g, _y, [, where]) => [reshape(gatherFlat.of([flat(g), flat(where)], { axis: 0 }), where.dims), null, null],
});
/** Adds numbers at flat positions of a list. */
const scatterAdd: Op = defineOp('ScatterElements', {
  shape: ([into]) => into.dims,
  grad: (g, _y, [, where]) => [g, null, gatherFlat.of([g, where], { axis: 0 })],
});
/** Picks numbers at flat positions of a list. */
const gatherFlat: Op = defineOp('GatherElements', {
  shape: ([, where]) => where.dims,
  grad: (g, _y, [x, where]) => [scatterAdd.of([constantLike(x, 0), where, g], { axis: 0, reduction: 'add' }), null],
});
const flat = (v: Value) => reshape(v, [elements(v)]);

/** Largest voxel of each window. The gradient goes to the voxel that was largest; to the first of equals. */
const maxPoolOp: Op = defineOp('MaxPool', {
  shape: pooled,
  grad: (g, y, [x], attributes) => [maxPoolGradient.of([g, x, y], attributes)],
});

/** Not an ONNX operator: GPUs do not tell where a maximum was, so there it is found again by comparing. */
const maxPoolGradient: Op = defineOp('MaxPoolGradient', {
  shape: ([, x]) => x.dims,
  grad: () => {
    throw new Error('MaxPoolGradient: second derivatives are not defined');
  },
  lower: ([g, x, y], attributes, form) => {
    const [kernel, strides] = [listOf(attributes, 'kernel_shape'), listOf(attributes, 'strides')];
    const tiles = kernel.every((side, axis) => side === strides[axis]);
    if (form === 'gpu' && tiles) return byComparison(g, x, y, kernel);
    const where = positions.of([x], attributes);
    if (tiles) return unpool.of([g, where, integers(x.dims)], { kernel_shape: kernel, strides });
    const sums = scatterAdd.of([constantLike(flat(x), 0), flat(where), flat(g)], { axis: 0, reduction: 'add' });
    return reshape(sums, x.dims);
  },
});

/** Windows that tile the image: each voxel of the window in turn gets the gradient if it equals the maximum and none before it did. */
function byComparison(g: Value, x: Value, y: Value, kernel: readonly number[]): Value {
  const [batch, channels, ...sides] = y.dims;
  const cut = kernel.map((side, i) => x.dims[i + 2] - side * sides[i]);
  const none = kernel.map(() => 0);
  const tiled = padOrCrop(
    x,
    none,
    cut.map((count) => -count),
  );
  const windows = reshape(tiled, [batch, channels, ...sides.flatMap((side, i) => [side, kernel[i]])]);
  const one = [batch, channels, ...sides.flatMap((side) => [side, 1])];
  const [slope, most] = [reshape(g, one), reshape(y, one)];
  let free: Value = constantLike(slope, 1);
  const visit = (part: Value, axis: number): Value => {
    if (axis === kernel.length) {
      const takes = mul(free, cast(equal(part, most), part.dtype));
      free = sub(free, takes);
      return mul(slope, takes);
    }
    const at = 2 * axis + 3;
    return concat(
      Array.from({ length: kernel[axis] }, (_, i) => visit(slice(part, at, i, i + 1), axis + 1)),
      at,
    );
  };
  return padOrCrop(reshape(visit(windows, 0), tiled.dims), none, cut);
}

/** Max-pooling without padding. */
export function maxPool(x: Value, kernel: readonly number[], strides: readonly number[] = kernel): Value {
  return maxPoolOp.of([x], { kernel_shape: kernel, strides });
}

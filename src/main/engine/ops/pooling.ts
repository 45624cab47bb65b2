/** Pooling. */
import { type Attributes, defineOp, elements, integers, integersOf, listOf, type Op, type Value } from '../graph';
import { constantLike } from './elementwise';
import { reshape } from './shape';

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
  grad: (g, _y, [x], attributes) => {
    const where = positions.of([x], attributes);
    const [kernel, strides] = [listOf(attributes, 'kernel_shape'), listOf(attributes, 'strides')];
    if (kernel.every((side, axis) => side <= strides[axis])) {
      return [unpool.of([g, where, integers(x.dims)], { kernel_shape: kernel, strides })];
    }
    const sums = scatterAdd.of([constantLike(flat(x), 0), flat(where), flat(g)], { axis: 0, reduction: 'add' });
    return [reshape(sums, x.dims)];
  },
});
/** Max-pooling without padding. */
export function maxPool(x: Value, kernel: readonly number[], strides: readonly number[] = kernel): Value {
  return maxPoolOp.of([x], { kernel_shape: kernel, strides });
}

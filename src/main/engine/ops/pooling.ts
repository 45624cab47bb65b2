/** Pooling. */
import { type Attributes, defineOp, elements, type Op, type Value } from '../graph';
import { constantLike } from './elementwise';
import { reshape } from './shape';

const pooled = ([x]: readonly Value[], { kernel_shape, strides }: Attributes): number[] => {
  const [kernel, by] = [kernel_shape, strides] as (readonly number[])[];
  if (kernel.length !== x.dims.length - 2) throw new Error(`MaxPool: a window of ${kernel.length} axes on ${x.dims.length - 2}`);
  return x.dims.map((side, axis) => (axis < 2 ? side : Math.floor((side - kernel[axis - 2]) / by[axis - 2]) + 1));
};

/** Adds `updates` to (or puts them into) a flat list at the given positions. */
const scatter: Op = defineOp('ScatterElements', {
  shape: ([into]) => into.dims,
  grad: (g, _y, [, positions], { reduction }) => [reduction === 'add' ? g : null, null, gatherFlat.of([g, positions], { axis: 0 })],
});
const gatherFlat: Op = defineOp('GatherElements', {
  shape: ([, positions]) => positions.dims,
  grad: (g, _y, [x, positions]) => [scatter.of([constantLike(x, 0), positions, g], { axis: 0, reduction: 'add' }), null],
});

/** Where in the flattened input each maximum was found; the first of equals. */
const positions: Op = defineOp('MaxPool', {
  output: 1,
  shape: (inputs, attributes) => ({ dims: pooled(inputs, attributes), dtype: 'int64' }),
  grad: () => [null],
});

/** Largest voxel of each window. The gradient goes to the voxel that was largest; to the first of equals. */
const maxPoolOp: Op = defineOp('MaxPool', {
  shape: pooled,
  grad: (g, _y, [x], attributes) => {
    const overlapping = (attributes.kernel_shape as number[]).some((side, axis) => side > (attributes.strides as number[])[axis]);
    const flat = (v: Value) => reshape(v, [elements(v)]);
    const where = flat(positions.of([x], attributes));
    const none = constantLike(flat(x), 0);
    return [reshape(scatter.of([none, where, flat(g)], { axis: 0, reduction: overlapping ? 'add' : 'none' }), x.dims)];
  },
});
/** Max-pooling without padding. */
export function maxPool(x: Value, kernel: readonly number[], strides: readonly number[] = kernel): Value {
  return maxPoolOp.of([x], { kernel_shape: kernel, strides });
}

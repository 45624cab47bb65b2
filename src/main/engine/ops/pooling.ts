/** Max-pooling. */
import { type Attributes, defineOp, integers, integersOf, listOf, type Op, type Value } from '../graph';
import { showDims } from '../tensor';
import { constantLike } from './elementwise';
import { flat, gather, scatterAdd } from './indexing';
import { byComparison, byComparisonOfTiles } from './poolingByComparison';
import { reshape } from './shape';

export interface PoolOptions {
  /** Per spatial axis; the window's sides unless given. */
  strides?: readonly number[];
  /** Voxels around the image on both sides of each axis; none unless given. */
  padding?: readonly number[];
}

const geometry = (attributes: Attributes) => {
  const kernel = listOf(attributes, 'kernel_shape');
  const pads = attributes.pads as readonly number[] | undefined;
  return { kernel, strides: listOf(attributes, 'strides'), padding: pads?.slice(0, kernel.length) ?? kernel.map(() => 0) };
};

function pooled([x]: readonly Value[], attributes: Attributes): number[] {
  const { kernel, strides, padding } = geometry(attributes);
  if (kernel.length !== x.dims.length - 2) throw new Error(`MaxPool: a window of ${kernel.length} axes on ${x.dims.length - 2}`);
  return x.dims.map((side, axis) => {
    if (axis < 2) return side;
    const [window, room] = [kernel[axis - 2], padding[axis - 2]];
    const to = Math.floor((side + 2 * room - window) / strides[axis - 2]) + 1;
    if (to < 1 || 2 * room > window) {
      throw new Error(`MaxPool: a window of ${showDims(kernel)} with padding ${showDims(padding)} does not fit into ${showDims(x.dims)}`);
    }
    return to;
  });
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
  grad: (g, _y, [, where]) => [reshape(gather(flat(g), flat(where), 0), where.dims), null, null],
});

/** Largest voxel of each window. The gradient goes to the voxel that was largest; to the first of equals. */
const maxPoolOp: Op = defineOp('MaxPool', {
  shape: pooled,
  grad: (g, y, [x], attributes) => [maxPoolGradient.of([g, x, y], attributes)],
});

/** Not an ONNX operator: GPUs do not tell where a maximum was, so there it is found again by comparing. */
const maxPoolGradient: Op = defineOp('MaxPoolGradient', {
  shape: ([, x]) => x.dims,
  grad: () => {
    throw new Error('MaxPoolGradient: no gradient is defined for its arguments g and x (second derivatives of max-pooling)');
  },
  lower: ([g, x, y], attributes, form) => {
    const { kernel, strides, padding } = geometry(attributes);
    const tiles = kernel.every((side, axis) => side === strides[axis] && padding[axis] === 0);
    if (form === 'gpu') return tiles ? byComparisonOfTiles(g, x, y, kernel) : byComparison(g, x, y, { kernel, strides, padding });
    const where = positions.of([x], attributes);
    if (tiles) return unpool.of([g, where, integers(x.dims)], { kernel_shape: kernel, strides });
    return reshape(scatterAdd(constantLike(flat(x), 0), flat(where), flat(g), 0), x.dims);
  },
});

/** Largest voxel of each window of [N, C, …]; what lies outside the image never wins. */
export function maxPool(x: Value, kernel: readonly number[], { strides = kernel, padding }: PoolOptions = {}): Value {
  const pads: Attributes = padding?.some((count) => count > 0) ? { pads: [...padding, ...padding] } : {};
  return maxPoolOp.of([x], { kernel_shape: kernel, strides, ...pads });
}

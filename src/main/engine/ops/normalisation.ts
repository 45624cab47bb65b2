/** Normalisation layers. */
import { type Attributes, constant, defineOp, type Op, type Value } from '../graph';
import { showDims, sizeOf, tensor } from '../tensor';
import { add, div, mul, neg, sqrt, sub } from './elementwise';
import { reduceMean } from './reduce';
import { reshape } from './shape';

/** [planes, voxels]: one row per channel of each sample. */
const rows = (x: Value) => reshape(x, [x.dims[0] * x.dims[1], sizeOf(x.dims.slice(2))]);

/** Rows minus their means, and 1/√(variance + ε). Squares are taken after the mean is gone: before, they would cancel in float32. */
function spreadOf(x: Value, attributes: Attributes) {
  const { float: epsilon } = attributes.epsilon as { float: number };
  const centred = sub(rows(x), reduceMean(rows(x), [1]));
  const variance = reduceMean(mul(centred, centred), [1]);
  return { centred, scale: div(1, sqrt(add(variance, epsilon))) };
}

/**
 * y = (x − mean)·r over the voxels of each channel of each sample, r = 1/√(variance + ε), variance biased.
 * dx = r·(g − mean(g) − y·mean(g·y)).
 */
const instanceNormOp: Op = defineOp('InstanceNormalization', {
  shape: ([x, scale]) => {
    if (x.dims.length < 3 || x.dims[1] !== scale.dims[0]) {
      throw new Error(`InstanceNormalization: ${showDims(x.dims)}; expected samples, channels and at least one further axis`);
    }
    return x.dims;
  },
  grad: (g, y, [x], attributes) => {
    const { scale } = spreadOf(x, attributes);
    const along = reduceMean(mul(rows(g), rows(y)), [1]);
    const offset = neg(mul(reduceMean(rows(g), [1]), scale));
    return [reshape(add(mul(rows(g), scale), affine(rows(y), neg(mul(along, scale)), offset)), x.dims), null, null];
  },
  // Shares the scale with the gradient, so that x itself need not be kept.
  lower: ([x], attributes, form) => {
    if (form === 'plain') return null;
    const { centred, scale } = spreadOf(x, attributes);
    return reshape(mul(centred, scale), x.dims);
  },
});

/** a·x + b for each row, in one pass: what batch normalisation does with given statistics. */
function affine(x: Value, a: Value, b: Value): Value {
  const [planes, voxels] = x.dims;
  const [ones, zeros] = [1, 0].map((value) => constant(tensor([planes], new Float32Array(planes).fill(value))));
  const flat = (v: Value) => reshape(v, [planes]);
  return reshape(affineOp.of([reshape(x, [1, planes, voxels]), flat(a), flat(b), zeros, ones], { epsilon: { float: 0 } }), [
    planes,
    voxels,
  ]);
}
const affineOp: Op = defineOp('BatchNormalization', {
  shape: ([x]) => x.dims,
  grad: () => {
    throw new Error(
      'BatchNormalization: no gradient is defined for its arguments x, scale and bias (second derivatives of a normalisation)',
    );
  },
});

/** Normalises every channel of every sample to mean 0 and variance 1; nothing is learned, nothing is remembered. */
export function instanceNorm(x: Value, epsilon = 1e-5): Value {
  const channels = x.dims[1];
  const ones = constant(tensor([channels], new Float32Array(channels).fill(1)));
  const zeros = constant(tensor([channels], new Float32Array(channels)));
  return instanceNormOp.of([x, ones, zeros], { epsilon: { float: epsilon } });
}

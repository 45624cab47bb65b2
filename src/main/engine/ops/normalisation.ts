/** Normalisation layers. */
import { constant, defineOp, type Op, type Value } from '../graph';
import { showDims, tensor } from '../tensor';
import { add, div, mul, neg, sqrt, sub } from './elementwise';
import { matmul } from './linear';
import { reduceMean } from './reduce';
import { reshape } from './shape';

/**
 * y = (x − mean)·r over the voxels of each channel of each sample, r = 1/√(variance + ε), variance biased.
 * dx = r·(g − mean(g) − y·mean(g·y)).
 */
const instanceNormOp: Op = defineOp('InstanceNormalization', {
  shape: ([x, scale]) => {
    if (x.dims.length < 3 || x.dims[1] !== scale.dims[0])
      throw new Error(`InstanceNormalization: ${showDims(x.dims)} with ${scale.dims[0]} channels`);
    return x.dims;
  },
  grad: (g, y, [x], attributes) => {
    const { float: epsilon } = attributes.epsilon as { float: number };
    const planes = x.dims[0] * x.dims[1];
    const voxels = x.dims.slice(2).reduce((product, side) => product * side, 1);
    const flat = (v: Value) => reshape(v, [planes, voxels]);
    const meanProduct = (a: Value, b: Value) => {
      return reshape(div(matmul(reshape(a, [planes, 1, voxels]), reshape(b, [planes, voxels, 1])), voxels), [planes, 1]);
    };
    // y has mean 0, so mean(x·y) = variance·r =: q without the cancellation of mean(x²) − mean(x)², and variance follows from q.
    const q = meanProduct(x, y);
    const q2 = mul(q, q);
    const variance = mul(add(q2, sqrt(mul(q2, add(q2, 4 * epsilon)))), 0.5);
    const r = div(1, sqrt(add(variance, epsilon)));
    const centred = sub(flat(g), reduceMean(flat(g), [1]));
    const along = mul(flat(y), neg(meanProduct(g, y)));
    return [reshape(mul(add(centred, along), r), x.dims), null, null];
  },
});

/** Normalises every channel of every sample to mean 0 and variance 1; nothing is learned, nothing is remembered. */
export function instanceNorm(x: Value, epsilon = 1e-5): Value {
  const channels = x.dims[1];
  const ones = constant(tensor([channels], new Float32Array(channels).fill(1)));
  const zeros = constant(tensor([channels], new Float32Array(channels)));
  return instanceNormOp.of([x, ones, zeros], { epsilon: { float: epsilon } });
}

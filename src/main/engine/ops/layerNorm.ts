/** Layer norm as the runtime's own operator: one pass there, where its parts would be eight. */
import { type Attributes, defineOp, type Op, type Value } from '../graph';
import { showDims } from '../tensor';
import { mul, sub, sumTo } from './elementwise';
import { reduceMean } from './reduce';

/** Mean over the last axis, and 1/σ beside it, both with a last axis of 1. */
const moment = (output: 1 | 2): Op =>
  defineOp('LayerNormalization', {
    output,
    shape: ([x]) => x.dims.with(-1, 1),
    grad: () => {
      throw new Error('LayerNormalization: no gradient is defined for its arguments x, scale and shift (second derivatives)');
    },
  });
const [meanOp, inverseDeviationOp] = [moment(1), moment(2)];

/** scale·ŷ + shift; back: dx = (s − mean(s) − ŷ·mean(s·ŷ))/σ with s = g·scale, dscale = Σ g·ŷ, dshift = Σ g. */
const layerNormOp: Op = defineOp('LayerNormalization', {
  shape: ([x, ...learned]) => {
    const misfit = learned.find(({ dims }) => dims.length !== 1 || dims[0] !== x.dims.at(-1));
    if (misfit) throw new Error(`LayerNormalization: ${showDims(misfit.dims)} for a last axis of ${x.dims.at(-1)}`);
    return x.dims;
  },
  grad: (g, _y, [x, scale, shift], attributes: Attributes) => {
    const last = [x.dims.length - 1];
    const [mean, inverse] = [meanOp, inverseDeviationOp].map((op) => op.of([x, scale, shift], attributes));
    const y = mul(sub(x, mean), inverse);
    const scaled = mul(g, scale);
    const left = sub(sub(scaled, reduceMean(scaled, last)), mul(y, reduceMean(mul(scaled, y), last)));
    return [mul(left, inverse), sumTo(mul(g, y), scale.dims), sumTo(g, shift.dims)];
  },
});

/**
 * Normalises the last axis, then multiplies and shifts it; scale and shift have its length (Ba et al. 2016).
 * Throws if they have another.
 */
export const layerNorm = (x: Value, scale: Value, shift: Value, epsilon: number): Value =>
  layerNormOp.of([x, scale, shift], { axis: -1, epsilon: { float: epsilon } });

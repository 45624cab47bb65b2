/** Curves beyond the usual ones: limits, powers, soft and parametric rectifiers, rounding. */
import { absent, defineOp, type Op, type Rule, scalar, type Value } from '../graph';
import { sameDims, showDims } from '../tensor';
import {
  broadcast,
  cast,
  constantLike,
  equal,
  greater,
  greaterOrEqual,
  lessOrEqual,
  log,
  mul,
  neg,
  sigmoid,
  sub,
  sumTo,
  where,
} from './elementwise';
import { and } from './logic';
import { expand, reshape } from './shape';

const unary = (onnx: string, grad: Rule['grad']): Op => defineOp(onnx, { shape: ([x]) => x.dims, grad });

/** log(1 + eˣ), without overflow for large x: d = σ(x). */
export const softplus = unary('Softplus', (g, _y, [x]) => [mul(g, sigmoid(x))]);
/** log σ(x) = −log(1 + e⁻ˣ), exact where σ(x) itself would round to 0. */
export const logSigmoid = (x: Value): Value => neg(softplus(neg(x)));

/** Steps: flat almost everywhere, so nothing flows back. */
export const floor = unary('Floor', () => [null]);
export const ceil = unary('Ceil', () => [null]);
/** To the nearest whole number, halves to the even one. A step as well. */
export const round = unary('Round', () => [null]);

/** x limited to low … high. The gradient passes where x lies within the limits or on them. */
const clipOp: Op = defineOp('Clip', {
  shape: ([x]) => x.dims,
  grad: (g, _y, [x, low, high]) => {
    const above = low === absent ? null : greaterOrEqual(x, low);
    const below = high === absent ? null : lessOrEqual(x, high);
    const within = above && below ? and(above, below) : (above ?? below);
    return [within ? mul(g, cast(within, g.dtype)) : g, null, null];
  },
});
/** x limited to low … high; `null` for no limit. */
export function clip(x: Value, low: number | null, high: number | null): Value {
  if (low !== null && high !== null && low > high) throw new Error(`Clip: expected limits in order, ${low} … ${high} came`);
  return clipOp.of([x, low === null ? absent : scalar(low, x.dtype), high === null ? absent : scalar(high, x.dtype)]);
}

/**
 * aᵇ with broadcasting. da = b·aᵇ⁻¹, and 0 where b = 0; db = y·log a, and 0 where a = 0. With a negative base y is a number only for
 * whole b, and db is none.
 */
export const pow: Op = defineOp('Pow', {
  shape: (inputs) => broadcast('Pow', inputs),
  grad: (g, y, [a, b]) => {
    const zero = constantLike(y, 0);
    const slopeOfBase = where(equal(b, 0), zero, mul(b, pow(a, sub(b, 1))));
    const slopeOfExponent = where(equal(a, 0), zero, mul(y, log(a)));
    return [sumTo(mul(g, slopeOfBase), a.dims), sumTo(mul(g, slopeOfExponent), b.dims)];
  },
  // WebGPU in onnxruntime 1.30 fails on exponents that are spread along the last axis.
  lower: ([a, b], _attributes, form) => {
    const dims = broadcast('Pow', [a, b]);
    if (form !== 'gpu' || b.dims.length === 0 || (sameDims(a.dims, dims) && sameDims(b.dims, dims))) return null;
    return pow(expand(a, dims), expand(b, dims));
  },
});

/** x, or slope·x below zero: dx = 1 or slope, dslope = Σ x below zero. */
const preluOp: Op = defineOp('PRelu', {
  shape: (inputs) => {
    const dims = broadcast('PRelu', inputs);
    if (!sameDims(dims, inputs[0].dims))
      throw new Error(`PRelu: slopes ${showDims(inputs[1].dims)} do not fit ${showDims(inputs[0].dims)}`);
    return dims;
  },
  grad: (g, _y, [x, slope]) => {
    const isAbove = greater(x, 0);
    return [where(isAbove, g, mul(g, slope)), sumTo(where(isAbove, constantLike(g, 0), mul(g, x)), slope.dims)];
  },
});
/** Rectifier of [N, C, …] with learned slopes [C], or one for all channels [1] (He et al. 2015). */
export function prelu(x: Value, slopes: Value): Value {
  const [count] = slopes.dims;
  if (slopes.dims.length !== 1 || (count !== 1 && count !== x.dims[1])) {
    throw new Error(`PRelu: slopes ${showDims(slopes.dims)} for ${x.dims[1]} channels`);
  }
  return preluOp.of([x, reshape(slopes, [count, ...x.dims.slice(2).map(() => 1)])]);
}

/** Ops that work number by number, with broadcasting: arithmetic, comparison, and the usual curves. */
import { defineOp, type Op, type Rule, scalar, type Value } from '../graph';
import { showDims } from '../tensor';
import { sumOver } from './reduce';
import { expand, reshape } from './shape';

/** The common shape of `inputs` by ONNX's broadcasting. */
export function broadcast(op: string, inputs: readonly Value[]): number[] {
  const rank = Math.max(...inputs.map((input) => input.dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sides = inputs.map((input) => input.dims[axis - rank + input.dims.length] ?? 1);
    const side = sides.find((s) => s !== 1) ?? 1;
    if (sides.some((s) => s !== 1 && s !== side)) {
      throw new Error(`${op}: the shapes ${inputs.map((input) => showDims(input.dims)).join(' and ')} do not go together`);
    }
    return side;
  });
}

/** Sums a gradient back over the axes its value was spread along. */
export function sumTo(g: Value, dims: readonly number[]): Value {
  const lead = g.dims.length - dims.length;
  const axes = g.dims.flatMap((side, axis) => (axis < lead || (dims[axis - lead] === 1 && side !== 1) ? [axis] : []));
  if (axes.length === 0) return g;
  // Axes of side 1 in front go away with those that were spread.
  return reshape(sumOver(g, axes), dims);
}

/** A value of the same shape and type, every number `value`. */
export function constantLike(like: Value, value: number): Value {
  return like.dims.length === 0 ? scalar(value, like.dtype) : expand(scalar(value, like.dtype), like.dims);
}

/** As `broadcast`, for inputs that must be of one type. */
function broadcastAlike(op: string, inputs: readonly Value[]): number[] {
  const [first, ...others] = inputs;
  const other = others.find(({ dtype }) => dtype !== first.dtype);
  if (other) throw new Error(`${op}: expected values of one type, ${first.dtype} and ${other.dtype} came`);
  return broadcast(op, inputs);
}

const binary = (onnx: string, grad: Rule['grad']): Op => defineOp(onnx, { shape: (inputs) => broadcastAlike(onnx, inputs), grad });
const unary = (onnx: string, grad: Rule['grad']): Op => defineOp(onnx, { shape: ([x]) => x.dims, grad });
const comparison = (onnx: string): Op =>
  defineOp(onnx, { shape: (inputs) => ({ dims: broadcastAlike(onnx, inputs), dtype: 'bool' }), grad: () => [null, null] });

/** Sum with broadcasting. */
export const add = binary('Add', (g, _y, [a, b]) => [sumTo(g, a.dims), sumTo(g, b.dims)]);
/** Difference with broadcasting. */
export const sub = binary('Sub', (g, _y, [a, b]) => [sumTo(g, a.dims), sumTo(neg(g), b.dims)]);
/** Product with broadcasting. d(ab) = b·da + a·db, each summed back over the axes it was spread along. */
export const mul = binary('Mul', (g, _y, [a, b]) => [sumTo(mul(g, b), a.dims), sumTo(mul(g, a), b.dims)]);
/** Quotient y = a/b. da = g/b, db = −g·y/b. */
export const div = binary('Div', (g, y, [a, b]) => {
  const share = div(g, b);
  return [sumTo(share, a.dims), sumTo(neg(mul(share, y)), b.dims)];
});
/** The larger of two. Equal numbers share the gradient equally, as PyTorch's `maximum` does. */
export const max = binary('Max', (g, _y, [a, b]) => {
  const wins = add(cast(greater(a, b), g.dtype), mul(cast(equal(a, b), g.dtype), 0.5));
  return [sumTo(mul(g, wins), a.dims), sumTo(mul(g, sub(1, wins)), b.dims)];
});

/** The smaller of two. Equal numbers share the gradient equally. */
export const min = binary('Min', (g, _y, [a, b]) => {
  const wins = add(cast(less(a, b), g.dtype), mul(cast(equal(a, b), g.dtype), 0.5));
  return [sumTo(mul(g, wins), a.dims), sumTo(mul(g, sub(1, wins)), b.dims)];
});

export const neg = unary('Neg', (g) => [neg(g)]);
/** eˣ is its own derivative. */
export const exp = unary('Exp', (g, y) => [mul(g, y)]);
/** Natural logarithm: d = 1/x. */
export const log = unary('Log', (g, _y, [x]) => [div(g, x)]);
/** √x: d = 1/(2√x). */
export const sqrt = unary('Sqrt', (g, y) => [div(mul(g, 0.5), y)]);
/** 1/x: d = −1/x². */
export const reciprocal = unary('Reciprocal', (g, y) => [neg(mul(g, mul(y, y)))]);
/** |x|: d = sign x, 0 at 0. */
export const abs = unary('Abs', (g, _y, [x]) => [mul(g, sign(x))]);
/** −1, 0 or 1: flat almost everywhere. */
export const sign = unary('Sign', () => [null]);
/** Logistic σ(x). Uses its own output: dσ = σ(1 − σ). */
export const sigmoid = unary('Sigmoid', (g, y) => [mul(g, mul(y, sub(1, y)))]);
/** tanh x: d = 1 − tanh². */
export const tanh = unary('Tanh', (g, y) => [mul(g, sub(1, mul(y, y)))]);
/** Gauss error function: d = 2/√π · e^(−x²). */
export const erf = unary('Erf', (g, _y, [x]) => [mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))]);
/** max(x, 0). The gradient passes where the output is above 0; at 0 it does not. */
export const relu = unary('Relu', (g, y) => [mul(g, cast(greater(y, 0), g.dtype))]);

/**
 * x, or αx below zero: d = 1 or α. Where 0 ≤ α ≤ 1 the result lies on the same side of 0 as x, which then need not be kept, and the larger of
 * α and the truth of y > 0 is the slope.
 */
const leakyReluOp = unary('LeakyRelu', (g, y, [x], attributes) => {
  const { float: slope } = attributes.alpha as { float: number };
  if (slope < 0 || slope > 1) return [where(greater(x, 0), g, mul(g, slope))];
  return [mul(g, max(cast(greater(y, 0), g.dtype), slope))];
});
export const leakyRelu = (x: Value, slope: number): Value => leakyReluOp.of([x], { alpha: { float: slope } });

/** Gaussian error linear unit, the exact form x·Φ(x), in the order of operations that onnxruntime knows and runs as one. */
export const gelu = (x: Value): Value => mul(mul(x, add(erf(div(x, Math.SQRT2)), 1)), 0.5);
/** x·σ(x). */
export const silu = (x: Value): Value => mul(x, sigmoid(x));

/** 1 where a < b. A step: flat almost everywhere, so nothing flows back. */
export const less = comparison('Less');
export const greater = comparison('Greater');
export const equal = comparison('Equal');
export const lessOrEqual = comparison('LessOrEqual');
export const greaterOrEqual = comparison('GreaterOrEqual');

/** Picks from the second where the first is true, else from the third. The gradient goes where the number came from. */
export const where: Op = defineOp('Where', {
  shape: (inputs) => {
    const [condition, a, b] = inputs;
    if (condition.dtype !== 'bool') throw new Error(`Where: expected a condition of truth values, ${condition.dtype} came`);
    if (a.dtype !== b.dtype) throw new Error(`Where: expected two values of one type, ${a.dtype} and ${b.dtype} came`);
    return { dims: broadcast('Where', inputs), dtype: a.dtype };
  },
  grad: (g, _y, [condition, a, b]) => [null, sumTo(where(condition, g, 0), a.dims), sumTo(where(condition, constantLike(g, 0), g), b.dims)],
});

const codes = { float32: 1, float16: 10, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
const castOp: Op = defineOp('Cast', {
  shape: ([x], { to }) => {
    const dtype = (Object.keys(codes) as (keyof typeof codes)[]).find((name) => codes[name] === to);
    if (!dtype) throw new Error(`Cast: unknown element type ${to}`);
    return { dims: x.dims, dtype };
  },
  grad: (g, _y, [x]) => [isReal(x) && isReal(g) ? cast(g, x.dtype) : null],
});
const isReal = (value: Value): boolean => value.dtype === 'float32' || value.dtype === 'float64';
/** The same numbers as another type; a gradient passes between real types only. */
export const cast = (x: Value, to: Value['dtype']): Value => (x.dtype === to ? x : castOp.of([x], { to: codes[to] }));

/** The value itself, and no way back: what feeds it is taken as given. */
export const stopGradient: Op = defineOp('Identity', { shape: ([x]) => x.dims, grad: () => [null] });

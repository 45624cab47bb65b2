/** Ops that fold axes away: sums, means, maxima. Folded axes stay with side 1. */
import { type Attributes, defineOp, elements, integers, integersOf, listOf, type Op, type Rule, type Value } from '../graph';
import { div, mul } from './elementwise';
import { expand, reshape } from './shape';

const folded = (x: Value, axes: readonly number[]) => x.dims.map((side, axis) => (axes.includes(axis) ? 1 : side));
const count = (x: Value, axes: readonly number[]) => axes.reduce((product, axis) => product * x.dims[axis], 1);
const axesOf = (attributes: Attributes) => listOf(attributes, 'axes');
const reduction = (onnx: string, grad: Rule['grad']): Op =>
  defineOp(onnx, { shape: ([x], attributes) => folded(x, axesOf(attributes)), grad });

// Up to opset 17 the axes of a sum are an input, those of every other reduction an attribute.
const sumOp: Op = defineOp('ReduceSum', {
  shape: ([x, axes]) => folded(x, integersOf(axes)),
  grad: (g, _y, [x]) => [expand(g, x.dims), null],
});
const meanOp = reduction('ReduceMean', (g, _y, [x], attributes) => [expand(div(g, count(x, axesOf(attributes))), x.dims)]);
const squaresOp = reduction('ReduceSumSquare', (g, _y, [x]) => [mul(mul(g, 2), x)]);
/** Which of several equal maxima won is not differentiable; this op only keeps exponentials in range. */
const maxOp = reduction('ReduceMax', () => [null]);

/** Σ over `axes`, which stay with side 1. Each summand gets the gradient of the sum. */
export const reduceSum = (x: Value, axes: readonly number[]): Value => sumOp.of([x, integers(axes)], { keepdims: 1 });
/** Mean over `axes`, which stay with side 1. */
export const reduceMean = (x: Value, axes: readonly number[]): Value => meanOp.of([x], { axes, keepdims: 1 });
/** Σx² over `axes`: d = 2x. */
export const reduceSquares = (x: Value, axes: readonly number[]): Value => squaresOp.of([x], { axes, keepdims: 1 });
/** Largest number over `axes`; no gradient. */
export const reduceMax = (x: Value, axes: readonly number[]): Value => maxOp.of([x], { axes, keepdims: 1 });

const all = (x: Value) => x.dims.map((_, axis) => axis);
/**
 * The sum of everything, as one number. Row by row first: one long chain of additions in float32 would lose the last two digits of
 * a loss over a million voxels.
 */
export function sumAll(x: Value): Value {
  const rows = x.dims.length > 1 ? reduceSum(x, [x.dims.length - 1]) : x;
  return reshape(reduceSum(rows, all(rows)), []);
}
/** The mean of everything, as one number. */
export const meanAll = (x: Value): Value => mul(sumAll(x), 1 / elements(x));

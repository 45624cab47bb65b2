/** Ops that fold axes: sums, means, maxima. Folded axes stay with side 1; those of `sumOver` and `meanOver` go away. */
import { type Attributes, defineOp, elements, integers, integersOf, listOf, type Op, type Rule, scalar, type Value } from '../graph';
import { showDims } from '../tensor';
import { cast, div, equal, max, mul, sub } from './elementwise';
import { expand, reshape } from './shape';

function folded(onnx: string, x: Value, axes: readonly number[], { keepdims }: Attributes): number[] {
  const missing = axes.find((axis) => axis < 0 || axis >= x.dims.length);
  if (missing !== undefined) throw new Error(`${onnx}: ${showDims(x.dims)} has no axis ${missing}`);
  return keepdims === 1 ? kept(x, axes) : x.dims.filter((_, axis) => !axes.includes(axis));
}
const kept = (x: Value, axes: readonly number[]): number[] => x.dims.map((side, axis) => (axes.includes(axis) ? 1 : side));
const count = (x: Value, axes: readonly number[]) => axes.reduce((product, axis) => product * x.dims[axis], 1);
const axesOf = (attributes: Attributes) => listOf(attributes, 'axes');
const reduction = (onnx: string, grad: Rule['grad']): Op =>
  defineOp(onnx, { shape: ([x], attributes) => folded(onnx, x, axesOf(attributes), attributes), grad });

// Up to opset 17 the axes of a sum are an input, those of every other reduction an attribute.
const sumOp: Op = defineOp('ReduceSum', {
  shape: ([x, axes], attributes) => folded('ReduceSum', x, integersOf(axes), attributes),
  grad: (g, _y, [x, axes]) => [expand(reshape(g, kept(x, integersOf(axes))), x.dims), null],
});
const meanOp = reduction('ReduceMean', (g, _y, [x], attributes) => {
  const axes = axesOf(attributes);
  return [expand(div(reshape(g, kept(x, axes)), count(x, axes)), x.dims)];
});
const squaresOp = reduction('ReduceSumSquare', (g, _y, [x]) => [mul(mul(g, 2), x)]);
/** The gradient goes to the number that won; equal ones share it, as PyTorch's `amax` does. */
const extreme = (onnx: string) =>
  reduction(onnx, (g, y, [x], attributes) => {
    const wins = cast(equal(x, y), g.dtype);
    return [mul(div(g, reduceSum(wins, axesOf(attributes))), wins)];
  });
const maxOp = extreme('ReduceMax');
const minOp = extreme('ReduceMin');
/** d = x/y, and 0 where all numbers are 0. */
const lengthOp = reduction('ReduceL2', (g, y, [x]) => [mul(g, div(x, max(y, 1e-30)))]);

/** Σ over `axes`, which stay with side 1. Each summand gets the gradient of the sum. */
export const reduceSum = (x: Value, axes: readonly number[]): Value => sumOp.of([x, integers(axes)], { keepdims: 1 });
/** Σ over `axes`, which go away. */
export const sumOver = (x: Value, axes: readonly number[]): Value => sumOp.of([x, integers(axes)], { keepdims: 0 });
/** Mean over `axes`, which stay with side 1. */
export const reduceMean = (x: Value, axes: readonly number[]): Value => meanOp.of([x], { axes, keepdims: 1 });
/** Mean over `axes`, which go away. */
export const meanOver = (x: Value, axes: readonly number[]): Value => meanOp.of([x], { axes, keepdims: 0 });
/** Σx² over `axes`: d = 2x. */
export const reduceSquares = (x: Value, axes: readonly number[]): Value => squaresOp.of([x], { axes, keepdims: 1 });
/** √Σx² over `axes`. */
export const reduceLength = (x: Value, axes: readonly number[]): Value => lengthOp.of([x], { axes, keepdims: 1 });
/** Smallest number over `axes`. */
export const reduceMin = (x: Value, axes: readonly number[]): Value => minOp.of([x], { axes, keepdims: 1 });
/** Largest number over `axes`. */
export const reduceMax = (x: Value, axes: readonly number[]): Value => maxOp.of([x], { axes, keepdims: 1 });

/** Mean square distance from the mean over `axes`; `unbiased` divides by one less than the count. */
export function variance(x: Value, axes: readonly number[], kind: 'biased' | 'unbiased'): Value {
  const centred = sub(x, reduceMean(x, axes));
  return div(reduceSquares(centred, axes), count(x, axes) - (kind === 'unbiased' ? 1 : 0));
}

/** yᵢ = x₀ + … + xᵢ; its gradient is the same sum from the other end. */
const cumulativeSumOp: Op = defineOp('CumSum', {
  shape: ([x]) => x.dims,
  grad: (g, _y, [, axis], { reverse }) => [cumulativeSumOp.of([g, axis], { reverse: 1 - (reverse as number) }), null],
});
/** Running sum along one axis, each number included in its own. */
export function cumulativeSum(x: Value, axis: number): Value {
  if (axis < 0 || axis >= x.dims.length) throw new Error(`CumSum: ${showDims(x.dims)} has no axis ${axis}`);
  return cumulativeSumOp.of([x, scalar(axis, 'int64')], { reverse: 0 });
}

const all = (x: Value) => x.dims.map((_, axis) => axis);
/**
 * The sum of everything, as one number. Row by row first: one long chain of additions in float32 would lose the last two digits of
 * a loss over a million voxels.
 */
export function sumAll(x: Value): Value {
  const rows = x.dims.length > 1 ? reduceSum(x, [x.dims.length - 1]) : x;
  return sumOver(rows, all(rows));
}
/** The mean of everything, as one number. */
export const meanAll = (x: Value): Value => mul(sumAll(x), 1 / elements(x));

/** Matrix products, norms and sums along axes of foreign models. */
import { constant, defineOp, listOf, type Op, type Value } from '../graph';
import { abs, add, div, exp, log, mul, neg, sub } from '../ops/elementwise';
import { layerNorm } from '../ops/layerNorm';
import { batchNormFixed, groupNorm, rmsNorm, scaleAndShift } from '../ops/layers';
import { matmul, transposeLast } from '../ops/linear';
import { instanceNorm } from '../ops/normalisation';
import { cumulativeSum, reduceLength, reduceMax, reduceMean, reduceMin, reduceSquares, reduceSum } from '../ops/reduce';
import { argmax, topK } from '../ops/selection';
import { expand, flip, reshape } from '../ops/shape';
import { showDims } from '../tensor';
import { einsum } from './einsum';
import type { Operation, Translate, Translations } from './operation';

/** A list counts as a row on the left and as a column on the right, and its axis goes away again. */
function product(op: Operation): Value {
  const [a, b] = [op.x, op.input(1)];
  const [isRow, isColumn] = [a.dims.length === 1, b.dims.length === 1];
  const y = matmul(isRow ? reshape(a, [1, ...a.dims]) : a, isColumn ? reshape(b, [...b.dims, 1]) : b);
  const kept = y.dims.slice(0, -2);
  return reshape(y, [...kept, ...(isRow ? [] : [y.dims[y.dims.length - 2]]), ...(isColumn ? [] : [y.dims[y.dims.length - 1]])]);
}
function gemm(op: Operation): Value {
  const turned = (v: Value, flag: string) => (op.int(flag, 0) === 1 ? transposeLast(v) : v);
  const scaled = (v: Value, name: string) => (op.real(name, 1) === 1 ? v : mul(v, op.real(name, 1)));
  const y = scaled(matmul(turned(op.x, 'transA'), turned(op.input(1), 'transB')), 'alpha');
  const c = op.optional(2);
  return c ? add(y, scaled(c, 'beta')) : y;
}

const ones = (count: number, value: number) => constant({ dims: [count], data: new Float32Array(count).fill(value) });
/** Norms over all axes from one on: those become one axis. */
function lastAxes(op: Operation, norm: (x: Value, scale: Value, shift: Value) => Value): Value {
  const axis = op.axis(op.int('axis', -1));
  const inner = op.x.dims.slice(axis);
  const count = inner.reduce((p, side) => p * side, 1);
  const [scale, shift] = [op.input(1), op.optional(2) ?? ones(count, 0)];
  if (scale.dims.reduce((p, side) => p * side, 1) !== count) throw new Error(`a scale ${showDims(scale.dims)} for ${showDims(inner)}`);
  const flat = reshape(op.x, [...op.x.dims.slice(0, axis), count]);
  return reshape(norm(flat, reshape(scale, [count]), reshape(shift, [count])), op.x.dims);
}
function group(op: Operation): Value {
  const [count, channels] = [op.int('num_groups', 1), op.x.dims[1]];
  // Version 18 has a scale for each group, version 21 for each channel.
  const perChannel = (v: Value): Value =>
    v.dims[0] === channels ? v : reshape(expand(reshape(v, [count, 1]), [count, channels / count]), [channels]);
  return groupNorm(op.x, count, perChannel(op.input(1)), perChannel(op.input(2)), op.real('epsilon', 1e-5));
}
function batch(op: Operation): Value {
  if (op.int('training_mode', 0) === 1) throw new Error('batch norm that trains is not supported, expected its running statistics');
  const [scale, shift, mean, variance] = [1, 2, 3, 4].map((at) => op.input(at));
  if (scale.dims[0] !== op.x.dims[1]) throw new Error(`${op.x.dims[1]} channels, the scale expects ${scale.dims[0]}`);
  return batchNormFixed(op.x, scale, shift, { mean, variance }, op.real('epsilon', 1e-5));
}

/** The axes are an attribute at first and an input later; none means all. */
const reduction =
  (f: (x: Value, axes: readonly number[]) => Value): Translate =>
  (op) => {
    const named = op.listFrom(1, 'axes') ?? [];
    if (named.length === 0 && op.int('noop_with_empty_axes', 0) === 1) return op.x;
    const axes = named.length === 0 ? op.x.dims.map((_, axis) => axis) : named.map((axis) => op.axis(axis));
    const y = f(op.x, axes);
    return op.int('keepdims', 1) === 1
      ? y
      : reshape(
          y,
          y.dims.filter((_, axis) => !axes.includes(axis)),
        );
  };
function logSumExp(x: Value, axes: readonly number[]): Value {
  const most = reduceMax(x, axes);
  return add(log(reduceSum(exp(sub(x, most)), axes)), most);
}
/** For sizes; nothing is trained through it. */
const productOver: Op = defineOp('ReduceProd', {
  shape: ([x], attributes) => x.dims.map((side, axis) => (listOf(attributes, 'axes').includes(axis) ? 1 : side)),
  grad: () => {
    throw new Error('ReduceProd: cannot be trained through');
  },
});
const place =
  (f: (x: Value) => Value): Translate =>
  (op) => {
    if (op.int('select_last_index', 0) === 1) throw new Error('the last of equals is not supported, expected the first');
    const axis = op.axis(op.int('axis', 0));
    const y = argmax(f(op.x), axis);
    return op.int('keepdims', 1) === 1 ? reshape(y, op.x.dims.with(axis, 1)) : y;
  };
function runningSum(op: Operation): Value {
  const axis = op.axis(op.numbers(1)?.[0] ?? 0);
  const isReverse = op.int('reverse', 0) === 1;
  const sum = cumulativeSum(isReverse ? flip(op.x, [axis]) : op.x, axis);
  const y = isReverse ? flip(sum, [axis]) : sum;
  return op.int('exclusive', 0) === 1 ? sub(y, op.x) : y;
}

export const productOps: Translations = {
  MatMul: product,
  Gemm: gemm,
  Einsum: (op) => einsum(op.text('equation', ''), op.given),
  BatchNormalization: batch,
  InstanceNormalization: (op) => scaleAndShift(instanceNorm(op.x, op.real('epsilon', 1e-5)), op.input(1), op.input(2)),
  LayerNormalization: (op) => lastAxes(op, (x, scale, shift) => layerNorm(x, scale, shift, op.real('epsilon', 1e-5))),
  RMSNormalization: (op) => lastAxes(op, (x, scale) => rmsNorm(x, scale, op.real('epsilon', 1e-5))),
  GroupNormalization: group,
  LpNormalization: (op) => {
    if (op.int('p', 2) !== 2) throw new Error(`lengths of power ${op.int('p', 2)} are not supported, expected 2`);
    return div(op.x, reduceLength(op.x, [op.axis(op.int('axis', -1))]));
  },
  ReduceMean: reduction(reduceMean),
  ReduceSum: reduction(reduceSum),
  ReduceMax: reduction(reduceMax),
  ReduceMin: reduction(reduceMin),
  ReduceL1: reduction((x, axes) => reduceSum(abs(x), axes)),
  ReduceL2: reduction(reduceLength),
  ReduceSumSquare: reduction(reduceSquares),
  ReduceProd: reduction((x, axes) => productOver.of([x], { axes, keepdims: 1 })),
  ReduceLogSumExp: reduction(logSumExp),
  ArgMax: place((x) => x),
  ArgMin: place(neg),
  TopK: (op) => {
    const [count] = op.listFrom(1, 'k') ?? [op.int('k', 1)];
    const { values, places } = topK(op.x, count, op.axis(op.int('axis', -1)), op.int('largest', 1) === 1 ? 'largest' : 'smallest');
    return [values, places];
  },
  CumSum: runningSum,
};

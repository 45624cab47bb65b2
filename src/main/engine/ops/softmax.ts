/** Softmax and its logarithm along one axis. */
import { type Attributes, defineOp, type Op, type Rule, type Value } from '../graph';
import { showDims } from '../tensor';
import { div, exp, log, mul, sub } from './elementwise';
import { reduceMax, reduceSum } from './reduce';

const axisOf = (attributes: Attributes) => [attributes.axis as number];
const alongAxis =
  (onnx: string): Rule['shape'] =>
  ([x], { axis }) => {
    if (!((axis as number) in x.dims)) throw new Error(`${onnx}: ${showDims(x.dims)} has no axis ${axis}`);
    return x.dims;
  };
const shifted = (x: Value, axes: number[]) => sub(x, reduceMax(x, axes));

/** y = eˣ/Σeˣ: d = y·(g − Σg·y). */
const softmaxOp: Op = defineOp('Softmax', {
  shape: alongAxis('Softmax'),
  grad: (g, y, _inputs, attributes) => [mul(y, sub(g, reduceSum(mul(g, y), axisOf(attributes))))],
  // The provider's own kernel transposes whole volumes when the axis is not the last.
  lower: ([x], attributes) => {
    if (attributes.axis === x.dims.length - 1) return null;
    const e = exp(shifted(x, axisOf(attributes)));
    return div(e, reduceSum(e, axisOf(attributes)));
  },
});
export const softmax = (x: Value, axis: number): Value => softmaxOp.of([x], { axis });

/** y = x − log Σeˣ: d = g − softmax·Σg. */
const logSoftmaxOp: Op = defineOp('LogSoftmax', {
  shape: alongAxis('LogSoftmax'),
  grad: (g, _y, [x], attributes) => [sub(g, mul(softmax(x, attributes.axis as number), reduceSum(g, axisOf(attributes))))],
  lower: ([x], attributes) => {
    const s = shifted(x, axisOf(attributes));
    return sub(s, log(reduceSum(exp(s), axisOf(attributes))));
  },
});
export const logSoftmax = (x: Value, axis: number): Value => logSoftmaxOp.of([x], { axis });

/** Ops of foreign models that work number by number. */

import { defineOp, type Op, type Value } from '../graph';
import { dtypeOfCode } from '../onnx/tensors';
import { ceil, clip, floor, pow, round, softplus } from '../ops/curves';
import * as e from '../ops/elementwise';
import { and, not, or } from '../ops/logic';
import { reshape } from '../ops/shape';
import { logSoftmax, softmax } from '../ops/softmax';
import { cos, sin } from '../ops/trigonometry';
import type { Operation, Translate, Translations } from './operation';

const unary =
  (f: (x: Value) => Value): Translate =>
  (op) =>
    f(op.x);
const binary =
  (f: (a: Value, b: Value) => Value): Translate =>
  (op) =>
    f(op.x, op.input(1));
/** Any number of inputs, two at a time. */
const many =
  (f: (a: Value, b: Value) => Value): Translate =>
  (op) =>
    op.given.reduce((a, b) => f(a, b));

const smaller = (a: Value, b: Value): Value => e.neg(e.max(e.neg(a), e.neg(b)));
/** Remainder with the divisor's sign; of constants only, for sizes of windows. */
const modulo: Op = defineOp('Mod', {
  shape: (inputs) => e.broadcast('Mod', inputs),
  grad: () => {
    throw new Error('Mod: cannot be trained through');
  },
});

/** e^x − 1 below zero, without overflow above. */
const belowZero = (x: Value): Value => e.sub(e.exp(clip(x, null, 0)), 1);
const elu = (x: Value, alpha: number): Value => e.where(e.greater(x, 0), x, e.mul(belowZero(x), alpha));
const hardSigmoid = (x: Value, alpha: number, beta: number): Value => clip(e.add(e.mul(x, alpha), beta), 0, 1);
/** The tanh form of Hendrycks & Gimpel 2016. */
function geluByTanh(x: Value): Value {
  const inner = e.mul(e.add(x, e.mul(e.mul(e.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return e.mul(e.mul(x, 0.5), e.add(e.tanh(inner), 1));
}

function power(op: Operation): Value {
  const exponent = op.input(1).kind === 'constant' ? op.numbers(1) : null;
  if (exponent?.length === 1 && exponent[0] === 2) return e.mul(op.x, op.x);
  return pow(op.x, e.cast(op.input(1), op.x.dtype));
}
/** Version 6 has attributes, version 11 inputs. */
function limited(op: Operation): Value {
  const [low, high] = [
    op.numbers(1)?.[0] ?? (op.has('min') ? op.real('min', 0) : null),
    op.numbers(2)?.[0] ?? (op.has('max') ? op.real('max', 0) : null),
  ];
  const isOpen = (limit: number | null) => limit === null || Math.abs(limit) > 3.4e38;
  return clip(op.x, isOpen(low) ? null : low, isOpen(high) ? null : high);
}
/** Before version 13 everything from the axis on is one axis. */
const alongAxis =
  (f: (x: Value, axis: number) => Value): Translate =>
  (op) => {
    const { x, rank } = op;
    const axis = op.axis(op.int('axis', op.opset < 13 ? 1 : -1));
    if (op.opset >= 13 || axis === rank - 1) return f(x, axis);
    const inner = x.dims.slice(axis).reduce((p, side) => p * side, 1);
    return reshape(f(reshape(x, [...x.dims.slice(0, axis), inner]), axis), x.dims);
  };
const notLess =
  (f: (a: Value, b: Value) => Value): Translate =>
  (op) =>
    not(f(op.x, op.input(1)));

export const curveOps: Translations = {
  Add: binary(e.add),
  Sub: binary(e.sub),
  Mul: binary(e.mul),
  Div: binary(e.div),
  Pow: power,
  Mod: (op) => modulo.of([op.x, op.input(1)], { fmod: op.int('fmod', 0) }),
  Max: many(e.max),
  Min: many(smaller),
  Sum: many(e.add),
  Mean: (op) =>
    e.mul(
      op.given.reduce((a, b) => e.add(a, b)),
      1 / op.given.length,
    ),
  Neg: unary(e.neg),
  Abs: unary(e.abs),
  Sign: unary(e.sign),
  Sqrt: unary(e.sqrt),
  Exp: unary(e.exp),
  Log: unary(e.log),
  Sin: unary(sin),
  Cos: unary(cos),
  Reciprocal: unary(e.reciprocal),
  Floor: unary(floor),
  Ceil: unary(ceil),
  Round: unary(round),
  Erf: unary(e.erf),
  Sigmoid: unary(e.sigmoid),
  Tanh: unary(e.tanh),
  Relu: unary(e.relu),
  LeakyRelu: (op) => e.leakyRelu(op.x, op.real('alpha', 0.01)),
  // Slopes of any shape that spreads to the input's, not only one for each channel.
  PRelu: (op) => e.where(e.greater(op.x, 0), op.x, e.mul(op.x, op.input(1))),
  Elu: (op) => elu(op.x, op.real('alpha', 1)),
  Celu: (op) => {
    const alpha = op.real('alpha', 1);
    return e.where(e.greater(op.x, 0), op.x, e.mul(belowZero(e.mul(op.x, 1 / alpha)), alpha));
  },
  Selu: (op) => e.mul(elu(op.x, op.real('alpha', 1.6732632423543772)), op.real('gamma', 1.0507009873554805)),
  ThresholdedRelu: (op) => e.where(e.greater(op.x, op.real('alpha', 1)), op.x, 0),
  Softplus: unary(softplus),
  Softsign: (op) => e.div(op.x, e.add(e.abs(op.x), 1)),
  Mish: (op) => e.mul(op.x, e.tanh(softplus(op.x))),
  Gelu: (op) => (op.text('approximate', 'none') === 'tanh' ? geluByTanh(op.x) : e.gelu(op.x)),
  'com.microsoft.Gelu': unary(e.gelu),
  HardSigmoid: (op) => hardSigmoid(op.x, op.real('alpha', 0.2), op.real('beta', 0.5)),
  HardSwish: (op) => e.mul(op.x, hardSigmoid(op.x, 1 / 6, 0.5)),
  Clip: limited,
  Softmax: alongAxis(softmax),
  LogSoftmax: alongAxis(logSoftmax),
  Equal: binary(e.equal),
  Less: binary(e.less),
  Greater: binary(e.greater),
  LessOrEqual: notLess(e.greater),
  GreaterOrEqual: notLess(e.less),
  Not: unary(not),
  And: binary(and),
  Or: binary(or),
  Where: (op) => e.where(op.x, op.input(1), op.input(2)),
  Cast: (op) => e.cast(op.x, dtypeOfCode(op.int('to', 1), 'the result')),
  CastLike: (op) => e.cast(op.x, op.input(1).dtype),
  // A copy that gradients pass through.
  Identity: (op) => op.x,
  Dropout: (op) => op.x,
};

/** Arithmetic, comparisons and curves. */
import type { Value } from '../../../src/main/engine/graph';
import * as c from '../../../src/main/engine/ops/curves';
import * as e from '../../../src/main/engine/ops/elementwise';
import { and, not, or } from '../../../src/main/engine/ops/logic';
import { cos, sin } from '../../../src/main/engine/ops/trigonometry';
import { between, type DrawnCase, dimsOf, draw, oneOf, pairOf } from './draw';

const asNumber = (truth: Value) => e.cast(truth, 'float32');

const binary: Record<string, (a: Value, b: Value) => Value> = {
  add: e.add,
  sub: e.sub,
  mul: e.mul,
  max: e.max,
  min: e.min,
  'where less': (a, b) => e.where(e.less(a, b), e.mul(a, a), b),
  'where greater or equal': (a, b) => e.where(e.greaterOrEqual(a, b), b, a),
};
const comparisons: Record<string, (a: Value, b: Value) => Value> = {
  less: (a, b) => e.mul(asNumber(e.less(a, b)), a),
  greater: (a, b) => e.mul(asNumber(e.greater(a, b)), b),
  equal: (a, b) => e.mul(asNumber(e.equal(a, b)), b),
  'less or equal': (a, b) => e.mul(asNumber(e.lessOrEqual(a, b)), a),
  'greater or equal': (a, b) => e.mul(asNumber(e.greaterOrEqual(a, b)), b),
  'and, or, not': (a, b) => e.mul(asNumber(or(and(e.greater(a, 0), e.less(b, 0)), not(e.greater(a, b)))), a),
};
const unary: Record<string, (x: Value) => Value> = {
  neg: e.neg,
  exp: e.exp,
  abs: e.abs,
  'sign times x': (x) => e.mul(e.sign(x), x),
  sigmoid: e.sigmoid,
  tanh: e.tanh,
  erf: e.erf,
  relu: e.relu,
  gelu: e.gelu,
  silu: e.silu,
  softplus: c.softplus,
  'log-sigmoid': c.logSigmoid,
  'x over floor': (x) => e.mul(c.floor(e.mul(x, 3)), x),
  'x over ceil': (x) => e.mul(c.ceil(e.mul(x, 3)), x),
  'x over round': (x) => e.mul(c.round(e.mul(x, 3)), x),
  sin,
  cos,
};
const positive: Record<string, (x: Value) => Value> = { log: e.log, sqrt: e.sqrt, reciprocal: e.reciprocal };

export const elementwiseCases: DrawnCase[] = [
  ...Object.entries(binary).flatMap(([op, build]) => draw(op, 50, (s) => ({ shapes: pairOf(s), build }))),
  ...Object.entries(comparisons).flatMap(([op, build]) => draw(op, 20, (s) => ({ shapes: pairOf(s), build }))),
  ...draw('div', 50, (s) => ({ shapes: pairOf(s), build: e.div, range: 'positive' })),
  ...draw('pow', 50, (s) => ({ shapes: pairOf(s), build: c.pow, range: 'positive' })),
  ...Object.entries(unary).flatMap(([op, build]) => draw(op, 20, (s) => ({ shapes: [dimsOf(s)], build }))),
  ...Object.entries(positive).flatMap(([op, build]) => draw(op, 20, (s) => ({ shapes: [dimsOf(s)], build, range: 'positive' }))),
  ...draw('power of any number', 30, (s) => {
    const exponent = between(s, 0, 4);
    return { as: `${exponent}`, shapes: [dimsOf(s)], build: (x) => c.pow(x, exponent) };
  }),
  ...draw('leaky relu', 20, (s) => {
    const slope = s.uniform(-0.5, 1.5);
    return { shapes: [dimsOf(s)], build: (x) => e.leakyRelu(x, slope) };
  }),
  ...draw('prelu', 30, (s) => {
    const dims = [between(s, 1, 2), between(s, 1, 4), ...dimsOf(s, [0, 2])];
    return { shapes: [dims, [oneOf(s, [1, dims[1]])]], build: c.prelu };
  }),
  ...draw('clip', 40, (s) => {
    const [low, high] = [oneOf(s, [null, s.uniform(-1, 0)]), oneOf(s, [null, s.uniform(0, 1)])];
    return { as: `${low} … ${high}`, shapes: [dimsOf(s)], build: (x) => c.clip(x, low, high) };
  }),
];

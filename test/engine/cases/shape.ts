/** Moving numbers, folding axes, picking places. */
import { constant, type Value } from '../../../src/main/engine/graph';
import { gathered, spread } from '../../../src/main/engine/ops/blocks';
import { cast, mul } from '../../../src/main/engine/ops/elementwise';
import { gather, scatterAdd, take } from '../../../src/main/engine/ops/indexing';
import { pixelShuffle, repeatEach, roll, tile } from '../../../src/main/engine/ops/rearrange';
import * as r from '../../../src/main/engine/ops/reduce';
import { argmax, topK } from '../../../src/main/engine/ops/selection';
import { concat, everyNth, expand, flip, interleave, pad, reshape, slice, transpose } from '../../../src/main/engine/ops/shape';
import { logSoftmax, softmax } from '../../../src/main/engine/ops/softmax';
import { sizeOf } from '../../../src/main/engine/tensor';
import type { Random } from '../../../src/shared/random';
import { between, type DrawnCase, dimsOf, draw, imageOf, oneOf, times } from './draw';

/** The numbers 0 … count − 1 in random order. */
function shuffled(stream: Random, count: number): number[] {
  const order = times(count, (i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
const someAxes = (stream: Random, dims: readonly number[]) => {
  const axes = dims.flatMap((_, axis) => (stream.uniform() < 0.5 ? [axis] : []));
  return axes.length > 0 ? axes : [stream.integer(dims.length)];
};
const positionsIn = (stream: Random, dims: readonly number[], side: number): Value =>
  constant({ dims, data: BigInt64Array.from(times(sizeOf(dims), () => BigInt(stream.integer(side)))) });

const moves: DrawnCase[] = [
  ...draw('transpose', 50, (s) => {
    const dims = dimsOf(s, [1, 5]);
    const perm = shuffled(s, dims.length);
    return { as: `${perm}`, shapes: [dims], build: (x) => transpose(x, perm) };
  }),
  ...draw('reshape', 30, (s) => {
    const dims = dimsOf(s, [1, 4]);
    const to = oneOf(s, [[sizeOf(dims)], dims.toReversed(), [1, ...dims], [...dims, 1, 1]]);
    return { as: `${to}`, shapes: [dims], build: (x) => reshape(x, to) };
  }),
  ...draw('pad or cut', 60, (s) => {
    const dims = dimsOf(s, [1, 4], 'full');
    const before = dims.map((side) => between(s, -Math.min(2, side - 1), 2));
    const after = dims.map((side, axis) => between(s, Math.max(-2, 1 - side - Math.min(0, before[axis])), 2));
    const value = oneOf(s, [0, 0, 1.5]);
    return { as: `${before} | ${after} with ${value}`, shapes: [dims], build: (x) => pad(x, before, after, value) };
  }),
  ...draw('expand', 40, (s) => {
    const to = dimsOf(s, [1, 4]);
    const dims = to.map((side) => (s.uniform() < 0.5 ? 1 : side)).slice(s.integer(to.length));
    return { as: `${to}`, shapes: [dims], build: (x) => expand(x, to) };
  }),
  ...draw('flip', 50, (s) => {
    const dims = dimsOf(s, [1, 4]);
    const axes = someAxes(s, dims);
    return { as: `${axes}`, shapes: [dims], build: (x) => flip(x, axes) };
  }),
  ...draw('slice', 60, (s) => {
    const dims = dimsOf(s, [1, 4]);
    const axis = s.integer(dims.length);
    const from = s.integer(dims[axis] + 1);
    const to = between(s, from, dims[axis]);
    return { as: `${axis}: ${from} … ${to}`, shapes: [dims], build: (x) => slice(x, axis, from, to) };
  }),
  ...draw('concat', 60, (s) => {
    const dims = dimsOf(s, [1, 4]);
    const axis = s.integer(dims.length);
    const shapes = times(between(s, 1, 3), () => dims.with(axis, s.integer(4)));
    return { as: `${axis}`, shapes, build: (...parts) => concat([...parts, mul(parts[0], 2)], axis) };
  }),
  ...draw('roll', 30, (s) => {
    const dims = dimsOf(s, [1, 3]);
    const [axis, by] = [s.integer(dims.length), between(s, -6, 6)];
    return { as: `${by} along ${axis}`, shapes: [dims], build: (x) => roll(x, by, axis) };
  }),
  ...draw('tile', 30, (s) => {
    const dims = dimsOf(s, [1, 3]);
    const counts = dims.map(() => between(s, 1, 3));
    return { as: `${counts}`, shapes: [dims], build: (x) => tile(x, counts) };
  }),
  ...draw('repeat each', 30, (s) => {
    const dims = dimsOf(s, [1, 3]);
    const [axis, count] = [s.integer(dims.length), between(s, 1, 3)];
    return { as: `${count} along ${axis}`, shapes: [dims], build: (x) => repeatEach(x, count, axis) };
  }),
  ...draw('pixel shuffle', 20, (s) => {
    const sides = times(between(s, 1, 3), () => between(s, 1, 3));
    return { shapes: [[between(s, 1, 2), between(s, 1, 2) * 2 ** sides.length, ...sides]], build: (x) => pixelShuffle(x, 2) };
  }),
  ...draw('channels to blocks', 40, (s) => {
    const block = times(between(s, 1, 3), () => between(s, 1, 3));
    const dims = [between(s, 1, 2), between(s, 1, 2) * sizeOf(block), ...block.map(() => between(s, 0, 3))];
    return { as: `${block}`, shapes: [dims], build: (x) => spread(x, block) };
  }),
  ...draw('blocks to channels', 40, (s) => {
    const block = oneOf(s, [[2], [3, 2], [2, 2], [2, 2, 2], [1, 2, 2], [3, 2, 2], [2, 3, 3], [2, 1, 1]]);
    const dims = [between(s, 1, 2), between(s, 1, 2), ...block.map((side) => side * between(s, 1, 3))];
    return { as: `${block}`, shapes: [dims], build: (y) => gathered(y, block) };
  }),
  ...draw('every nth', 30, (s) => {
    const dims = imageOf(s);
    const strides = dims.slice(2).map(() => between(s, 1, 3));
    return { as: `${strides}`, shapes: [dims], build: (x) => everyNth(x, strides) };
  }),
  ...draw('interleave', 30, (s) => {
    const dims = imageOf(s, [1, 3]);
    const strides = dims.slice(2).map(() => between(s, 1, 3));
    return { as: `${strides}`, shapes: [dims], build: (x) => interleave(x, strides) };
  }),
];

const reductions = {
  sum: r.reduceSum,
  mean: r.reduceMean,
  'sum that folds axes away': r.sumOver,
  'mean that folds axes away': r.meanOver,
  squares: r.reduceSquares,
  length: r.reduceLength,
  'largest of': r.reduceMax,
  'smallest of': r.reduceMin,
  variance: (x: Value, axes: number[]) => r.variance(x, axes, 'biased'),
};
const folds: DrawnCase[] = [
  ...Object.entries(reductions).flatMap(([op, build]) =>
    draw(op, 40, (s) => {
      const dims = dimsOf(s, [1, 4], op.startsWith('sum') ? 'any' : 'full');
      const axes = someAxes(s, dims);
      return { as: `${axes}`, shapes: [dims], build: (x) => build(x, axes) };
    }),
  ),
  ...draw('unbiased variance', 20, (s) => {
    const dims = [between(s, 1, 3), between(s, 2, 4), between(s, 1, 3)];
    return { shapes: [dims], build: (x) => r.variance(x, [1], 'unbiased') };
  }),
  ...draw('cumulative sum', 40, (s) => {
    const dims = dimsOf(s, [1, 4]);
    const axis = s.integer(dims.length);
    return { as: `${axis}`, shapes: [dims], build: (x) => r.cumulativeSum(x, axis) };
  }),
  ...draw('sum of all', 20, (s) => ({ shapes: [dimsOf(s)], build: r.sumAll })),
  ...draw('mean of all', 20, (s) => ({ shapes: [dimsOf(s, [0, 4], 'full')], build: r.meanAll })),
  ...Object.entries({ softmax, 'log-softmax': logSoftmax }).flatMap(([op, build]) =>
    draw(op, 40, (s) => {
      const dims = dimsOf(s, [1, 4], 'full');
      const axis = s.integer(dims.length);
      return { as: `${axis}`, shapes: [dims], build: (x) => build(x, axis) };
    }),
  ),
];

const places: DrawnCase[] = [
  ...draw('gather', 60, (s) => {
    const dims = dimsOf(s, [1, 4], 'full');
    const axis = s.integer(dims.length);
    const at = positionsIn(
      s,
      dims.map((side, i) => (i === axis ? s.integer(6) : between(s, 1, side))),
      dims[axis],
    );
    return { as: `${axis} at ${at.dims}`, shapes: [dims], build: (x) => gather(x, at, axis) };
  }),
  ...draw('scatter and add', 60, (s) => {
    const dims = dimsOf(s, [1, 4], 'full');
    const axis = s.integer(dims.length);
    const from = dims.map((side, i) => (i === axis ? s.integer(6) : between(s, 1, side)));
    const at = positionsIn(s, from, dims[axis]);
    return { as: `${axis}`, shapes: [dims, from], build: (into, numbers) => scatterAdd(into, at, numbers, axis) };
  }),
  ...draw('take', 60, (s) => {
    const dims = dimsOf(s, [1, 3], 'full');
    const axis = s.integer(dims.length);
    const at = positionsIn(s, dimsOf(s, [0, 2]), dims[axis]);
    return { as: `${axis} at [${at.dims}]`, shapes: [dims], build: (x) => take(x, at, axis) };
  }),
  ...draw('top-k', 40, (s) => {
    const dims = dimsOf(s, [1, 3], 'full');
    const axis = s.integer(dims.length);
    const [k, which] = [between(s, 1, dims[axis]), oneOf(s, ['largest', 'smallest'] as const)];
    return { as: `${k} ${which} along ${axis}`, shapes: [dims], build: (x) => topK(x, k, axis, which).values };
  }),
  ...draw('places of top-k', 20, (s) => {
    const dims = dimsOf(s, [1, 3], 'full');
    const [k, which] = [between(s, 1, dims[0]), oneOf(s, ['largest', 'smallest'] as const)];
    return { as: `${k} ${which}`, shapes: [dims], build: (x) => cast(topK(x, k, 0, which).places, 'float32') };
  }),
  ...draw('argmax', 20, (s) => {
    const dims = dimsOf(s, [1, 3], 'full');
    const axis = s.integer(dims.length);
    return { as: `${axis}`, shapes: [dims], build: (x) => cast(argmax(x, axis), 'float32') };
  }),
];

export const shapeCases: DrawnCase[] = [...moves, ...folds, ...places];

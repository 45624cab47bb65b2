/** A generated list of ops × shapes × attributes on which every law is tested. */
import type { Value } from '../../src/main/engine/graph';
import { conv } from '../../src/main/engine/ops/convolution';
import { convTranspose } from '../../src/main/engine/ops/convolutionTransposed';
import * as e from '../../src/main/engine/ops/elementwise';
import { interpolate } from '../../src/main/engine/ops/interpolate';
import { matmul } from '../../src/main/engine/ops/linear';
import { instanceNorm } from '../../src/main/engine/ops/normalisation';
import { maxPool } from '../../src/main/engine/ops/pooling';
import { meanAll, reduceMean, reduceSquares, reduceSum, sumAll } from '../../src/main/engine/ops/reduce';
import { concat, expand, flip, pad, padOrCrop, reshape, slice, transpose } from '../../src/main/engine/ops/shape';
import { logSoftmax, softmax } from '../../src/main/engine/ops/softmax';

export interface OpCase {
  name: string;
  shapes: readonly (readonly number[])[];
  build(...inputs: Value[]): Value;
  /** Where inputs are drawn from; kinks and poles are kept at a distance. */
  range?: 'signed' | 'positive';
}

const shapesOf = (shapes: readonly (readonly number[])[]) => shapes.map((dims) => `[${dims}]`).join(' ');
const list: OpCase[] = [];
function add(name: string, shapes: readonly (readonly number[])[], build: OpCase['build'], range: OpCase['range'] = 'signed'): void {
  list.push({ name: `${name} ${shapesOf(shapes)}`, shapes, build, range });
}

const pairs = [
  [[], []],
  [[3], [3]],
  [[2, 3], [3]],
  [[2, 3], []],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [[1], [4, 2]],
  [
    [2, 3, 1, 2],
    [1, 3, 2, 1],
  ],
  [[0, 3], [3]],
  [
    [2, 0],
    [2, 1],
  ],
];
for (const pair of pairs) {
  add('add', pair, e.add);
  add('sub', pair, e.sub);
  add('mul', pair, e.mul);
  add('div', pair, e.div, 'positive');
  add('max', pair, e.max);
  add('where less', pair, (a, b) => e.where(e.less(a, b), e.mul(a, a), b));
}
for (const dims of [[], [5], [2, 3], [2, 1, 3, 2], [0, 2]]) {
  for (const [name, op] of Object.entries({
    neg: e.neg,
    exp: e.exp,
    abs: e.abs,
    sigmoid: e.sigmoid,
    tanh: e.tanh,
    erf: e.erf,
    relu: e.relu,
  }))
    add(name, [dims], op);
  for (const [name, op] of Object.entries({ gelu: e.gelu, silu: e.silu })) add(name, [dims], op);
  for (const [name, op] of Object.entries({ log: e.log, sqrt: e.sqrt, reciprocal: e.reciprocal })) add(name, [dims], op, 'positive');
  add('leaky relu', [dims], (x) => e.leakyRelu(x, 0.1));
}

for (const dims of [[4], [2, 3], [2, 3, 4], [1, 2, 3, 2]]) {
  const axes = dims.map((_, axis) => axis);
  add('transpose', [dims], (x) => transpose(x, axes.toReversed()));
  add('reshape', [dims], (x) => reshape(x, [dims.reduce((p, s) => p * s, 1)]));
  add('pad', [dims], (x) =>
    pad(
      x,
      axes,
      axes.map((axis) => 2 - (axis % 2)),
    ),
  );
  add('expand', [dims], (x) => expand(x, [2, ...dims]));
  add('sum of all', [dims], sumAll);
  add('mean of all', [dims], meanAll);
  for (const axis of axes) {
    add(`flip ${axis}`, [dims], (x) => flip(x, [axis]));
    add(`flip from ${axis}`, [dims], (x) => flip(x, axes.slice(axis)));
    add(`slice ${axis}`, [dims], (x) => slice(x, axis, dims[axis] > 1 ? 1 : 0, dims[axis]));
    add(`slice of nothing ${axis}`, [dims], (x) => slice(x, axis, 1, 1));
    add(`concat ${axis}`, [dims, dims], (a, b) => concat([a, b, e.mul(a, 2)], axis));
    add(`sum ${axis}`, [dims], (x) => reduceSum(x, [axis]));
    add(`mean ${axis}`, [dims], (x) => reduceMean(x, [axis]));
    add(`squares ${axis}`, [dims], (x) => reduceSquares(x, [axis]));
    add(`softmax ${axis}`, [dims], (x) => softmax(x, axis));
    add(`log-softmax ${axis}`, [dims], (x) => logSoftmax(x, axis));
  }
}

for (const shapes of [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [2, 2, 3],
    [2, 3, 1],
  ],
  [
    [2, 3],
    [4, 3, 2],
  ],
  [
    [2, 1, 1, 3],
    [3, 3, 2],
  ],
  [
    [1, 5],
    [5, 1],
  ],
  [
    [0, 2],
    [2, 3],
  ],
])
  add('matmul', shapes, matmul);

const convolutions = [
  { spatial: [7], kernel: [3] },
  { spatial: [5, 6], kernel: [3, 3] },
  { spatial: [5, 4], kernel: [1, 1] },
  { spatial: [6, 5], kernel: [2, 3] },
  { spatial: [4, 5, 4], kernel: [3, 3, 3] },
  { spatial: [4, 4, 3], kernel: [1, 3, 3] },
  { spatial: [4, 3, 4], kernel: [2, 2, 2] },
  { spatial: [3, 2, 4], kernel: [1, 1, 1] },
];
for (const { spatial, kernel } of convolutions) {
  for (const [batch, from, to] of [
    [1, 1, 1],
    [2, 2, 3],
    [2, 5, 2],
  ]) {
    for (const stride of [1, 2]) {
      for (const dilation of [1, 2]) {
        for (const padding of [0, 1, 2]) {
          const room = spatial.every((side, i) => side + 2 * padding >= dilation * (kernel[i] - 1) + 1);
          if (!room) continue;
          const options = {
            strides: spatial.map(() => stride),
            dilations: spatial.map(() => dilation),
            before: spatial.map(() => padding),
          };
          add(
            `conv stride ${stride} dilation ${dilation} padding ${padding}`,
            [[batch, from, ...spatial], [to, from, ...kernel], [to]],
            (x, w, b) => conv(x, w, b, options),
          );
        }
      }
    }
  }
}
add(
  'conv uneven padding',
  [
    [1, 4, 3, 4, 5],
    [2, 4, 3, 3, 3],
  ],
  (x, w) => conv(x, w, null, { before: [0, 1, 2], after: [2, 0, 1] }),
);

const transposed = [
  { spatial: [3, 4], kernel: [2, 2], strides: [2, 2] },
  { spatial: [3, 4], kernel: [3, 3], strides: [2, 2], before: [1, 1], outputPadding: [1, 1] },
  { spatial: [3, 2], kernel: [4, 4], strides: [2, 2], before: [1, 1] },
  { spatial: [4, 3], kernel: [2, 3], strides: [3, 1], before: [0, 2], after: [1, 0], outputPadding: [2, 0] },
  { spatial: [2, 3, 2], kernel: [2, 2, 2], strides: [2, 2, 2] },
  { spatial: [2, 3, 2], kernel: [1, 2, 2], strides: [1, 2, 2] },
  { spatial: [2, 1, 3], kernel: [3, 3, 3], strides: [2, 2, 2], before: [1, 1, 1], outputPadding: [1, 1, 1] },
];
for (const { spatial, kernel, ...options } of transposed) {
  for (const groups of [1, 2]) {
    add(
      `transposed conv stride ${options.strides} before ${options.before ?? 'nothing'} groups ${groups}`,
      [[2, 4, ...spatial], [4, 3, ...kernel], [3 * groups]],
      (x, w, b) => convTranspose(x, w, b, { ...options, groups }),
    );
  }
}

for (const dims of [
  [1, 1, 5],
  [2, 3, 4, 3],
  [2, 2, 3, 2, 4],
]) {
  add('instance norm', [dims], (x) => instanceNorm(x));
  for (const [before, after] of [
    [1, 0],
    [-1, 2],
    [0, -1],
  ]) {
    add(`pad or crop ${before} ${after}`, [dims], (x) =>
      padOrCrop(
        x,
        dims.slice(2).map(() => before),
        dims.slice(2).map(() => after),
      ),
    );
  }
}
for (const dims of [
  [1, 2, 6],
  [2, 1, 4, 6],
  [1, 2, 4, 2, 5],
]) {
  const axes = dims.slice(2);
  add('max-pool 2', [dims], (x) =>
    maxPool(
      x,
      axes.map(() => 2),
    ),
  );
  add('max-pool 2 overlapping', [dims], (x) =>
    maxPool(
      x,
      axes.map(() => 2),
      { strides: axes.map(() => 1) },
    ),
  );
  for (const corners of ['aligned', 'halfPixel'] as const) {
    for (const scale of [0.5, 1, 1.5, 2]) {
      add(`interpolate ${scale} ${corners}`, [dims], (x) =>
        interpolate(
          x,
          axes.map((side) => Math.max(1, Math.round(side * scale))),
          corners,
        ),
      );
    }
  }
}

export const everyCase: readonly OpCase[] = list;

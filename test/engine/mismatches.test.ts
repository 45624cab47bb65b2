/** What does not fit is refused when the graph is built, in a sentence that names the op, what was expected and what came. */
import { expect, test } from 'vitest';
import { constant, input, integers, type Value } from '../../src/main/engine/graph';
import { attention, relativeScores, selfAttention } from '../../src/main/engine/ops/attention';
import { adaptiveAveragePool, averagePool } from '../../src/main/engine/ops/averagePooling';
import { gathered } from '../../src/main/engine/ops/blocks';
import { conv } from '../../src/main/engine/ops/convolution';
import { convTranspose } from '../../src/main/engine/ops/convolutionTransposed';
import { clip, prelu } from '../../src/main/engine/ops/curves';
import * as e from '../../src/main/engine/ops/elementwise';
import { gridSample } from '../../src/main/engine/ops/gridSample';
import { gather, scatterAdd, take } from '../../src/main/engine/ops/indexing';
import { interpolate, interpolateBy } from '../../src/main/engine/ops/interpolate';
import * as l from '../../src/main/engine/ops/layers';
import { matmul } from '../../src/main/engine/ops/linear';
import { and, not } from '../../src/main/engine/ops/logic';
import { instanceNorm } from '../../src/main/engine/ops/normalisation';
import { maxPool } from '../../src/main/engine/ops/pooling';
import { pixelShuffle, tile } from '../../src/main/engine/ops/rearrange';
import * as r from '../../src/main/engine/ops/reduce';
import { argmax, topK } from '../../src/main/engine/ops/selection';
import { concat, expand, pad, reshape, slice, transpose } from '../../src/main/engine/ops/shape';
import { softmax } from '../../src/main/engine/ops/softmax';
import type { Dtype } from '../../src/main/engine/tensor';

const of = (dims: number[], dtype: Dtype = 'float32'): Value => input('x', dtype, dims);
const image = of([2, 4, 5, 6]);
const places = (dims: number[], ...at: number[]): Value => constant({ dims, data: BigInt64Array.from(at, BigInt) });

const refusals: [() => unknown, string][] = [
  [() => e.add(of([2, 3]), of([4])), 'Add: the shapes [2, 3] and [4] do not go together'],
  [() => e.mul(of([2, 0]), of([3])), 'Mul: the shapes [2, 0] and [3] do not go together'],
  [() => e.add(of([2]), of([2], 'int64')), 'Add: expected values of one type, float32 and int64 came'],
  [() => e.less(of([2]), of([2], 'int32')), 'Less: expected values of one type, float32 and int32 came'],
  [() => e.where(of([2]), of([2]), of([2])), 'Where: expected a condition of truth values, float32 came'],
  [() => e.where(of([2], 'bool'), of([2]), of([2], 'int64')), 'Where: expected two values of one type, float32 and int64 came'],
  [() => e.where(of([2], 'bool'), of([3]), of([3])), 'Where: the shapes [2] and [3] and [3] do not go together'],
  [() => not(of([2])), 'Not: expected truth values, float32 came'],
  [() => and(of([2], 'bool'), of([3], 'bool')), 'And: the shapes [2] and [3] do not go together'],
  [() => prelu(image, of([3])), 'PRelu: slopes [3] for 4 channels'],
  [() => clip(image, 1, 0), 'Clip: expected limits in order, 1 … 0 came'],
  [() => matmul(of([2, 3]), of([4, 5])), 'MatMul: [2, 3] times [4, 5]; expected as many columns as rows, in at least two axes each'],
  [() => matmul(of([3]), of([3, 5])), 'MatMul: [3] times [3, 5]; expected as many columns as rows, in at least two axes each'],
  [() => matmul(of([2, 3, 3]), of([3, 3, 3])), 'MatMul: the shapes [2] and [3] do not go together'],
  [() => reshape(image, [7, 7]), 'Reshape: [2, 4, 5, 6] cannot become [7, 7]'],
  [() => transpose(image, [0, 1, 2, 2]), 'Transpose: the order [0, 1, 2, 2] does not name every axis of [2, 4, 5, 6] once'],
  [() => slice(image, 2, 1, 6), 'Slice: 1 … 6 leaves axis 2 of [2, 4, 5, 6]'],
  [() => slice(image, 4, 0, 1), 'Slice: [2, 4, 5, 6] has no axis 4'],
  [() => concat([image, of([2, 4, 5, 7])], 1), 'Concat: [2, 4, 5, 6] and [2, 4, 5, 7] differ outside axis 1'],
  [() => concat([image, of([2, 4, 5])], 1), 'Concat: [2, 4, 5, 6] and [2, 4, 5] differ outside axis 1'],
  [() => concat([of([2]), of([2], 'int64')], 0), 'Concat: expected values of one type, float32 and int64 came'],
  [() => concat([of([2]), of([2])], 1), 'Concat: [2] has no axis 1'],
  [() => pad(image, [1], [1]), 'Pad: 1 and 1 counts for the 4 axes of [2, 4, 5, 6]'],
  [() => pad(of([2]), [-2], [-1]), 'Slice: 2 … 1 leaves axis 0 of [2]'],
  [() => expand(of([3]), [2, 4]), 'Expand: [3] cannot be repeated up to [2, 4]'],
  [() => expand(of([2, 3]), [3]), 'Expand: [2, 3] cannot be repeated up to [3]'],
  [() => tile(image, [2]), 'tile: 1 counts for 4 axes'],
  [() => pixelShuffle(of([1, 6, 2, 2]), 2), 'ChannelsToBlocks: [1, 6, 2, 2] has no channels for blocks of [2, 2]'],
  [() => gathered(image, [2, 3]), 'BlocksToChannels: [2, 4, 5, 6] does not consist of blocks of [2, 3]'],
  [() => r.reduceSum(of([2, 3]), [2]), 'ReduceSum: [2, 3] has no axis 2'],
  [() => r.reduceMax(of([2, 3]), [-1]), 'ReduceMax: [2, 3] has no axis -1'],
  [() => r.cumulativeSum(of([2, 3]), 2), 'CumSum: [2, 3] has no axis 2'],
  [() => softmax(of([2, 3]), 2), 'Softmax: [2, 3] has no axis 2'],
  [() => argmax(of([2, 0]), 1), 'ArgMax: nothing along axis 1 of [2, 0]'],
  [() => topK(of([2, 3]), 4, 1, 'largest'), 'TopK: 4 numbers along axis 1 of [2, 3]'],
  [() => gather(of([2, 3]), places([2, 1], 0, 3), 1), 'GatherElements: position 3 is outside 0 … 2'],
  [() => gather(of([2, 3]), places([3, 1], 0, 1, 2), 1), 'GatherElements: positions [3, 1] along axis 1 of [2, 3]'],
  [() => gather(of([2, 3]), of([2, 1]), 1), 'GatherElements: expected positions of type int64, float32 came'],
  [() => scatterAdd(of([3]), places([2], 0, 1), of([3]), 0), 'ScatterElements: [3] numbers for [2] positions'],
  [() => take(of([3]), integers([-1]), 0), 'Gather: position -1 is outside 0 … 2'],
  [() => take(of([3]), integers([0]), 1), 'Gather: [3] has no axis 1'],
  [() => conv(image, of([3, 5, 3, 3]), null), 'Conv: 4 input channels, weights expect 5'],
  [() => conv(image, of([4, 3, 3, 3]), null, { groups: 2 }), 'Conv: 4 input channels, weights expect 3 in each of 2 groups'],
  [() => conv(image, of([3, 2, 3, 3]), null, { groups: 2 }), 'Conv: 3 output channels cannot be shared by 2 groups'],
  [() => conv(image, of([3, 4, 3]), null), 'Conv: input [2, 4, 5, 6] with weights [3, 4, 3]; expected as many axes, at least 3'],
  [() => conv(image, of([3, 4, 3, 3]), null, { strides: [1] }), 'Conv: 1 strides for 2 spatial axes'],
  [() => conv(image, of([3, 4, 3, 3]), of([4])), 'Conv: bias [4] for 3 output channels'],
  [() => conv(image, of([3, 4, 7, 3]), null), 'Conv: the kernel [7, 3] does not fit into [5, 6]'],
  [() => convTranspose(image, of([3, 4, 2, 2]), null), 'ConvTranspose: 4 input channels, weights expect 3'],
  [() => maxPool(image, [2]), 'MaxPool: a window of 1 axes on 2'],
  [() => maxPool(image, [6, 2]), 'MaxPool: a window of [6, 2] with padding [0, 0] does not fit into [2, 4, 5, 6]'],
  [() => maxPool(image, [2, 2], { padding: [2, 2] }), 'MaxPool: a window of [2, 2] with padding [2, 2] does not fit into [2, 4, 5, 6]'],
  [() => averagePool(image, [2]), 'averagePool: a window of 1 axes on [2, 4, 5, 6]'],
  [() => averagePool(image, [6, 1]), 'averagePool: a window of 6 with padding 0 does not fit into [2, 4, 5, 6]'],
  [() => adaptiveAveragePool(image, [1]), 'adaptiveAveragePool: 1 sides for [2, 4, 5, 6]'],
  [() => interpolate(image, [4], 'aligned'), 'Resize: [2, 4, 5, 6] onto 1 spatial sides'],
  [() => interpolateBy(image, [0.1, 1], 'aligned'), 'Resize: [2, 4, 5, 6] onto [2, 4, 0, 6]; expected every spatial side to be at least 1'],
  [() => gridSample(image, of([2, 3, 3]), 'aligned'), 'gridSample: places [2, 3, 3] in [2, 4, 5, 6]'],
  [() => instanceNorm(of([2, 3])), 'InstanceNormalization: [2, 3]; expected samples, channels and at least one further axis'],
  [() => l.groupNorm(image, 3, of([4]), of([4])), 'groupNorm: 4 channels cannot be shared by 3 groups'],
  [() => l.scaleAndShift(image, of([3]), of([4])), 'scaleAndShift: [3] for 4 channels'],
  [
    () => attention(of([2, 3]), of([4, 2]), of([4, 2])),
    'MatMul: [2, 3] times [2, 4]; expected as many columns as rows, in at least two axes each',
  ],
  [
    () => selfAttention(of([1, 2, 5]), { weight: of([15, 5]), bias: null }, { weight: of([5, 5]), bias: null }, 2),
    'selfAttention: a width of 5 cannot be shared by 2 heads',
  ],
  [() => relativeScores(image, of([4, 3, 6]), 2), 'relativeScores: a table [4, 3, 6] for axis 2 of [2, 4, 5, 6]'],
];

test.each(refusals.map(([build, sentence]) => [sentence, build] as const))('%s', (sentence, build) => {
  expect(build).toThrow(new Error(sentence));
});

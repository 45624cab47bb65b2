/**
 * Every op against PyTorch: results, and gradients of inputs and parameters. Cases and their configuration come from the files; a case
 * for which nothing is built here fails.
 */
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/main/engine/graph';
import { attention, relativeScores, selfAttention } from '../../src/main/engine/ops/attention';
import { adaptiveAveragePool, averagePool } from '../../src/main/engine/ops/averagePooling';
import { conv } from '../../src/main/engine/ops/convolution';
import * as c from '../../src/main/engine/ops/curves';
import * as e from '../../src/main/engine/ops/elementwise';
import { gridSample } from '../../src/main/engine/ops/gridSample';
import { gather, scatterAdd, take } from '../../src/main/engine/ops/indexing';
import { type Corners, type Curve, interpolate, interpolateBy } from '../../src/main/engine/ops/interpolate';
import { layerNorm } from '../../src/main/engine/ops/layerNorm';
import * as l from '../../src/main/engine/ops/layers';
import { matmul } from '../../src/main/engine/ops/linear';
import { instanceNorm } from '../../src/main/engine/ops/normalisation';
import { maxPool } from '../../src/main/engine/ops/pooling';
import { pixelShuffle, repeatEach, roll, tile } from '../../src/main/engine/ops/rearrange';
import * as r from '../../src/main/engine/ops/reduce';
import { argmax, topK } from '../../src/main/engine/ops/selection';
import { flip, pad, reshape } from '../../src/main/engine/ops/shape';
import { logSoftmax, softmax } from '../../src/main/engine/ops/softmax';
import { cos, sin } from '../../src/main/engine/ops/trigonometry';
import { oneHot } from '../../src/main/methods/losses/target';
import { type Build, follow, type Variant, variantsOf } from './follow';

const each = (value: unknown, axes: number): number[] =>
  Array.isArray(value) ? value : Array.from({ length: axes }, () => value as number);
/** An axis counted from the end where it is negative. */
const axisOf = (x: Value, dim: unknown) => ((dim as number) + x.dims.length) % x.dims.length;

const convolution: Build = ({ x }, { stride, padding, dilation, groups }, { weight, bias }) => {
  const axes = x.dims.length - 2;
  return conv(x, weight, bias ?? null, {
    strides: each(stride, axes),
    dilations: each(dilation, axes),
    before: each(padding, axes),
    groups: groups as number,
  });
};

const window = (x: Value, { kernel, stride, padding }: Variant) => {
  const axes = x.dims.length - 2;
  return { kernel: each(kernel, axes), options: { strides: each(stride ?? kernel, axes), padding: each(padding ?? 0, axes) } };
};
const maximum: Build = ({ x }, variant) => {
  const { kernel, options } = window(x, variant);
  return maxPool(x, kernel, options);
};
const average: Build = ({ x }, variant) => {
  const { kernel, options } = window(x, variant);
  return averagePool(x, kernel, { ...options, countsPadding: (variant.count_include_pad as boolean | undefined) ?? true });
};

const statistics = (x: Record<string, Value>) => ({ mean: x.running_mean, variance: x.running_var });
const norms: [RegExp, Build][] = [
  [
    /^batch_norm.*_train$/,
    (x, { eps, momentum }, { weight, bias }) => {
      const options = { epsilon: eps as number, momentum: momentum as number };
      const { y, running } = l.batchNorm(x.x, weight, bias, statistics(x), options);
      return { y, running_mean: running.mean, running_var: running.variance };
    },
  ],
  [/^batch_norm.*_eval$/, (x, { eps }, { weight, bias }) => l.batchNormFixed(x.x, weight, bias, statistics(x), eps as number)],
  [/^instance_norm.*_plain$/, ({ x }, { eps }) => instanceNorm(x, eps as number)],
  [/^instance_norm.*_affine$/, ({ x }, { eps }, { weight, bias }) => l.scaleAndShift(instanceNorm(x, eps as number), weight, bias)],
  [/^group_norm/, ({ x }, { groups, eps }, { weight, bias }) => l.groupNorm(x, groups as number, weight, bias, eps as number)],
  [/^channel_layer_norm/, ({ x }, { eps }, { weight, bias }) => l.channelLayerNorm(x, weight, bias, eps as number)],
  [/^layer_norm/, ({ x }, { eps }, { weight, bias }) => layerNorm(x, weight, bias, eps as number)],
  [/^rms_norm/, ({ x }, { eps }, { weight }) => l.rmsNorm(x, weight, eps as number)],
  [/^l2_normalize/, ({ x }, { dim, eps }) => l.l2Normalise(x, axisOf(x, dim), eps as number)],
  [/^cosine_similarity/, ({ a, b }, { dim, eps }) => l.cosineSimilarity(a, b, axisOf(a, dim), eps as number)],
];

const curves: [RegExp, Build][] = [
  [/^gelu_erf$/, ({ x }) => e.gelu(x)],
  [/^relu$/, ({ x }) => e.relu(x)],
  [/^leaky_relu/, ({ x }, { slope }) => e.leakyRelu(x, slope as number)],
  [/^prelu/, ({ x }, _, { weight }) => c.prelu(x, weight)],
  [/^silu$/, ({ x }) => e.silu(x)],
  [/^sigmoid$/, ({ x }) => e.sigmoid(x)],
  [/^tanh$/, ({ x }) => e.tanh(x)],
  [/^softplus$/, ({ x }) => c.softplus(x)],
  [/^logsigmoid$/, ({ x }) => c.logSigmoid(x)],
  [/^softmax/, ({ x }, { dim }) => softmax(x, axisOf(x, dim))],
  [/^log_softmax/, ({ x }, { dim }) => logSoftmax(x, axisOf(x, dim))],
  [
    /^exp_log_sqrt_pow$/,
    ({ x }) => ({
      exp: e.exp(x),
      log: e.log(e.add(e.abs(x), 0.1)),
      sqrt: e.sqrt(e.add(e.abs(x), 0.1)),
      rsqrt: c.pow(e.add(e.mul(x, x), 0.1), -0.5),
      pow3: c.pow(x, 3),
      clamp: c.clip(x, -1, 1),
      abs: e.abs(x),
      sin: sin(x),
      cos: cos(x),
    }),
  ],
  [
    /^reduce$/,
    ({ x }) => {
      const without = (y: Value, axes: number[]) =>
        reshape(
          y,
          x.dims.filter((_, axis) => !axes.includes(axis)),
        );
      return {
        mean_13: without(r.reduceMean(x, [1, 3]), [1, 3]),
        sum_0: without(r.reduceSum(x, [0]), [0]),
        max_1: without(r.reduceMax(x, [1]), [1]),
        min_1: without(r.reduceMin(x, [1]), [1]),
        var_1_unbiased: without(r.variance(x, [1], 'unbiased'), [1]),
        var_1_biased: without(r.variance(x, [1], 'biased'), [1]),
        amax_23: without(r.reduceMax(x, [2, 3]), [2, 3]),
        cumsum_2: r.cumulativeSum(x, 2),
        argmax_1: argmax(x, 1),
      };
    },
  ],
];

const modes: Record<string, Curve> = { bicubic: 'cubic', nearest: 'nearest', 'nearest-exact': 'nearestExact' };
const resampling: Build = ({ x }, { mode, size, scale_factor: scale, align_corners: aligned }) => {
  const corners: Corners = aligned ? 'aligned' : 'halfPixel';
  const curve = modes[mode as string] ?? 'linear';
  return size ? interpolate(x, size as number[], corners, curve) : interpolateBy(x, each(scale, x.dims.length - 2), corners, curve);
};
const grids: [RegExp, Build][] = [
  [/^grid_sample.*_zeros/, ({ x, grid }, { align_corners: aligned }) => gridSample(x, grid, aligned ? 'aligned' : 'halfPixel')],
  [/^pixel_shuffle/, ({ x, cot_y: y }) => pixelShuffle(x, y.dims[2] / x.dims[2])],
  [/^(linear|bilinear|trilinear|bicubic|nearest)/, resampling],
];

const products: [RegExp, Build][] = [
  [/^matmul/, ({ a, b }) => matmul(a, b)],
  [/^linear$/, ({ x }, _, { weight, bias }) => l.linear(x, weight, bias)],
  [/^sdpa$/, ({ q, k, v }) => attention(q, k, v).y],
  [
    /^mha_fused_qkv$/,
    ({ x }, { heads }, p) => {
      const projections = [
        { weight: p.qkv_w, bias: p.qkv_b },
        { weight: p.proj_w, bias: p.proj_b },
      ] as const;
      const { y, weights } = selfAttention(x, ...projections, heads as number);
      return { y, attn: weights };
    },
  ],
  [
    /^einsum_relpos$/,
    ({ q, R }, { eq }) => {
      const [queries, table] = (eq as string).split(/,|->/);
      return relativeScores(q, R, queries.indexOf(table[0]));
    },
  ],
];

/** PyTorch lists counts for the last axis first, and only as far as they go. */
function torchPad({ x }: Record<string, Value>, { torch_pad: counts }: Variant): Value {
  const list = counts as number[];
  const of = (side: 0 | 1) => x.dims.map((_, axis) => list[2 * (x.dims.length - 1 - axis) + side] ?? 0);
  return pad(x, of(0), of(1));
}
const positions: [RegExp, Build][] = [
  [/^gather/, ({ x, index }, { dim }) => gather(x, index, axisOf(x, dim))],
  [/^scatter_add/, ({ x, index, src }, { dim }) => scatterAdd(x, index, src, axisOf(x, dim))],
  [/^one_hot/, ({ label }, { classes }) => oneHot(label, classes as number)],
  [/^index_select0$/, ({ x, index }) => take(x, index, 0)],
  [/^embedding$/, ({ index }, _, { weight }) => take(weight, index, 0)],
  [/^pad/, torchPad],
  [/^where$/, ({ x, y }) => e.where(e.greater(x, 0), x, y)],
  [
    /^topk/,
    ({ x }, { k, largest }) => {
      const { values, places } = topK(x, k as number, x.dims.length - 1, largest ? 'largest' : 'smallest');
      return { values, indices: places };
    },
  ],
  [
    /^flip_roll_repeat$/,
    ({ x, cot_repeat: y }) => ({
      flip: flip(x, [1, 2]),
      roll: roll(roll(x, 1, 1), -2, 2),
      repeat_interleave0: repeatEach(x, 2, 0),
      repeat: tile(
        x,
        y.dims.map((side, axis) => side / x.dims[axis]),
      ),
    }),
  ],
];

const builds: Record<string, readonly [RegExp, Build][]> = {
  conv: [[/^conv[23]d/, convolution]],
  pool: [
    [/^maxpool/, maximum],
    [/^avgpool/, average],
    [/^adaptive_avgpool/, ({ x }, { output }) => adaptiveAveragePool(x, output as number[])],
  ],
  norm: norms,
  activation: curves,
  interpolate: grids,
  attention: products,
  index: positions,
  dropout: [[/_mask$/, ({ x, mask }, { p }) => l.dropout(x, mask, p as number)]],
};

describe.each(Object.entries(builds))('%s', (file, known) => {
  test.each(variantsOf(file))('%s', async (name) => {
    const build = known.find(([pattern]) => pattern.test(name))?.[1];
    expect(build, `nothing is built for ${name} of ops/${file}`).toBeDefined();
    if (build) await follow(file, name, build);
  });
});

/** Matrix products, attention and normalisation. */
import { constant } from '../../../src/main/engine/graph';
import { attention, relativeScores, selfAttention } from '../../../src/main/engine/ops/attention';
import { add } from '../../../src/main/engine/ops/elementwise';
import { layerNorm } from '../../../src/main/engine/ops/layerNorm';
import * as l from '../../../src/main/engine/ops/layers';
import { matmul } from '../../../src/main/engine/ops/linear';
import { instanceNorm } from '../../../src/main/engine/ops/normalisation';
import { concat, reshape } from '../../../src/main/engine/ops/shape';
import { sizeOf } from '../../../src/main/engine/tensor';
import { between, type DrawnCase, draw, imageOf, oneOf, times } from './draw';

const products: DrawnCase[] = [
  ...draw('matmul', 120, (s) => {
    const [m, k, n] = times(3, () => (s.uniform() < 0.05 ? 0 : between(s, 1, 5)));
    const lead = times(between(s, 0, 2), () => between(s, 1, 3));
    const thinned = () => lead.map((side) => (s.uniform() < 0.4 ? 1 : side)).slice(s.integer(lead.length + 1));
    return {
      shapes: [
        [...thinned(), m, k],
        [...thinned(), k, n],
      ],
      build: matmul,
    };
  }),
  ...draw('linear', 40, (s) => {
    const [from, to] = [between(s, 1, 4), between(s, 1, 4)];
    const rows = times(between(s, 1, 3), () => between(s, 1, 3));
    return { shapes: [[...rows, from], [to, from], ...(s.uniform() < 0.5 ? [[to]] : [])], build: (x, w, b) => l.linear(x, w, b ?? null) };
  }),
  ...draw('attention', 60, (s) => {
    const lead = times(between(s, 0, 2), () => between(s, 1, 2));
    const [queries, keys, width, values] = times(4, () => between(s, 1, 4));
    const bias = s.uniform() < 0.5 ? [oneOf(s, [[queries, keys], [keys], [...lead, 1, keys]])] : [];
    const scale = oneOf(s, [undefined, 0.7]);
    return {
      as: `scale ${scale ?? '1/√width'}`,
      shapes: [[...lead, queries, width], [...lead, keys, width], [...lead, keys, values], ...bias],
      build: (q, k, v, b) => attention(q, k, v, { bias: b, scale }).y,
    };
  }),
  ...draw('self-attention', 30, (s) => {
    const heads = between(s, 1, 3);
    const width = heads * between(s, 1, 2);
    return {
      as: `${heads} heads`,
      shapes: [[between(s, 1, 2), between(s, 1, 3), width], [3 * width, width], [3 * width], [width, width], [width]],
      build: (x, qkv, qkvBias, out, outBias) => selfAttention(x, { weight: qkv, bias: qkvBias }, { weight: out, bias: outBias }, heads).y,
    };
  }),
  ...draw('relative scores', 40, (s) => {
    const q = [between(s, 1, 2), ...times(between(s, 1, 3), () => between(s, 1, 3)), between(s, 1, 3)];
    const axis = between(s, 1, q.length - 2);
    const table = [q[axis], between(s, 1, 4), q[q.length - 1]];
    return { as: `axis ${axis}`, shapes: [q, table], build: (x, t) => relativeScores(x, t, axis) };
  }),
  ...draw('dropout', 30, (s) => {
    const dims = imageOf(s, [1, 3]);
    const drawn = oneOf(s, [dims, dims.map((side, axis) => (axis < 2 ? side : 1)), dims.map((side, axis) => (axis < 1 ? side : 1))]);
    const mask = constant({ dims: drawn, data: Float32Array.from(times(sizeOf(drawn), () => s.integer(2))) });
    const p = s.uniform(0.1, 0.8);
    return { as: `mask [${drawn}]`, shapes: [dims], build: (x) => l.dropout(x, mask, p) };
  }),
];

const norms: DrawnCase[] = [
  ...draw('instance norm', 40, (s) => ({ shapes: [imageOf(s, [1, 5])], build: (x) => instanceNorm(x, 1e-3) })),
  ...draw('batch norm in training', 40, (s) => {
    const dims = imageOf(s, [2, 4]);
    const perChannel = [dims[1]];
    return {
      shapes: [dims, perChannel, perChannel, perChannel, perChannel],
      build: (x, scale, shift, mean, variance) => {
        const { y, running } = l.batchNorm(x, scale, shift, { mean, variance }, { epsilon: 1e-3 });
        return concat([reshape(y, [sizeOf(dims)]), running.mean, running.variance], 0);
      },
    };
  }),
  ...draw('batch norm in use', 40, (s) => {
    const dims = imageOf(s, [1, 4]);
    const perChannel = [dims[1]];
    return {
      shapes: [dims, perChannel, perChannel, perChannel, perChannel],
      build: (x, scale, shift, mean, variance) => l.batchNormFixed(x, scale, shift, { mean, variance }),
      range: 'positive',
    };
  }),
  ...draw('group norm', 40, (s) => {
    const groups = between(s, 1, 3);
    const dims = imageOf(s, [1, 4]).with(1, groups * between(s, 1, 2));
    return { as: `${groups} groups`, shapes: [dims, [dims[1]], [dims[1]]], build: (x, a, b) => l.groupNorm(x, groups, a, b, 1e-3) };
  }),
  ...draw('channel layer norm', 30, (s) => {
    const dims = imageOf(s, [1, 4]);
    return { shapes: [dims, [dims[1]], [dims[1]]], build: (x, a, b) => l.channelLayerNorm(x, a, b, 1e-3) };
  }),
  ...draw('layer norm', 30, (s) => {
    const dims = imageOf(s, [2, 4]);
    return { shapes: [dims, [dims.at(-1) as number], [dims.at(-1) as number]], build: (x, a, b) => layerNorm(x, a, b, 1e-3) };
  }),
  ...draw('rms norm', 30, (s) => {
    const dims = imageOf(s, [1, 4]);
    return { shapes: [dims, [dims.at(-1) as number]], build: (x, a) => l.rmsNorm(x, a, 1e-5) };
  }),
  ...draw('l2 normalise', 30, (s) => {
    const dims = imageOf(s, [1, 4]);
    const axis = s.integer(dims.length);
    return { as: `${axis}`, shapes: [dims], build: (x) => l.l2Normalise(x, axis) };
  }),
  ...draw('cosine similarity', 30, (s) => {
    const dims = imageOf(s, [1, 4]);
    const axis = s.integer(dims.length);
    return { as: `${axis}`, shapes: [dims, dims], build: (a, b) => l.cosineSimilarity(a, b, axis) };
  }),
  ...draw('a sum used twice', 20, (s) => {
    const dims = imageOf(s, [1, 3]);
    return {
      shapes: [dims, dims],
      build: (a, b) => matmul(add(a, b), reshape(add(a, b), [...dims.slice(0, -2), dims.at(-1) as number, dims.at(-2) as number])),
    };
  }),
];

export const layerCases: DrawnCase[] = [...products, ...norms];

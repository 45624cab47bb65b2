/** Every op against PyTorch: results, and gradients of inputs and parameters. Cases come from the files. */
import { describe, test } from 'vitest';
import { pullBack } from '../../src/main/engine/backward';
import { type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { conv } from '../../src/main/engine/ops/convolution';
import * as e from '../../src/main/engine/ops/elementwise';
import { interpolate } from '../../src/main/engine/ops/interpolate';
import * as l from '../../src/main/engine/ops/layers';
import { matmul } from '../../src/main/engine/ops/linear';
import { instanceNorm } from '../../src/main/engine/ops/normalisation';
import { maxPool } from '../../src/main/engine/ops/pooling';
import { logSoftmax, softmax } from '../../src/main/engine/ops/softmax';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import { expectClose, golden, part } from '../golden';

type Variant = Record<string, unknown>;
type Build = (x: Record<string, Value>, variant: Variant, parameters: Record<string, Value>) => Value;
const cpu = { device: 'cpu', threads: 1 } as const;

async function run(outputs: Record<string, Value>, feeds: Map<Input, Tensor>): Promise<Map<string, Tensor>> {
  const session = await Session.create(encodeModel(buildModel({ name: 'golden', inputs: [...feeds.keys()], outputs, form: 'cpu' })), cpu);
  const results = await session.run(Object.fromEntries([...feeds].map(([{ name }, value]) => [name, value])));
  await session.release();
  return new Map(Object.entries(results));
}

const asInputs = (tensors: ReadonlyMap<string, Tensor>, prefix: string) =>
  new Map(
    [...tensors].map(([name, { dims, data }]) => [
      name,
      input(`${prefix}${name}`, data instanceof BigInt64Array ? 'int64' : 'float32', dims),
    ]),
  );

/** Compares result and gradients of one variant of a file. Scalar results are differentiated directly. */
async function follow(
  file: string,
  name: string,
  build: Build,
  further: (...given: Parameters<Build>) => Record<string, Value> = () => ({}),
): Promise<void> {
  const all = golden(`ops/${file}`);
  const variant = (all.metadata.variants as Record<string, Variant>)[name];
  const [given, weights] = [part(all, `in.${name}.`), part(all, `param.${name}.`)];
  const [xs, ws] = [asInputs(given, 'in '), asInputs(weights, 'param ')];
  const asked = [Object.fromEntries(xs), variant, Object.fromEntries(ws)] as const;
  const y = build(...asked);
  const cotangent: Value = xs.get('cot_y') ?? e.constantLike(y, 1);
  const slopes = pullBack([[y, cotangent]], [...xs.values(), ...ws.values()]);
  const wanted = new Map([
    ...[...part(all, `out.${name}.`)].map(([key, value]) => [`out ${key}`, value] as const),
    ...[...part(all, `grad_in.${name}.`)].map(([key, value]) => [`grad_in ${key}`, value] as const),
    ...[...part(all, `grad.${name}.`)].map(([key, value]) => [`grad ${key}`, value] as const),
  ]);
  const outputs: Record<string, Value> = { 'out y': y, ...further(...asked) };
  for (const [key, x] of xs) if (wanted.has(`grad_in ${key}`)) outputs[`grad_in ${key}`] = slopes.get(x) as Value;
  for (const [key, w] of ws) if (wanted.has(`grad ${key}`)) outputs[`grad ${key}`] = slopes.get(w) as Value;
  const feeds = new Map([...xs].map(([key, x]) => [x, given.get(key) as Tensor]));
  for (const [key, w] of ws) feeds.set(w, weights.get(key) as Tensor);
  expectClose(await run(outputs, feeds), wanted, { relative: 3e-6, absolute: 1e-6 });
}

const each = (value: unknown, axes: number): number[] =>
  Array.isArray(value) ? value : Array.from({ length: axes }, () => value as number);

/** Names of a file's variants that satisfy a condition. */
const variantsOf = (file: string, holds: (variant: Variant, name: string) => boolean): string[] =>
  Object.entries(golden(`ops/${file}`).metadata.variants as Record<string, Variant>).flatMap(([name, variant]) =>
    holds(variant, name) ? [name] : [],
  );

describe('convolution', () => {
  test.each(variantsOf('conv', ({ groups }) => groups === 1))('%s', (name) =>
    follow('conv', name, ({ x }, { stride, padding, dilation }, { weight, bias }) => {
      const axes = x.dims.length - 2;
      return conv(x, weight, bias ?? null, { strides: each(stride, axes), dilations: each(dilation, axes), before: each(padding, axes) });
    }),
  );
});

describe('max-pooling', () => {
  test.each(variantsOf('pool', ({ padding }, name) => name.startsWith('max') && !padding))('%s', (name) =>
    follow('pool', name, ({ x }, { kernel, stride }) =>
      maxPool(x, each(kernel, x.dims.length - 2), each(stride ?? kernel, x.dims.length - 2)),
    ),
  );
});

describe('normalisation', () => {
  const builds: Record<string, Build> = {
    batch_norm2d_train: (x, v, p) => trained(x, v, p).y,
    batch_norm3d_train: (x, v, p) => trained(x, v, p).y,
    batch_norm2d_eval: (x, v, p) => fixed(x, v, p),
    batch_norm3d_eval: (x, v, p) => fixed(x, v, p),
    layer_norm: ({ x }, { eps }, { weight, bias }) => l.layerNorm(x, weight, bias, eps as number),
    rms_norm: ({ x }, { eps }, { weight }) => l.rmsNorm(x, weight, eps as number),
    l2_normalize_dim1: ({ x }, { eps }) => l.l2Normalise(x, 1, eps as number),
    l2_normalize_last: ({ x }, { eps }) => l.l2Normalise(x, x.dims.length - 1, eps as number),
    cosine_similarity: ({ a, b }, { dim, eps }) => l.cosineSimilarity(a, b, dim as number, eps as number),
  };
  for (const axes of ['2d', '3d']) {
    builds[`instance_norm${axes}_plain`] = ({ x }, { eps }) => instanceNorm(x, eps as number);
    builds[`instance_norm${axes}_affine`] = ({ x }, { eps }, { weight, bias }) =>
      l.scaleAndShift(instanceNorm(x, eps as number), weight, bias);
    builds[`group_norm${axes}`] = ({ x }, { groups, eps }, { weight, bias }) =>
      l.groupNorm(x, groups as number, weight, bias, eps as number);
    builds[`channel_layer_norm${axes}`] = ({ x }, { eps }, { weight, bias }) => l.channelLayerNorm(x, weight, bias, eps as number);
  }
  const statistics = (x: Record<string, Value>) => ({ mean: x.running_mean, variance: x.running_var });
  const trained: (...given: Parameters<Build>) => ReturnType<typeof l.batchNorm> = (x, { eps, momentum }, { weight, bias }) =>
    l.batchNorm(x.x, weight, bias, statistics(x), { epsilon: eps as number, momentum: momentum as number });
  const fixed: Build = (x, { eps }, { weight, bias }) => l.batchNormFixed(x.x, weight, bias, statistics(x), eps as number);

  test.each(variantsOf('norm', () => true))('%s', (name) =>
    follow('norm', name, builds[name], (x, v, p): Record<string, Value> => {
      if (!name.endsWith('_train')) return {};
      const { running } = trained(x, v, p);
      return { 'out running_mean': running.mean, 'out running_var': running.variance };
    }),
  );
});

describe('curves', () => {
  const builds: Record<string, Build> = {
    gelu_erf: ({ x }) => e.gelu(x),
    relu: ({ x }) => e.relu(x),
    leaky_relu_001: ({ x }, { slope }) => e.leakyRelu(x, slope as number),
    leaky_relu_02: ({ x }, { slope }) => e.leakyRelu(x, slope as number),
    silu: ({ x }) => e.silu(x),
    sigmoid: ({ x }) => e.sigmoid(x),
    tanh: ({ x }) => e.tanh(x),
    softmax_dim1: ({ x }) => softmax(x, 1),
    softmax_last: ({ x }) => softmax(x, x.dims.length - 1),
    log_softmax_dim1: ({ x }) => logSoftmax(x, 1),
  };
  test.each(variantsOf('activation', (_, name) => name in builds))('%s', (name) => follow('activation', name, builds[name]));
});

describe('interpolation', () => {
  // With a broken scale factor PyTorch maps coordinates by the factor, not by the ratio of sizes; no network here does that.
  const holds = ({ mode, scale_factor: scale }: Variant) => /linear$/.test(String(mode)) && (scale === null || Number.isInteger(scale));
  test.each(variantsOf('interpolate', holds))('%s', (name) =>
    follow('interpolate', name, ({ x }, { size, scale_factor: scale, align_corners: aligned }) => {
      const to = (size as number[] | null) ?? x.dims.slice(2).map((side) => side * (scale as number));
      return interpolate(x, to, aligned ? 'aligned' : 'halfPixel');
    }),
  );
});

describe('products', () => {
  test.each(variantsOf('attention', (_, name) => name.startsWith('matmul')))('%s', (name) =>
    follow('attention', name, ({ a, b }) => matmul(a, b)),
  );
  test('linear', () => follow('attention', 'linear', ({ x }, _, { weight, bias }) => l.linear(x, weight, bias)));
});

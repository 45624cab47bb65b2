/** Networks from elsewhere: the same answers as onnxruntime gives on the file, and fine-tuning of what has a name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/main/engine/backward';
import { constant, input } from '../../src/main/engine/graph';
import { type ImportedNetwork, importNetwork } from '../../src/main/engine/importer/importNetwork';
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { decodeModel } from '../../src/main/engine/onnx/decode';
import { mul, sub } from '../../src/main/engine/ops/elementwise';
import { meanAll } from '../../src/main/engine/ops/reduce';
import { sgd } from '../../src/main/engine/optimisers';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { planStep, TrainingStep } from '../../src/main/engine/trainStep';
import { inferenceModel } from '../../src/main/networks/inference';
import { initialParameters } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';
import { cpu, disagreement, drawn, floats, ints, modelOf, run } from './importNodes';

const folder = join(import.meta.dirname, '../fixtures/onnx');
const bytes = readFileSync(join(folder, 'tiny.onnx'));
const written = JSON.parse(readFileSync(join(folder, 'tiny.json'), 'utf8')) as Record<
  'image' | 'logits',
  { dims: number[]; data: number[] }
>;
const image = tensor(written.image.dims, written.image.data);
const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i])), a.length === b.length ? 0 : Number.POSITIVE_INFINITY);

describe('a network as PyTorch exports it, with sides of any size', () => {
  const model = decodeModel(bytes);

  test('gives what PyTorch and onnxruntime give', async () => {
    const { outputs, image: x } = importNetwork(model, { image: image.dims });
    const { logits } = await run(outputs, x, image, 'cpu');
    expect(logits.dims).toEqual(written.logits.dims);
    expect(largest(logits.data as Float32Array, written.logits.data)).toBeLessThan(1e-5);
    expect(await disagreement(bytes, model, image)).toBeLessThan(1e-5);
  });

  test.each([[[1, 2, 24, 16]], [[3, 2, 12, 20]]])('gives the same on an image %j', async (dims) => {
    expect(await disagreement(bytes, model, drawn(...dims))).toBeLessThan(1e-5);
  });

  test('knows its parameters by the names in the file, without running statistics and settings', () => {
    const names = importNetwork(model, { image: image.dims }).parameters.map(({ name }) => name);
    expect(names).toEqual(model.initializers.map(({ name }) => name).filter((name) => !name.includes('running')));
  });

  test('learns with the parameters that are named, keeps the others bit by bit, and runs when exported', async () => {
    const trainable = (name: string) =>
      name.startsWith('head.') || name.startsWith('up') || name.startsWith('down') || name.includes('MatMul');
    await fineTune(model, importNetwork(model, { image: image.dims, trainable }), image);
  });
});

/** Twenty steps towards a drawn target; then what was frozen is as it was, and an exported file gives what the trained graph gives. */
async function fineTune(model: Model, network: ImportedNetwork, feed: Tensor): Promise<void> {
  const [name] = model.outputs.map((port) => port.name);
  const output = network.outputs[name];
  const target = input('target', 'float32', output.dims);
  const rate = input('rate', 'float32', []);
  const distance = sub(output, target);
  const loss = meanAll(mul(distance, distance));
  const parameters = [...network.trained.values()];
  expect(parameters.length).toBeGreaterThan(0);
  const slopes = gradients(loss, parameters);
  const plan = planStep({
    name: 'fine-tuning',
    inputs: [network.image, target, rate],
    steps: parameters.map((p) => sgd(p, slopes.get(p)!, { rate, momentum: 0.9 })),
    reports: { loss },
  });
  const step = await TrainingStep.open(plan, network.weights, cpu);
  const losses: number[] = [];
  const inputs = { image: feed, target: drawn(...output.dims), rate: { dims: [], data: Float32Array.of(0.02) } };
  for (let t = 0; t < 20; t++) losses.push((await step.run(inputs)).loss);
  const learned = new Map([...step.parameters()].map(([key, { dims, data }]) => [key, { dims, data: data.slice() as Float32Array }]));
  await step.close();
  expect(losses[19]).toBeLessThan(0.9 * losses[0]);
  expect([...learned.keys()]).toEqual([...network.trained.keys()]);

  const weights = new Map<string, Tensor>([...network.weights, ...learned]);
  const exported = inferenceModel(network, weights, { image: feed.dims, batch: 'fixed', activation: 'none' });
  const kept = new Map(decodeModel(plan.model).initializers.map((initializer) => [initializer.name, initializer.data]));
  for (const [key, { data }] of network.weights) {
    if (!network.trained.has(key)) expect(kept.get(key)).toEqual(data);
    // A norm takes away what a bias before it adds.
    else if (!key.endsWith('bias')) expect(learned.get(key)?.data).not.toEqual(data);
  }
  const session = await Session.create(exported, cpu);
  const { logits } = await session.run({ image: feed });
  await session.release();
  const values = new Map([...weights].map(([key, value]) => [key, constant(value, key)]));
  const direct = await run({ y: network.forward(values, network.image) }, network.image, feed, 'cpu');
  expect(largest(logits.data as Float32Array, direct.y.data as Float32Array)).toBeLessThan(1e-5);
}

test('a student exported here comes back with its keys, its answers and its gradients', async () => {
  const student = unet3d({ inChannels: 1, classes: 2, widths: [2, 2, 2, 4, 4] });
  const weights = initialParameters(student, random(2));
  const dims = [1, 1, 16, 16, 16];
  const exported = inferenceModel(student, weights, { image: dims, batch: 'any', activation: 'softmax' });
  const model = decodeModel(exported);
  const feed = drawn(...dims);
  expect(await disagreement(exported, model, feed)).toBeLessThan(1e-5);
  const network = importNetwork(model, { image: dims, trainable: (name) => name.startsWith('final') || name.startsWith('up_concat1') });
  expect(network.parameters.map(({ name }) => name).sort()).toEqual([...weights.keys()].sort());
  const logits = { ...model, nodes: model.nodes.filter(({ op }) => op !== 'Softmax') };
  const last = logits.nodes.at(-1)!.outputs[0];
  const bare = { ...logits, outputs: [{ ...model.outputs[0], name: last }] };
  await fineTune(
    bare,
    importNetwork(bare, { image: dims, trainable: (name) => name.startsWith('final') || name.startsWith('up_concat1') }),
    feed,
  );
});

test('a network written by hand in the manner of version 7 is fine-tuned', async () => {
  const model = modelOf({
    opset: 7,
    image: [1, 2, 8, 8],
    lines: [
      ['Conv', 'x w b', 'a', { auto_pad: 'SAME_UPPER', kernel_shape: [3, 3] }],
      ['BatchNormalization', 'a scale shift mean variance', 'n'],
      ['Relu', 'n', 'r'],
      ['AveragePool', 'r', 'p', { kernel_shape: [2, 2], strides: [2, 2] }],
      ['Upsample', 'p', 'u', { mode: 'linear', scales: { floats: [1, 1, 2, 2] } }],
      ['Conv', 'u head', 'y'],
    ],
    weights: {
      w: drawn(4, 2, 3, 3),
      b: drawn(4),
      scale: floats(1, 2, 0.5, 1.5),
      shift: drawn(4),
      mean: floats(0.1, 0, -0.2, 0.3),
      variance: floats(1, 0.5, 2, 1),
      head: drawn(2, 4, 1, 1),
    },
  });
  const feed = drawn(1, 2, 8, 8);
  expect(await disagreement(encodeModel(model), model, feed)).toBeLessThan(1e-5);
  const network = importNetwork(model, { image: feed.dims, trainable: (name) => name !== 'w' });
  expect([...network.trained.keys()]).toEqual(['b', 'scale', 'shift', 'head']);
  await fineTune(model, network, feed);
});

describe('what cannot be imported is said in a sentence', () => {
  const image = [1, 2, 4, 4];
  test('unsupported operators are listed all at once', () => {
    const lines = [
      ['LSTM', 'x', 'a'] as const,
      ['NonZero', 'a', 'b'] as const,
      ['LSTM', 'b', 'y'] as const,
      ['Bernoulli', 'x', 'unused'] as const,
    ];
    expect(() => importNetwork(modelOf({ opset: 17, image, lines }), { image })).toThrow(
      'The model uses operators that are not supported: LSTM (2), NonZero (1).',
    );
  });
  test('a mismatch names the node, the op, what was expected and what came', () => {
    const model = modelOf({ opset: 17, image, lines: [['Conv', 'x w', 'y']], weights: { w: drawn(4, 3, 1, 1) } });
    model.nodes[0].name = 'stem';
    expect(() => importNetwork(model, { image })).toThrow('The node stem (Conv): Conv: 2 input channels, weights expect 3.');
  });
  test('a size that depends on voxels is refused', () => {
    const lines = [['Cast', 'x', 'whole', { to: 7 }] as const, ['Reshape', 'x whole', 'y'] as const];
    expect(() => importNetwork(modelOf({ opset: 17, image, lines }), { image })).toThrow(
      `The node y (Reshape): input 1 [1, 2, 4, 4] depends on voxels, expected numbers known from the image's size.`,
    );
  });
  test('another image, several inputs, a missing value', () => {
    const model = modelOf({ opset: 17, image, lines: [['Relu', 'z', 'y']] });
    expect(() => importNetwork(model, { image: [1, 2, 4] })).toThrow(
      "The model's input x is [side 0, side 1, side 2, side 3]; an image [1, 2, 4] came.",
    );
    expect(() => importNetwork(model, { image })).toThrow('The node y (Relu) reads z, which nothing gives.');
    expect(() => importNetwork({ ...model, inputs: [...model.inputs, ...model.inputs] }, { image })).toThrow(
      'The model has 2 inputs (x, x)',
    );
  });
  test('sizes that lie do not cost memory', () => {
    const lines = [['ConstantOfShape', 'size', 'c'] as const, ['Add', 'x c', 'y'] as const];
    const model = modelOf({ opset: 17, image, lines, weights: { size: ints(2 ** 30, 2 ** 20) } });
    expect(() => importNetwork(model, { image })).toThrow('is more than 67108864 numbers');
  });
});

test('damaged models are imported or refused in a sentence, without crash, hang or much memory', () => {
  const stream = random(9);
  const pick = (n: number) => Math.floor(stream.uniform() * n);
  const crashes: string[] = [];
  let refused = 0;
  for (let round = 0; round < 300; round++) {
    const damaged = Uint8Array.from(bytes);
    // The graph's nodes come before its weights: numbers there steer shapes.
    for (let n = 0; n < 3; n++) damaged[pick(bytes.indexOf('stem.weight', 12_000))] = pick(256);
    try {
      importNetwork(decodeModel(damaged), { image: image.dims });
    } catch (error) {
      refused++;
      if (!/^Error: (This is not a readable ONNX model: |The (node|model) ?)/.test(String(error))) crashes.push(String(error));
    }
  }
  expect(crashes).toEqual([]);
  expect(refused).toBeGreaterThan(100);
});

/** Student networks as the rest of the program meets them: by name, with the counted size, and with buffers that move in training alone. */
import { expect, test } from 'vitest';
import { input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { decodeModel } from '../../src/main/engine/onnx/decode';
import { Session } from '../../src/main/engine/session';
import { sizeOf } from '../../src/main/engine/tensor';
import { inferenceModel } from '../../src/main/networks/inference';
import { initialParameters, Pass, parameterCount, parameterInputs, trainedInputs } from '../../src/main/networks/network';
import { axesOf, readStudentSpec, type StudentSpec, studentNetwork } from '../../src/main/networks/students';
import { random } from '../../src/shared/random';
import { relativeDifference } from '../golden';

const cpu = { device: 'cpu', threads: 1 } as const;

const nested = (inChannels: number, widths: number[], deepSupervision = false): StudentSpec => ({
  architecture: 'nestedUnet',
  inChannels,
  classes: 1,
  widths,
  paths: 'nested',
  deepSupervision,
});
const vnet3d = (inChannels: number, classes: number, width: number): StudentSpec => ({
  architecture: 'vnet',
  axes: 3,
  inChannels,
  classes,
  width,
  norm: 'batch',
  skips: 'results',
});
const knowsam = {
  unet: (classes: number): StudentSpec => ({
    architecture: 'unet2d',
    inChannels: 3,
    classes,
    widths: [16, 32, 64, 128, 256],
    dropout: [0.05, 0.1, 0.2, 0.3, 0.5],
  }),
  vnet: (classes: number): StudentSpec => ({
    architecture: 'vnet',
    axes: 2,
    inChannels: 3,
    classes,
    width: 16,
    norm: 'none',
    skips: 'beginnings',
  }),
};
const nnunet: StudentSpec = {
  architecture: 'plainConvUnet',
  inChannels: 1,
  classes: 3,
  widths: [2, 3, 4],
  kernels: [
    [1, 3, 3],
    [3, 3, 3],
    [3, 3, 3],
  ],
  strides: [
    [1, 1, 1],
    [1, 2, 2],
    [2, 2, 2],
  ],
  convolutions: { down: 2, up: 1 },
  deepSupervision: true,
};

test.each<[string, StudentSpec, number]>([
  ['3D U-Net, 2 → 11', { architecture: 'unet3d', inChannels: 2, classes: 11, widths: [16, 32, 64, 128, 256] }, 5_884_635],
  ['V-Net, 1 → 14, 32 channels', vnet3d(1, 14, 32), 37_778_126],
  ['V-Net, 1 → 16, 32 channels', vnet3d(1, 16, 32), 37_778_192],
  ['V-Net, 1 → 14, 16 channels', vnet3d(1, 14, 16), 9_449_070],
  ['V-Net, 1 → 2, 16 channels', vnet3d(1, 2, 16), 9_448_866],
  ['V-Net, 2 → 13, 16 channels', vnet3d(2, 13, 16), 9_449_485],
  ["KnowSAM's U-Net, 3 → 2", knowsam.unet(2), 1_944_322],
  ["KnowSAM's U-Net, 3 → 4", knowsam.unet(4), 1_944_612],
  ["KnowSAM's V-Net, 3 → 2", knowsam.vnet(2), 3_265_986],
  ["KnowSAM's V-Net, 3 → 4", knowsam.vnet(4), 3_266_020],
  ['UNet++, 3 → 1', nested(3, [32, 64, 128, 256, 512]), 9_163_329],
  ['UNet++ with deep supervision, 3 → 1', nested(3, [32, 64, 128, 256, 512], true), 9_163_428],
  ['UNet++, 1 → 1', nested(1, [32, 64, 128, 256, 512]), 9_162_753],
  ['UNet++ of half the width', nested(3, [16, 32, 64, 128, 256]), 2_293_793],
  ['UNet++ of a quarter of the width', nested(3, [8, 16, 32, 64, 128]), 574_929],
  ['the plain U-Net of its width', { ...nested(3, [32, 64, 128, 256, 512]), paths: 'plain' } as StudentSpec, 7_852_545],
])('%s has the published number of parameters', (_name, spec, count) => {
  expect(parameterCount(studentNetwork(spec))).toBe(count);
});

test.each<[StudentSpec, number[]]>([
  [vnet3d(1, 2, 2), [16, 16, 16]],
  [knowsam.unet(2), [16, 16]],
  [nested(3, [2, 2, 2, 2, 2]), [16, 16]],
  [nnunet, [2, 4, 4]],
])('a specification survives JSON and builds a network that says what images it takes: %o', (spec, strides) => {
  const read = readStudentSpec(JSON.parse(JSON.stringify(spec)));
  expect(read).toEqual(spec);
  const network = studentNetwork(read);
  expect(network.strides).toEqual(strides);
  expect(axesOf(network)).toBe(strides.length);
  const image = input('image', 'float32', [1, network.inChannels, ...strides.map((stride) => stride + 1)]);
  expect(() => network.forward(parameterInputs(network), image)).toThrow('with sides that are multiples of');
});

test.each<[string, unknown]>([
  ['a student should be a record of fields, not null', null],
  ['architecture should be one of unet3d, vnet, nestedUnet, unet2d, plainConvUnet, not "resnet"', { architecture: 'resnet' }],
  ['inChannels should be a whole number from 1, not 0', { ...vnet3d(0, 2, 4) }],
  ['norm should be one of none, batch, instance, group, not "layer"', { ...vnet3d(1, 2, 4), norm: 'layer' }],
  ['widths should be a list of 5, not [4,8]', { ...nested(1, [4, 8]) }],
  ['dropout[4] should be a share from 0 to below 1, not 1', { ...knowsam.unet(2), dropout: [0, 0, 0, 0, 1] }],
  [
    'kernels[1] should be a list of 3, not [3,3]',
    {
      ...nnunet,
      kernels: [
        [1, 3, 3],
        [3, 3],
        [3, 3, 3],
      ],
    },
  ],
  ['vnet has no depth', { ...vnet3d(1, 2, 4), depth: 3 }],
])('what does not fit is refused in one sentence: %s', (sentence, raw) => {
  expect(() => readStudentSpec(raw)).toThrow(`student: ${sentence}`);
});

const small = studentNetwork(nested(1, [2, 2, 2, 2, 2]));

test('a second pass of a step goes on from the buffers of the first, and neither reaches the gradients', async () => {
  const theta = parameterInputs(small);
  const image = input('image', 'float32', [2, 1, 32, 32]);
  const [first, second] = [Pass.training(), Pass.training()];
  small.forward(theta, image, first);
  small.forward(new Map<string, Value>([...theta, ...first.buffers]), image, second);
  const name = 'conv0_0.bn1';
  const outputs = {
    after1: first.buffers.get(`${name}.running_mean`) as Value,
    after2: second.buffers.get(`${name}.running_mean`) as Value,
  };
  const counted = second.buffers.get(`${name}.num_batches_tracked`) as Value;
  const model = buildModel({ name: 'twice', inputs: [image, ...theta.values()], outputs: { ...outputs, counted }, form: 'cpu' });
  const session = await Session.create(encodeModel(model), cpu);
  const stream = random(4);
  const data = Float32Array.from({ length: 2 * 32 * 32 }, () => stream.normal());
  const came = await session.run({ image: { dims: image.dims, data }, ...Object.fromEntries(initialParameters(small, random(1))) });
  await session.release();
  expect(Number(came.counted.data[0])).toBe(2);
  // From 0 towards the batch's mean m by a tenth each time: 0.1·m, then 0.19·m.
  expect(Number(came.after2.data[0]) / Number(came.after1.data[0])).toBeCloseTo(1.9, 4);
  expect(trainedInputs(small, theta).filter((p) => /running|num_batches/.test(p.name))).toEqual([]);
});

test.each<[StudentSpec, string[]]>([
  [nested(1, [2, 2, 2, 2, 2]), ['Conv', 'MaxPool', 'Resize']],
  [{ ...vnet3d(1, 2, 2), axes: 2 } as StudentSpec, ['Conv', 'ConvTranspose']],
  [{ ...knowsam.unet(2), widths: [2, 2, 2, 2, 2] } as StudentSpec, ['Conv', 'ConvTranspose', 'LeakyRelu', 'MaxPool']],
  [nnunet, ['Conv', 'ConvTranspose', 'InstanceNormalization', 'LeakyRelu']],
])('exported for any batch it answers as it does one by one: %o', async (spec, ops) => {
  const network = studentNetwork(spec);
  const weights = initialParameters(network, random(1));
  const one = [1, network.inChannels, ...network.strides.map((stride) => (stride === 16 ? 32 : 3 * stride))];
  const [any, fixed] = (['any', 'fixed'] as const).map((batch) =>
    inferenceModel(network, weights, { image: one, batch, activation: 'none' }),
  );
  expect(decodeModel(any).nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(ops));
  const stream = random(2);
  const image = { dims: one.with(0, 2), data: Float32Array.from({ length: 2 * sizeOf(one) }, () => stream.normal()) };
  const [together, single] = [await Session.create(any, cpu), await Session.create(fixed, cpu)];
  const both = (await together.run({ image })).logits;
  expect(both.dims[0]).toBe(2);
  for (let n = 0; n < 2; n++) {
    const part = { dims: one, data: image.data.slice(n * sizeOf(one), (n + 1) * sizeOf(one)) };
    const { logits } = await single.run({ image: part });
    const length = logits.data.length;
    expect(relativeDifference(logits.data, both.data.slice(n * length, (n + 1) * length))).toBeLessThan(1e-5);
  }
  await together.release();
  await single.release();
});

test('a network with batch norm is exported with its running statistics, and evaluation moves nothing', () => {
  const pass = Pass.evaluation();
  small.forward(parameterInputs(small), input('image', 'float32', [1, 1, 16, 16]), pass);
  expect(pass.buffers.size).toBe(0);
  const weights = initialParameters(small, random(1));
  const options = { image: [1, 1, 32, 32], batch: 'any', activation: 'none' } as const;
  expect(inferenceModel(small, weights, options).byteLength).toBeGreaterThan(1000);
  weights.delete('conv0_0.bn1.running_mean');
  expect(() => inferenceModel(small, weights, options)).toThrow('conv0_0.bn1.running_mean');
});

test('batch norm refuses to train on one value per channel', () => {
  const image = input('image', 'float32', [1, 1, 16, 16]);
  expect(() => small.forward(parameterInputs(small), image, Pass.training())).toThrow('more than one value per channel');
});

test('deep supervision answers from full resolution down', () => {
  const network = studentNetwork(nnunet);
  const pass = Pass.training();
  const logits = network.forward(parameterInputs(network), input('image', 'float32', [1, 1, 4, 8, 8]), pass);
  expect(pass.heads.map(({ dims }) => dims)).toEqual([
    [1, 3, 4, 8, 8],
    [1, 3, 4, 4, 4],
  ]);
  expect(pass.heads[0]).toBe(logits);
});

test("V-Net lets features of stride 8 be looked at, and KnowSAM's U-Net drops what its levels say", () => {
  const network = studentNetwork(vnet3d(1, 2, 2));
  const pass = Pass.evaluation();
  network.forward(parameterInputs(network), input('image', 'float32', [1, 1, 32, 32, 32]), pass);
  expect(pass.taps.get('block_four')?.dims).toEqual([1, 16, 4, 4, 4]);
  const masks = studentNetwork(knowsam.unet(2)).masks([2, 3, 32, 32]);
  expect(masks.map(({ share }) => share)).toEqual([0.05, 0.1, 0.2, 0.3, 0.5]);
  expect(masks[4].dims).toEqual([2, 256, 2, 2]);
});

test('group norm has parameters but no buffers, and wants widths it can divide', () => {
  const keys = (spec: StudentSpec) => studentNetwork(spec).parameters.map(({ name }) => name);
  const grouped = keys({ ...vnet3d(1, 2, 16), norm: 'group' } as StudentSpec);
  expect(grouped).toEqual(keys(vnet3d(1, 2, 16)).filter((name) => !/running|num_batches/.test(name)));
  expect(() => studentNetwork({ ...vnet3d(1, 2, 8), norm: 'group' } as StudentSpec)).toThrow('multiple of 16, not 8');
});

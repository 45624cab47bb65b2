/** A trained network as a file for other programs. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeModel, opset } from '../../src/main/engine/onnx';
import { decodeModel } from '../../src/main/engine/onnx/decode';
import { Session } from '../../src/main/engine/session';
import { tensor } from '../../src/main/engine/tensor';
import { inferenceModel } from '../../src/main/networks/inference';
import { initialParameters, parameterCount } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';
import { temporaryFolder } from '../folders';
import { relativeDifference } from '../golden';

const network = unet3d({ inChannels: 2, classes: 3, widths: [2, 4, 8, 16, 32] });
const weights = initialParameters(network, random(1));
const metadata = { spec: '{"structures": [1, 2]}' };
const exported = inferenceModel(network, weights, { image: [1, 2, 32, 32, 32], batch: 'any', activation: 'softmax', metadata });

test('it holds the weights under their keys, the metadata, and nothing of training', () => {
  const model = decodeModel(exported);
  const kept = model.initializers.filter(({ name }) => weights.has(name));
  expect(kept.map(({ name, dims, data }) => [name, { dims, data }])).toEqual([...weights]);
  expect(model.metadata).toEqual(metadata);
  expect(model.inputs).toEqual([{ name: 'image', dtype: 'float32', dims: ['batch', 2, 32, 32, 32] }]);
  expect(model.outputs).toEqual([{ name: 'probabilities', dtype: 'float32', dims: ['batch', 3, 32, 32, 32] }]);
  expect([...new Set(model.nodes.map((node) => node.op))].sort()).toEqual([
    'Concat',
    'Conv',
    'InstanceNormalization',
    'MaxPool',
    'Relu',
    'Resize',
    'Softmax',
  ]);
});

test('it reads back as it was written', () => {
  expect(Buffer.from(encodeModel(decodeModel(exported))).equals(Buffer.from(exported))).toBe(true);
});

test('it answers any batch, as the fixed form does one by one', async () => {
  const session = await Session.create(exported, { device: 'cpu', threads: 1 });
  const fixed = inferenceModel(network, weights, { image: [1, 2, 32, 32, 32], batch: 'fixed', activation: 'softmax' });
  const single = await Session.create(fixed, { device: 'cpu', threads: 1 });
  const stream = random(3);
  const images = tensor(
    [3, 2, 32, 32, 32],
    Float32Array.from({ length: 6 * 32 ** 3 }, () => stream.normal()),
  );
  const together = (await session.run({ image: images })).probabilities;
  expect(together.dims).toEqual([3, 3, 32, 32, 32]);
  for (let n = 0; n < 3; n++) {
    const image = tensor([1, 2, 32, 32, 32], images.data.slice(n * 2 * 32 ** 3, (n + 1) * 2 * 32 ** 3));
    const { probabilities } = await single.run({ image });
    expect(
      relativeDifference(probabilities.data, together.data.slice(n * 3 * 32 ** 3, (n + 1) * 3 * 32 ** 3) as Float32Array),
    ).toBeLessThan(1e-5);
  }
  await session.release();
  await single.release();
});

test('with open sides it takes any image whose sides are multiples of its stride', async () => {
  const options = { image: [1, 2, 32, 32, 32], batch: 'any', sides: 'any', activation: 'softmax' } as const;
  const open = inferenceModel(network, weights, options);
  expect(decodeModel(open).inputs[0].dims).toEqual(['batch', 2, 'k', 'j', 'i']);
  const dims = [1, 2, 16, 48, 32];
  const fixed = inferenceModel(network, weights, { ...options, image: dims, batch: 'fixed' });
  const stream = random(5);
  const image = tensor(
    dims,
    Float32Array.from({ length: 2 * 16 * 48 * 32 }, () => stream.normal()),
  );
  const [came, expected] = await Promise.all(
    [open, fixed].map(async (model) => {
      const session = await Session.create(model, { device: 'cpu', threads: 1 });
      const { probabilities } = await session.run({ image });
      await session.release();
      return probabilities;
    }),
  );
  expect(came.dims).toEqual([1, 3, 16, 48, 32]);
  expect(relativeDifference(came.data, expected.data as Float32Array)).toBeLessThan(1e-5);
});

test('a fresh network has the counted number of parameters, each of the right spread', () => {
  expect(parameterCount(unet3d({ inChannels: 2, classes: 11, widths: [16, 32, 64, 128, 256] }))).toBe(5_884_635);
  expect(parameterCount(unet3d({ inChannels: 1, classes: 13, widths: [16, 32, 64, 128, 256] }))).toBe(5_884_237);
  const { data } = initialParameters(network, random(1)).get('center.conv2.0.weight')!;
  const variance = data.reduce((sum, w) => sum + w * w, 0) / data.length;
  expect(variance / (2 / (32 * 27))).toBeCloseTo(1, 1);
});

test('weights that are missing or have another shape are named', () => {
  const options = { image: [1, 2, 32, 32, 32], batch: 'any', activation: 'softmax' } as const;
  const without = new Map([...weights].filter(([name]) => name !== 'final.bias'));
  expect(() => inferenceModel(network, without, options)).toThrow('no weights for final.bias');
  const other = new Map(weights).set('final.bias', tensor([2], [0, 0]));
  expect(() => inferenceModel(network, other, options)).toThrow('final.bias has shape [2], expected [3]');
});

const python = '/usr/bin/python3';
const checker = existsSync(python) && hasOnnx();
function hasOnnx(): boolean {
  try {
    execFileSync(python, ['-c', 'import onnx'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
test.runIf(checker)('the ONNX checker and shape inference accept it', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'student.onnx');
  await writeFile(path, exported);
  const program = `
import sys, onnx
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
print(model.opset_import[0].version, len(onnx.shape_inference.infer_shapes(model, strict_mode=True).graph.value_info) > 0)`;
  expect(execFileSync(python, ['-c', program, path], { encoding: 'utf8' }).trim()).toBe(`${opset} True`);
});
test.skipIf(checker)('the ONNX checker was not asked: install the Debian package python3-onnx', () => undefined);

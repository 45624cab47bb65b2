/** Sessions of large models: their numbers lie in a file of weights, or beside the model while it is loaded. */
import { statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/main/checkpoints/checkpoint';
import { writeSafetensors } from '../../src/main/checkpoints/safetensors';
import { sessionOf } from '../../src/main/compute/teachers/network';
import { recogniseWeights } from '../../src/main/compute/teachers/recognise';
import { constant, input } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { lyingBeside } from '../../src/main/engine/onnx/file';
import { matmul } from '../../src/main/engine/ops/linear';
import { storedTensor } from '../../src/main/engine/stored';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { officialSams, samParameters } from '../../src/main/networks/sam/spec';
import { temporaryFolder } from '../folders';

const side = 20;
const numbers = tensor(
  [side, side],
  Array.from({ length: side * side }, (_, n) => Math.sin(n)),
);
/** A product with one matrix, which the model holds or which lies in a file. */
function model(weight: Tensor, name: string | null = null): Model {
  const image = input('image', 'float32', [1, side]);
  return buildModel({ name: 'm', inputs: [image], outputs: { y: matmul(image, constant(weight, name)) }, form: 'cpu' });
}
async function answerOf(model: Model, options: { keepGraphAt?: string } = {}, limit?: number): Promise<Tensor> {
  const session = await sessionOf(model, { device: 'cpu', threads: 1, ...options }, limit);
  const ascending = Array.from({ length: side }, (_, n) => n);
  const { y } = await session.run({ image: tensor([1, side], ascending) });
  await session.release();
  return y;
}

test('a model with its numbers beside it answers like one that holds them', async () => {
  expect(await answerOf(model(numbers), {}, 0)).toEqual(await answerOf(model(numbers)));
});

describe('weights in their file', () => {
  /** The matrix in a weights file, as a teacher's weights lie in a project. */
  async function stored(): Promise<{ path: string; weight: Tensor }> {
    const path = join(temporaryFolder(), 'weights.safetensors');
    await writeSafetensors(
      path,
      new Map([
        ['before', tensor([3], [1, 2, 3])],
        ['weight', numbers],
      ]),
    );
    const checkpoint = await openCheckpoint(path);
    const place = checkpoint.whereIs('weight');
    await checkpoint.close();
    if (!place) throw new Error('the weights do not lie in the file as they are used');
    return { path, weight: storedTensor([side, side], place) };
  }

  test('answer like those in memory, and stay where they are', async () => {
    const { path, weight } = await stored();
    const graph = join(temporaryFolder(), 'graph.onnx');
    expect(await answerOf(model(weight, 'weight'), { keepGraphAt: graph })).toEqual(await answerOf(model(numbers)));
    expect(statSync(graph).size).toBeLessThan(4 * side * side);
    const lying = lyingBeside(model(weight, 'weight'));
    expect(lying).toMatchObject({ folder: dirname(path), beside: { location: 'weights.safetensors' } });
  });

  test('are read by whoever asks for the numbers', async () => {
    const { weight } = await stored();
    expect(weight.data).toEqual(numbers.data);
    expect(encodeModel(model(weight, 'weight'))).toEqual(encodeModel(model(numbers, 'weight')));
  });

  test('that are no longer all there are missed in a sentence', async () => {
    const { path, weight } = await stored();
    truncateSync(path, 1000);
    expect(() => weight.data).toThrow(/weights\.safetensors ends before byte \d+, where 400 of its numbers should end/);
  });

  test('in half precision are none that a session could map', async () => {
    const path = join(temporaryFolder(), 'half.safetensors');
    await writeSafetensors(path, new Map([['weight', { dims: [2], data: new Uint16Array(2) }]]));
    const checkpoint = await openCheckpoint(path);
    expect(checkpoint.whereIs('weight')).toBeNull();
    await checkpoint.close();
  });
});

test.each(Object.entries(officialSams))('%s is known by its shapes, wrapped or not, with the number of its parameters', (name, spec) => {
  const entries = samParameters(spec).map((one) => ({ name: one.name, dims: one.dims, dtype: 'float32' as const, bytes: 0 }));
  const expected = { 'SAM ViT-B': 93_735_472, 'SAM ViT-L': 312_342_832, 'SAM ViT-H': 641_090_608, 'SAM-Med3D': 100_509_232 };
  for (const prefix of ['', 'model_state_dict.module.']) {
    const wrapped = [...entries.map((one) => ({ ...one, name: prefix + one.name })), { ...entries[0], name: 'optimizer.state.0' }];
    const found = recogniseWeights(prefix ? wrapped : entries, 'file');
    expect(found.facts).toMatchObject({
      architecture: spec.axes === 2 ? 'sam-2d' : 'sam-3d',
      variant: name === 'SAM-Med3D' ? 'ViT-B' : name.replace('SAM ', ''),
      parameters: expected[name as keyof typeof expected],
    });
  }
});

/** Sessions of models too large for one file: their numbers lie beside them while they are loaded. */
import { expect, test } from 'vitest';
import { sessionOf } from '../../src/main/compute/teachers/network';
import { recogniseWeights } from '../../src/main/compute/teachers/recognise';
import { constant, input } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { matmul } from '../../src/main/engine/ops/linear';
import { tensor } from '../../src/main/engine/tensor';
import { officialSams, samParameters } from '../../src/main/networks/sam/spec';

test('a model with its numbers beside it answers like one that holds them', async () => {
  const side = 20;
  const image = input('image', 'float32', [1, side]);
  const weight = constant(
    tensor(
      [side, side],
      Array.from({ length: side * side }, (_, n) => Math.sin(n)),
    ),
  );
  const model = buildModel({ name: 'm', inputs: [image], outputs: { y: matmul(image, weight) }, form: 'cpu' });
  const feeds = {
    image: tensor(
      [1, side],
      Array.from({ length: side }, (_, n) => n),
    ),
  };
  const answers = [];
  for (const limit of [undefined, 0]) {
    const session = await sessionOf(model, { device: 'cpu', threads: 1 }, limit);
    answers.push((await session.run(feeds)).y);
    await session.release();
  }
  expect(answers[1]).toEqual(answers[0]);
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

/** SAM and SAM-Med3D against the official code: every block, every prompt, every mask, and the gradients through all of it. */
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/main/engine/graph';
import { slice } from '../../src/main/engine/ops/shape';
import { encodeImage } from '../../src/main/networks/sam/imageEncoder';
import { recogniseSam } from '../../src/main/networks/sam/recognise';
import { samParameters } from '../../src/main/networks/sam/spec';
import { expectClose, golden, hasGolden } from '../golden';
import { type RunPrompts, Sam } from './samGolden';

const [first, second, both] = [
  [0, 1],
  [1, 2],
  [0, 2],
] as const;
const points = { points: 'points', labels: 'labels' };
const pairs = { points: 'points_b2', labels: 'labels_b2' };
const files: Record<string, Record<string, RunPrompts>> = {
  sam_tiny: {
    points: { ...points, images: first },
    points_1: { ...points, mask: 'mask', batch: 1, images: second },
    boxes: { boxes: 'boxes', images: first },
    points_boxes: { ...points, boxes: 'boxes', images: second },
    boxes_mask: { boxes: 'boxes', mask: 'mask_b2', images: second },
    mask: { mask: 'mask', images: first },
    none: { images: first },
  },
  sam_med3d_tiny: {
    points: { ...points, images: first },
    points_mask: { ...points, mask: 'mask', images: first },
    mask: { mask: 'mask', images: second },
    none: { images: first },
    points_b2_emb2: { ...pairs, images: both },
    points_b2_emb1: { ...pairs, mask: 'mask_b2', images: first },
  },
};

// Thousands of nodes: a busy machine takes its time to load them.
describe.each(Object.keys(files))('%s', { timeout: 300_000 }, (folder) => {
  const sam = new Sam(folder, files[folder], 'folded');
  const expected = (outputs: Record<string, Value>) => new Map([...sam.io.tensors].filter(([name]) => name in outputs));

  test('has exactly the keys and shapes of the reference, and is recognised by them', () => {
    const entries = [...sam.weights].map(([name, { dims }]) => ({ name, dims: [...dims] }));
    expect(samParameters(sam.spec).map(({ name, dims }) => ({ name, dims: [...dims] }))).toEqual(entries);
    expect(recogniseSam(entries)).toEqual(sam.spec);
  });

  test('every block, prompt and mask is the reference one', async () => {
    const outputs: Record<string, Value> = {
      ...sam.answers(),
      'out.image_embedding': sam.encoded.embedding,
      'out.patch_embed': sam.encoded.patches,
      ...Object.fromEntries(sam.encoded.blocks.map((block, i) => [`out.block${i}`, block])),
    };
    const came = await sam.evaluate(outputs);
    expectClose(came, expected(outputs), { relative: 2e-5 });
    const masks = [...sam.io.tensors.keys()].filter((name) => /^out\..*\.iou\./.test(name));
    expect(masks.filter((name) => !came.has(name))).toEqual([]);
  });

  test('empty keys folded into one give what the original gives with all of them', async () => {
    const { blocks, embedding } = encodeImage(sam.spec, sam.parameters, sam.image, 'kept');
    const outputs = { 'out.image_embedding': embedding, ...Object.fromEntries(blocks.map((block, i) => [`out.block${i}`, block])) };
    expectClose(await sam.evaluate(outputs), expected(outputs), { relative: 2e-5 });
  });

  test.runIf(hasGolden(`${folder}/grads`))('every gradient is the reference gradient', async () => {
    const grads = golden(`${folder}/grads`);
    const slopes = sam.gradients();
    const outputs: Record<string, Value> = {};
    for (const [name, parameter] of sam.parameters) {
      if (grads.tensors.has(`grad.${name}`)) outputs[`grad.${name}`] = slopes.get(parameter) as Value;
    }
    const image = slopes.get(sam.image) as Value;
    if (grads.tensors.has('grad_in.image')) outputs['grad_in.image'] = image;
    else {
      // The file keeps the first halves of the first two axes and the middle of the last.
      const side = sam.spec.imageSide;
      const halves = slice(slice(image, 2, 0, side / 2), 3, 0, side / 2);
      outputs['grad_in.image.crop'] = slice(halves, 4, side / 4, (3 * side) / 4);
    }
    const came = await sam.evaluate(outputs);
    // A key's bias shifts all scores of a query alike, so its true gradient is 0; both sides have rounding noise of about 1e-6 there.
    expectClose(came, grads.tensors, { relative: 1e-4, absolute: 1e-5 });
  });
});

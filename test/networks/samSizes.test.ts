/** The released networks at their real sizes, from specs alone: nothing is allocated. */
import { expect, test } from 'vitest';
import { initialParameters } from '../../src/main/networks/network';
import { recogniseSam } from '../../src/main/networks/sam/recognise';
import { directionsKey, officialSams, samParameterCount, samParameters } from '../../src/main/networks/sam/spec';
import { random } from '../../src/shared/random';

test.each([
  ['SAM ViT-B', 93_735_472, 314],
  ['SAM ViT-L', 312_342_832, 482],
  ['SAM ViT-H', 641_090_608, 594],
  ['SAM-Med3D', 100_509_232, 324],
] as const)('%s has %i parameters in %i tensors, by which it is recognised', (name, parameters, tensors) => {
  const spec = officialSams[name];
  const entries = samParameters(spec);
  expect(samParameterCount(spec)).toBe(parameters);
  expect(entries).toHaveLength(tensors);
  expect(recogniseSam(entries)).toEqual(spec);
});

const entries = samParameters(officialSams['SAM-Med3D']);

test('what is no SAM is refused in one sentence', () => {
  expect(recogniseSam([{ name: 'conv1.weight', dims: [8, 1, 3, 3, 3] }])).toBe(
    'This is not a SAM: there is no tensor image_encoder.pos_embed.',
  );
});

test('a SAM that lacks a tensor, has one too many or one of another shape is refused by their names', () => {
  const changed = entries
    .filter(({ name }) => name !== 'mask_decoder.iou_token.weight')
    .map(({ name, dims }) => ({ name, dims: name === 'image_encoder.neck.3.bias' ? [7] : dims }));
  expect(recogniseSam([...changed, { name: 'epoch', dims: [] }])).toBe(
    'This looks like a 3D SAM of width 768 on a grid of 8, but does not fit: mask_decoder.iou_token.weight missing; epoch unexpected; ' +
      'image_encoder.neck.3.bias is [7], expected [384].',
  );
});

test.each([
  ['image_encoder.blocks.0.attn.rel_pos_h', []],
  ['image_encoder.blocks.0.attn.rel_pos_h', [27, 0]],
  ['image_encoder.pos_embed', [1, 8, 8, 8, 765]],
  ['mask_decoder.mask_tokens.weight', []],
  ['mask_decoder.mask_tokens.weight', [2 ** 40, 384]],
])('shapes that give no sizes are refused: %s as %j', (name, dims) => {
  expect(recogniseSam(entries.map((entry) => (entry.name === name ? { name, dims } : entry)))).toBe(
    'This is not a SAM: the shapes of its tensors give no whole sizes.',
  );
});

test('a fresh SAM starts as the original does: positions at zero, tokens and directions of variance 1, layers within 1/√fan-in', () => {
  const spec = { ...officialSams['SAM-Med3D'], depth: 1, width: 48, heads: 4, mlpWidth: 96, promptWidth: 96 };
  const fresh = initialParameters({ parameters: samParameters(spec) }, random(1));
  const data = (name: string) => fresh.get(name)?.data ?? new Float32Array(0);
  const variance = (name: string) => data(name).reduce((sum, x) => sum + x * x, 0) / data(name).length;
  expect([variance('image_encoder.pos_embed'), variance('image_encoder.blocks.0.attn.rel_pos_d')]).toEqual([0, 0]);
  expect(Math.abs(variance('mask_decoder.mask_tokens.weight') - 1)).toBeLessThan(0.3);
  expect(Math.abs(variance(directionsKey) - 1)).toBeLessThan(0.5);
  const widest = data('image_encoder.blocks.0.attn.qkv.weight').reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  expect(widest * Math.sqrt(48)).toBeCloseTo(1, 2);
});

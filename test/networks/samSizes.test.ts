/** The released networks at their real sizes, from specs alone: nothing is allocated. */
import { expect, test } from 'vitest';
import { recogniseSam } from '../../src/main/networks/sam/recognise';
import { officialSams, samParameterCount, samParameters } from '../../src/main/networks/sam/spec';

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

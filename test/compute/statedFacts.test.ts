/** What weights files say of themselves: what is taken from them, and which sentence refuses the rest. */
import { describe, expect, test } from 'vitest';
import { statedFacts } from '../../src/main/compute/teachers/statedFacts';
import { AppError } from '../../src/shared/errors';
import { familyFacts } from '../../src/shared/teachers';

const sentenceOf = (metadata: Record<string, string>): string => {
  try {
    statedFacts(metadata, 'ct.safetensors');
  } catch (error) {
    if (error instanceof AppError) return error.message;
  }
  throw new Error('nothing was refused');
};

test('everything a file can say is taken from it', () => {
  const metadata = {
    'understudy.family': 'segany-pet',
    'understudy.name': ' Demo teacher, PET ',
    'understudy.modality': 'PET',
    'understudy.spacingMm': '4',
    'understudy.intensity': 'z-score over positive',
    'understudy.licence': 'CC-BY-4.0',
    'understudy.licenceSummary': 'Name us.',
    'understudy.licenceWhere': 'the page of the weights',
    'understudy.about': 'Trained on phantoms.',
  };
  expect(statedFacts(metadata, 'pet.safetensors')).toEqual({
    family: 'segany-pet',
    name: 'Demo teacher, PET',
    modality: 'PET',
    spacingMm: 4,
    intensity: 'z-score over positive',
    licence: { name: 'CC-BY-4.0', summary: 'Name us.', where: 'the page of the weights' },
    about: 'Trained on phantoms.',
  });
});

test('a file that says nothing decides nothing, and texts of others are left alone', () => {
  expect(statedFacts({}, 'a')).toEqual({});
  expect(statedFacts({ format: 'pt', family: 'cat', 'understudy.recipe': 'seed 1' }, 'a')).toEqual({});
});

test('“any” stands for any modality and voxels of any size', () => {
  expect(statedFacts({ 'understudy.modality': 'any', 'understudy.spacingMm': 'any' }, 'a')).toEqual({ modality: null, spacingMm: null });
});

test('a licence that is known here brings its summary along', () => {
  expect(statedFacts({ 'understudy.licence': 'Apache-2.0' }, 'a').licence).toEqual({
    name: 'Apache-2.0',
    summary: familyFacts.sam.licence?.summary,
    where: '',
  });
});

describe('a value that cannot be is refused by file, field, what was expected and what came', () => {
  test.each([
    ['family', 'sam3', 'sam, medsam, sam-med3d, segany-pet, dinov3, onnx'],
    ['modality', 'ct', 'CT, PET, MR, other, any'],
    ['spacingMm', '1,5', 'millimetres from 0.1 to 50, or any'],
    ['spacingMm', '0', 'millimetres from 0.1 to 50, or any'],
    ['spacingMm', '1e1', 'millimetres from 0.1 to 50, or any'],
    [
      'intensity',
      'z-score',
      'imagenet, unit, z-score over positive, z-score over positive of soft tissue, z-score over positive of squeezed soft tissue, none',
    ],
    ['name', 'x'.repeat(121), 'a text of 1 to 120 letters'],
  ])('%s: %s', (key, came, expected) => {
    const shown = came.length > 60 ? `${came.slice(0, 60)}…` : came;
    expect(sentenceOf({ [`understudy.${key}`]: came })).toBe(`ct.safetensors: understudy.${key} should be ${expected}, but is “${shown}”.`);
  });

  test('an empty text', () => {
    expect(sentenceOf({ 'understudy.about': '  ' })).toContain('a text of 1 to 2000 letters');
    expect(sentenceOf({ 'understudy.licence': '' })).toContain('but is empty');
  });
});

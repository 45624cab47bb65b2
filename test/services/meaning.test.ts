/** What import reads out of names: modalities, units, and which structures are each other's mirror image. */
import { describe, expect, test } from 'vitest';
import { mirrorsOf } from '../../src/main/services/import/mirrors';
import { meaningOf, modalityIn } from '../../src/main/services/import/modality';

const statistics = { min: 0, max: 1000, mean: 100, std: 50, p005: 0, p05: 5, p50: 100, p95: 300, p995: 900 };

describe('a modality', () => {
  test.each([
    ['CT', 'CT'],
    ['PET (SUV)', 'PET'],
    ['patient7_PT', 'PET'],
    ['T1-weighted', 'MR'],
    ['FLAIR', 'MR'],
    ['octopus', null],
    ['spectrum', null],
  ])('is read from “%s” as %s', (name, modality) => expect(modalityIn(name)).toBe(modality));

  test('that the data set names comes without a warning, and CT and PET with their unit', () => {
    expect(meaningOf('CT', 'x_0000.nii.gz', statistics)).toEqual({ modality: 'CT', unit: 'HU', warning: null });
    expect(meaningOf('PET', 'x_0001.nii.gz', statistics)).toEqual({ modality: 'PET', unit: 'SUV', warning: null });
    expect(meaningOf('rescale_to_0_1', 'ct.nii', statistics)).toEqual({ modality: 'other', unit: 'a.u.', warning: null });
  });

  test('that is guessed says from what', () => {
    expect(meaningOf(null, 'p1_ct.nii.gz', statistics)).toMatchObject({
      modality: 'CT',
      unit: 'HU',
      warning: expect.stringContaining('name'),
    });
    expect(meaningOf(null, 'p1.nii', { ...statistics, p005: -1000 })).toMatchObject({
      modality: 'CT',
      warning: expect.stringContaining('air'),
    });
    expect(meaningOf(null, 'p1.nii', statistics)).toMatchObject({
      modality: 'other',
      unit: 'a.u.',
      warning: expect.stringContaining('not known'),
    });
  });
});

describe('mirrored structures', () => {
  const partners = (...names: string[]) => {
    const mirrors = mirrorsOf(names.map((name, position) => ({ index: position + 1, name })));
    return names.map((_, position) => mirrors.get(position + 1));
  };

  test.each([
    ['kidney left', 'kidney right'],
    ['left_kidney', 'right_kidney'],
    ['hip_l', 'hip_r'],
    ['Lung L', 'Lung R'],
    ['kidneyLeft', 'kidneyRight'],
    ['Niere links', 'Niere rechts'],
  ])('%s and %s are partners', (left, right) => expect(partners(left, 'liver', right)).toEqual([3, null, 1]));

  test('a side without the other, and a name with an l in it, have none', () => {
    expect(partners('kidney left', 'liver', 'gall bladder')).toEqual([null, null, null]);
  });

  test('two structures of one name are nobody’s partners by accident', () => {
    expect(partners('kidney left', 'kidney_left', 'kidney right')).toEqual([null, 3, 2]);
  });
});

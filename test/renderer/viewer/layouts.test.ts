/** What stands where, for every number of sources. */
import { describe, expect, test } from 'vitest';
import { comparedOf, layoutOf } from '../../../src/renderer/viewer/layouts';
import type { MaskSource } from '../../../src/renderer/viewer/sources';
import type { FileHash } from '../../../src/shared/domain';

const source = (id: string, kind: MaskSource['kind']): MaskSource => ({ id, kind, caption: id, file: `${id}-file` as FileHash });
const reference = source('reference', 'reference');
const student = source('student', 'student');
const ct = source('ct', 'teacher-ct');
const pet = source('pet', 'teacher-pet');
const words = (sources: MaskSource[], name: 'compare' | 'slices' = 'compare', chosen: string | null = null) => {
  const { columns, tiles } = layoutOf(name, sources, chosen);
  return [columns, tiles.map((tile) => `${tile.kind === 'slice' ? tile.plane : tile.kind} ${tile.sources}`)] as const;
};

describe('comparing', () => {
  test('two sources stand in columns: slice above, surface below, the difference at the side', () => {
    expect(words([reference, student])).toEqual([
      3,
      ['axial reference', 'axial student', 'coronal reference,student', 'volume reference', 'volume student', 'distance student,reference'],
    ]);
  });
  test('three sources stand side by side above all of them and the student in 3D', () => {
    expect(words([reference, ct, student])).toEqual([
      3,
      ['axial reference', 'axial ct', 'axial student', 'coronal reference,ct,student', 'volume student', 'distance student,reference'],
    ]);
  });
  test('of more than four sources the teachers share a view, and one of each kind is drawn into one picture', () => {
    const labelsOnly = source('labels only', 'second-student');
    expect(words([reference, student, labelsOnly, ct, pet, source('agreed', 'agreed')])).toEqual([
      4,
      [
        ...['axial reference', 'axial ct,pet', 'axial student', 'axial labels only'],
        ...['coronal reference,student,ct,pet', 'sagittal reference,student,ct,pet', 'volume student', 'distance student,reference'],
      ],
    ]);
  });
  test('without a reference nothing pretends to be measured against one', () => {
    expect(words([ct, pet])[1]).not.toContain('distance');
    expect(words([ct, pet])[1].at(-1)).toBe('sagittal ct,pet');
  });
  test('one source, or none, is shown in three planes', () => {
    expect(words([reference])).toEqual([2, ['axial reference', 'coronal reference', 'sagittal reference', 'volume reference']]);
    expect(words([])).toEqual([2, ['axial ', 'coronal ', 'sagittal ', 'volume ']]);
  });
  test.each([
    [[reference, student]],
    [[reference, ct, student]],
    [[reference, ct, pet, student]],
    [[reference, ct, pet, student, source('s2', 'second-student')]],
    [[ct, pet, student, student]],
    [[student, ct, pet, source('s2', 'second-student'), source('agreed', 'agreed')]],
  ])('every row is full and every view has a name of its own', (sources) => {
    const { columns, tiles } = layoutOf('compare', sources, null);
    expect(tiles).toHaveLength(2 * columns);
    expect(new Set(tiles.map(({ id }) => id)).size).toBe(tiles.length);
  });
});

test('the source looked at closely is the chosen one, else a student, never the reference while there is another', () => {
  expect(comparedOf([reference, ct, student], null)).toBe(student);
  expect(comparedOf([reference, ct, student], 'ct')).toBe(ct);
  expect(comparedOf([reference, ct], 'reference')).toBe(ct);
  expect(comparedOf([reference], null)).toBe(reference);
  expect(comparedOf([], null)).toBeNull();
});

test('slices show the chosen source, the reference too', () => {
  expect(words([reference, student], 'slices', 'reference')[1]).toContain('coronal reference');
});

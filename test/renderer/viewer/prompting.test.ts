/** What prompting says and draws: sentences, the choice of teachers, and masks that know only their own box. */
import { describe, expect, test } from 'vitest';
import { gridOfBox, isInMask, sliceOfMask } from '../../../src/renderer/viewer/prompting/previewMask';
import { openingPrompts, type PromptState, reduce } from '../../../src/renderer/viewer/prompting/promptState';
import { cautionsOf, standingOf } from '../../../src/renderer/viewer/prompting/promptWords';
import type { PromptAnswer, PromptTeacher } from '../../../src/renderer/viewer/prompting/service';
import { bySuit, firstUsable } from '../../../src/renderer/viewer/prompting/teacherChoice';
import type { Modality } from '../../../src/shared/domain';
import { toMm } from '../../../src/shared/geometry';
import type { PreviewId, PromptStage } from '../../../src/shared/prompts';
import type { TeacherId } from '../../../src/shared/teachers';

const grid = { size: [8, 8, 8], affine: [0, -2, 0, 10, 2, 0, 0, -20, 0, 0, 5, 30, 0, 0, 0, 1] } as const;
/** Two voxels in a box of 2×1×3 at (3, 4, 5): its first and its last. */
const answer = {
  id: 'a' as PreviewId,
  box: { origin: [3, 4, 5], size: [2, 1, 3] },
  mask: Uint8Array.from([1, 0, 0, 0, 0, 1]),
  voxels: 2,
  confidence: 0.914,
  seconds: 0.42,
  embedding: 'made',
  cautions: ['Look twice.'],
} as unknown as PromptAnswer;

describe('a mask on its box', () => {
  test('has the voxels that it says, and none beside the box', () => {
    const inside: string[] = [];
    for (let k = 0; k < 8; k++)
      for (let j = 0; j < 8; j++) for (let i = 0; i < 8; i++) if (isInMask(answer, [i, j, k])) inside.push(`${i}${j}${k}`);
    expect(inside).toEqual(['345', '447']);
  });

  test('is cut in every plane where it lies, and nowhere else', () => {
    expect(sliceOfMask(answer, 'axial', 4)).toBeNull();
    expect(sliceOfMask(answer, 'axial', 8)).toBeNull();
    expect(sliceOfMask(answer, 'axial', 7)).toEqual({ u: 3, v: 4, labels: { width: 2, height: 1, values: Uint8Array.from([0, 1]) } });
    expect(sliceOfMask(answer, 'coronal', 4)).toEqual({
      u: 3,
      v: 5,
      labels: { width: 2, height: 3, values: Uint8Array.from([1, 0, 0, 0, 0, 1]) },
    });
    expect(sliceOfMask(answer, 'sagittal', 4)).toEqual({ u: 4, v: 5, labels: { width: 1, height: 3, values: Uint8Array.from([0, 0, 1]) } });
  });

  test('lies where the case has it, on turned grids too', () => {
    const box = gridOfBox(grid, answer.box);
    expect(box.size).toEqual([2, 1, 3]);
    expect(toMm(box, [1, 0, 2])).toEqual(toMm(grid, [4, 4, 7]));
  });
});

describe('teachers', () => {
  const teacher = (name: string, modality: Modality | null, hindrance: string | null = null): PromptTeacher => ({
    id: name as TeacherId,
    name,
    modality,
    axes: 3,
    hindrance,
  });
  const all = [teacher('any', null), teacher('pet', 'PET'), teacher('ct', 'CT', 'Not accepted.')];
  const names = (teachers: readonly PromptTeacher[]) => teachers.map(({ name }) => name);

  test('made for what is shown come first, those for anything next, the others apart', () => {
    const { suiting, others } = bySuit(all, 'CT');
    expect([names(suiting), names(others)]).toEqual([['ct', 'any'], ['pet']]);
  });

  test('the first to be used is one that may be used, even if it was made for other images', () => {
    expect(firstUsable(all, 'CT')?.name).toBe('any');
    expect(firstUsable([all[1], all[2]], 'CT')?.name).toBe('pet');
    expect(firstUsable([all[2]], 'CT')).toBeNull();
  });

  test('made for other images come with a caution, and what an answer says itself takes its place', () => {
    expect(cautionsOf(openingPrompts, all[1], 'CT')).toEqual(['pet was made for PET. Look closely at every mask it draws here.']);
    expect(cautionsOf(openingPrompts, all[0], 'CT')).toEqual([]);
    expect(cautionsOf({ ...openingPrompts, shown: answer }, all[1], 'CT')).toEqual(['Look twice.']);
  });
});

describe('how it stands, in a sentence', () => {
  const says = (state: PromptState, waited = 0) => standingOf(state, 'Liver', grid, waited).text;
  const ready: PromptState = { ...openingPrompts, mode: 'point', teacher: { id: 't' as TeacherId, axes: 2 }, structure: 1 };
  const asked = reduce(ready, { is: 'point', mm: [0, 0, 0], isPositive: true, plane: { axis: 2, index: 0 } }).state;

  test('before, while and after a mask is made', () => {
    expect(says(ready)).toBe('Click inside Liver. With Shift, click where it is not.');
    expect(says({ ...ready, mode: 'box' })).toBe('Drag a box around Liver.');
    expect(says(asked)).toBe('Outlining…');
    expect(says(asked, 12)).toBe('Reading the image (once per slice) … 12 s');
    expect(says({ ...asked, asking: null, shown: answer })).toBe('Confidence 0.91 · 0.0 mL');
    expect(says({ ...asked, asking: null, shown: { ...answer, voxels: 0 } })).toContain('found nothing here');
  });

  test('while a teacher works, what it does and how long that still takes', () => {
    const at = (stage: PromptStage, seconds: number | null) =>
      reduce(asked, { is: 'progress', number: 1, progress: { stage, seconds } }).state;
    expect(says(at('preparing', null), 3)).toBe('Getting the teacher ready … 3 s');
    expect(standingOf(at('reading', 8), 'Liver', grid, 2)).toEqual({
      text: 'Reading the image (once per slice) · about 6 s left',
      tone: 'busy',
      fraction: 0.25,
    });
    expect(says(at('reading', 8), 7.5)).toBe('Reading the image (once per slice) · nearly done');
    expect(says(at('reading', 8), 9)).toBe('Reading the image (once per slice) … 9 s, usually 8 s');
    expect(says(at('reading', 0.3))).toBe('Outlining…');
    expect(says(at('preparing', 0.3), 4)).toBe('Getting the teacher ready … 4 s');
    expect(says(at('outlining', 0.1), 5)).toBe('Outlining…');
    expect(reduce(asked, { is: 'progress', number: 7, progress: { stage: 'reading', seconds: 8 } }).state).toEqual(asked); // of another question
  });

  test('a failure says whether the mask on the screen is an older one', () => {
    expect(says({ ...asked, asking: null, failure: 'It broke.' })).toBe('It broke.');
    expect(says({ ...asked, asking: null, failure: 'It broke.', shown: answer })).toBe('It broke. The mask shown is the one before.');
  });

  test('after saving, how to take it back; after that, how to have it again', () => {
    const saved = { ...ready, saved: [{ before: 0, after: 3, isDraft: true }], savedAt: 1 };
    expect(says(saved)).toBe('Saved as revision 3. Ctrl Z takes it back. It is a draft until you tick “The label is complete”.');
    expect(says({ ...saved, saved: [{ ...saved.saved[0], isDraft: false }] })).toBe('Saved as revision 3. Ctrl Z takes it back.');
    expect(says({ ...saved, savedAt: 0 })).toBe('The label is as it was before; Ctrl Y brings the mask back.');
  });
});

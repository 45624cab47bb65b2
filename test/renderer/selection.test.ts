/** Picking several cases of the list at once. */
import { expect, test } from 'vitest';
import { inSight, type Modifiers, nothingPicked, pick, type Selection } from '../../src/renderer/panels/cases/selection';
import type { CaseId } from '../../src/shared/domain';

const shown = ['a', 'b', 'c', 'd', 'e'] as CaseId[];
const plain: Modifiers = { shiftKey: false, ctrlKey: false, metaKey: false };
const shift = { ...plain, shiftKey: true };
const ctrl = { ...plain, ctrlKey: true };
const press = (before: Selection, target: string, keys: Modifiers, chosen = 'b') =>
  pick(before, shown, target as CaseId, chosen as CaseId, keys);

test('Shift takes all cases between the one shown and the one pressed, in either direction', () => {
  expect(inSight(press(nothingPicked, 'd', shift), shown)).toEqual(['b', 'c', 'd']);
  expect(inSight(press(nothingPicked, 'a', shift), shown)).toEqual(['a', 'b']);
});

test('a second press with Shift counts from where the first one did', () => {
  expect(inSight(press(press(nothingPicked, 'd', shift), 'c', shift), shown)).toEqual(['b', 'c']);
});

test('Ctrl adds to the case shown, and takes away what it added', () => {
  const two = press(nothingPicked, 'e', ctrl);
  expect(inSight(two, shown)).toEqual(['b', 'e']);
  expect(inSight(press(two, 'e', ctrl), shown)).toEqual(['b']);
});

test('a plain press lets go of all, and is where Shift then counts from', () => {
  const one = press(press(nothingPicked, 'e', shift), 'c', plain);
  expect(inSight(one, shown)).toEqual([]);
  expect(inSight(press(one, 'e', shift, 'c'), shown)).toEqual(['c', 'd', 'e']);
});

test('cases that a filter hides are not among the picked', () => {
  expect(inSight(press(nothingPicked, 'd', shift), ['a', 'd'] as CaseId[])).toEqual(['d']);
});

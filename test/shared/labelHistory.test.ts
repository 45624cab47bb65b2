/** Undo and redo over revisions that only ever grow. */
import { expect, test } from 'vitest';
import type { LabelRevision } from '../../src/shared/domain';
import { undoRedo } from '../../src/shared/labelHistory';

type Entry = Pick<LabelRevision, 'revision' | 'made'>;
/** Revisions in the order they came: `edit`, or the revision that was restored. */
const history = (...entries: ('edit' | number)[]): Entry[] =>
  entries.map((entry, at) => ({ revision: at + 1, made: entry === 'edit' ? null : { by: 'restore', revision: entry } }));

test.each<[string, Entry[], { undo: number | null; redo: number | null }]>([
  ['a case without a label has no steps', [], { undo: null, redo: null }],
  ['the first label can be taken back to none', history('edit'), { undo: 0, redo: null }],
  ['an edit is taken back to the one before', history('edit', 'edit'), { undo: 1, redo: null }],
  ['what was taken back can be done again', history('edit', 'edit', 1), { undo: 0, redo: 2 }],
  ['several steps back lead to no label, and forth again', history('edit', 'edit', 1, 0), { undo: null, redo: 1 }],
  ['doing again ends where it was', history('edit', 'edit', 1, 0, 1, 2), { undo: 1, redo: null }],
  ['an edit after a step back ends what lay ahead', history('edit', 'edit', 1, 'edit'), { undo: 1, redo: null }],
  ['a revision that is no step away comes back as an edit', history('edit', 'edit', 1, 'edit', 2), { undo: 4, redo: null }],
])('%s', (_law, revisions, expected) => {
  expect(undoRedo(revisions)).toEqual(expected);
  expect(undoRedo(revisions.toReversed())).toEqual(expected);
});

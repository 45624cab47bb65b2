/** What points, boxes, answers and keys make of a person's prompts. */
import { describe, expect, test } from 'vitest';
import {
  canAccept,
  canRedo,
  canUndo,
  openingPrompts,
  type PromptEffect,
  type PromptEvent,
  type PromptState,
  promptsOf,
  reduce,
} from '../../../src/renderer/viewer/prompting/promptState';
import type { PromptAnswer } from '../../../src/renderer/viewer/prompting/service';
import type { PreviewId, PromptPlane } from '../../../src/shared/prompts';
import type { TeacherId } from '../../../src/shared/teachers';

const slices = { id: 'slices' as TeacherId, axes: 2 } as const;
const bodies = { id: 'bodies' as TeacherId, axes: 3 } as const;
const axial = (index: number): PromptPlane => ({ axis: 2, index });
const point = (x: number, isPositive = true, plane = axial(10)): PromptEvent => ({ is: 'point', mm: [x, 0, 0], isPositive, plane });
const box = (plane = axial(10)): PromptEvent => ({ is: 'box', box: { from: [0, 0, 0], to: [9, 9, 0] }, plane });
const answer = (id: string, voxels = 5) => ({ id: id as PreviewId, voxels }) as PromptAnswer;
const ready: PromptState = { ...openingPrompts, mode: 'point', teacher: bodies, structure: 1 };

/** Events in turn. `answers` stands for the answer to whatever is asked at that moment. */
function play(state: PromptState, ...events: (PromptEvent | { answers: string; voxels?: number })[]) {
  const effects: PromptEffect[] = [];
  for (const event of events) {
    const next = reduce(
      state,
      'answers' in event ? { is: 'answered', number: state.asking ?? -1, answer: answer(event.answers, event.voxels) } : event,
    );
    state = next.state;
    effects.push(...next.effects);
  }
  const said = effects.map((effect) => (effect.do === 'discard' ? `discard ${effect.preview}` : effect.do));
  return { state, effects, said };
}
const shown = ({ state }: { state: PromptState }) => state.shown?.id ?? null;

describe('asking', () => {
  test('a point asks, and its answer is shown', () => {
    const asked = play(ready, point(1));
    expect(asked.effects).toEqual([
      { do: 'ask', number: 1, prompts: { points: [{ mm: [1, 0, 0], positive: true }], box: null, plane: axial(10) }, refines: null },
    ]);
    expect(shown(play(asked.state, { answers: 'a' }))).toBe('a');
  });

  test('a newer prompt makes an older answer irrelevant', () => {
    const first = play(ready, point(1), point(2)).state;
    const late = reduce(first, { is: 'answered', number: 1, answer: answer('late') });
    expect(late).toEqual({ state: first, effects: [{ do: 'discard', preview: 'late' }] });
    expect(reduce(first, { is: 'failed', number: 1, sentence: 'Too late.' }).state).toBe(first);
    expect(shown(play(first, { answers: 'b' }))).toBe('b');
  });

  test('the last good preview stays while the next is made, and when that fails', () => {
    const asking = play(ready, point(1), { answers: 'a' }, point(2));
    expect(shown(asking)).toBe('a');
    const failed = play(asking.state, { is: 'failed', number: 2, sentence: 'The teacher is gone.' });
    expect(shown(failed)).toBe('a');
    expect(failed.state.failure).toBe('The teacher is gone.');
    expect(failed.state.asking).toBeNull();
    const again = play(failed.state, { is: 'again' });
    expect(again.effects).toMatchObject([{ do: 'ask', number: 2, refines: null }]);
    expect(again.state.failure).toBeNull();
  });

  test('points beside the structure alone are not asked about', () => {
    const { said, state } = play(ready, point(1, false));
    expect(said).toEqual([]);
    expect(play(state, point(2)).effects).toMatchObject([{ do: 'ask', prompts: { points: [{ positive: false }, { positive: true }] } }]);
  });

  test('without teacher or structure it says what is missing, and asks as soon as it is there', () => {
    const bare = play({ ...ready, teacher: null, structure: null }, point(1));
    expect(bare.state.failure).toBe('Choose a teacher first.');
    const half = play(bare.state, { is: 'teacher', teacher: bodies });
    expect(half.state.failure).toBe('Choose a structure first.');
    expect(play(half.state, { is: 'structure', structure: 3 }).said).toEqual(['ask']);
  });

  test('a box asks teachers of slices only', () => {
    expect(play({ ...ready, teacher: slices }, box()).said).toEqual(['ask']);
    expect(play(ready, box()).said).toEqual([]);
  });

  test('another teacher or channel asks the same prompts anew, and forgets the answers of the one before', () => {
    const before = play(ready, point(1), { answers: 'a' }, point(2), { answers: 'b' }).state;
    const other = play(before, { is: 'teacher', teacher: slices });
    expect(other.said).toEqual(['ask', 'discard a', 'discard b']);
    expect(shown(other)).toBeNull();
    expect(other.effects[0]).toMatchObject({ refines: null, prompts: promptsOf(before) });
    expect(play(before, { is: 'channel', channel: 1 }).said).toEqual(['ask', 'discard a', 'discard b']);
    expect(play(before, { is: 'teacher', teacher: bodies }).said).toEqual([]);
    // Another structure takes the same mask.
    expect(play(before, { is: 'structure', structure: 4 }).said).toEqual([]);
  });
});

describe('refining', () => {
  const refines = (state: PromptState, ...events: PromptEvent[]) => play(state, ...events).effects[0];

  test('a further prompt refines the mask that is shown', () => {
    const { state } = play(ready, point(1), { answers: 'a' });
    expect(refines(state, point(2))).toMatchObject({ refines: 'a' });
    // Also when an answer in between never came.
    expect(play(state, point(2), point(3)).effects[1]).toMatchObject({ refines: 'a' });
  });

  test('not when it is switched off', () => {
    const { state } = play(ready, point(1), { answers: 'a' }, { is: 'refine', refine: false });
    expect(refines(state, point(2))).toMatchObject({ refines: null });
  });

  test('on another slice a teacher of slices begins afresh, a teacher of volumes goes on', () => {
    const flat = play({ ...ready, teacher: slices }, point(1), { answers: 'a' }).state;
    expect(refines(flat, point(2, true, axial(11)))).toMatchObject({ refines: null, prompts: { points: [{ mm: [2, 0, 0] }] } });
    const deep = play(ready, point(1), { answers: 'a' }).state;
    expect(refines(deep, point(2, true, axial(11)))).toMatchObject({ refines: 'a', prompts: { points: [{}, {}] } });
  });
});

describe('undo and redo', () => {
  test('a step back shows the answer it had at once, and a step forth the newer one', () => {
    const two = play(ready, point(1), { answers: 'a' }, point(2), { answers: 'b' }).state;
    const back = play(two, { is: 'undo' });
    expect([shown(back), back.said, promptsOf(back.state).points.length]).toEqual(['a', [], 1]);
    const forth = play(back.state, { is: 'redo' });
    expect([shown(forth), forth.said]).toEqual(['b', []]);
    const none = play(two, { is: 'undo' }, { is: 'undo' });
    expect([shown(none), canUndo(none.state), canRedo(none.state)]).toEqual([null, false, true]);
  });

  test('a step back stops what is being asked; a step to prompts without an answer asks', () => {
    const { state } = play(ready, point(1), point(2));
    expect(play(state, { is: 'undo' }).effects).toMatchObject([{ do: 'ask', number: 1 }]);
    expect(play(state, { is: 'undo' }, { is: 'undo' }).said).toEqual(['ask', 'stop']);
  });

  test('a new prompt after a step back ends what could be redone and forgets its answers once nothing shows them', () => {
    const two = play(ready, point(1), { answers: 'a' }, point(2), { answers: 'b' }, { is: 'undo' });
    const branch = play(two.state, point(3));
    expect(branch.said).toEqual(['ask', 'discard b']);
    expect(canRedo(branch.state)).toBe(false);
  });
});

describe('accepting', () => {
  const masked = play(ready, point(1), { answers: 'a' }).state;

  test('Enter saves the mask that is shown, once', () => {
    const saving = play(masked, { is: 'how', how: 'add' }, { is: 'accept' }, { is: 'accept' });
    expect(saving.effects).toEqual([{ do: 'accept', preview: 'a', structure: 1, how: 'add' }]);
    // While it is being saved nothing else happens to it.
    expect(play(saving.state, point(2), { is: 'undo' }, { is: 'cancel' }).state).toEqual(saving.state);
  });

  test('not before there is a mask, while the next is being made, or when it is empty', () => {
    for (const state of [ready, play(masked, point(2)).state, play(ready, point(1), { answers: 'a', voxels: 0 }).state]) {
      expect(canAccept(state)).toBe(false);
      expect(play(state, { is: 'accept' }).said).toEqual([]);
    }
  });

  test('afterwards the prompts are gone; undo and redo restore the label before and after', () => {
    const saved = play(masked, { is: 'accept' }, { is: 'accepted', change: { before: 0, after: 1, isDraft: true } });
    expect(promptsOf(saved.state).points).toEqual([]);
    expect(shown(saved)).toBeNull();
    const undo = play(saved.state, { is: 'undo' });
    expect(undo.effects).toEqual([{ do: 'restore', revision: 0, savedAt: 0 }]);
    const back = play(undo.state, { is: 'restored', savedAt: 0 });
    expect([canUndo(back.state), canRedo(back.state)]).toEqual([false, true]);
    expect(play(back.state, { is: 'redo' }).effects).toEqual([{ do: 'restore', revision: 1, savedAt: 1 }]);
  });

  test('with new prompts on the screen undo takes those back first', () => {
    const { state } = play(masked, { is: 'accept' }, { is: 'accepted', change: { before: 3, after: 4, isDraft: false } }, point(2), {
      answers: 'b',
    });
    expect(play(state, { is: 'undo' }).said).toEqual([]);
  });

  test('a failure keeps mask and prompts and says why', () => {
    const { state } = play(masked, { is: 'accept' }, { is: 'notSaved', sentence: 'The disk is full.' });
    expect([state.shown?.id, state.saving, state.failure]).toEqual(['a', null, 'The disk is full.']);
    expect(canAccept(state)).toBe(true);
  });
});

describe('cancelling', () => {
  test('Escape drops a box being drawn, then the prompts, then leaves the tool', () => {
    let state = play(
      ready,
      point(1),
      { answers: 'a' },
      { is: 'draft', draft: { box: { from: [0, 0, 0], to: [1, 1, 0] }, plane: axial(10) } },
    ).state;
    state = play(state, { is: 'cancel' }).state;
    expect([state.draft, state.shown?.id]).toEqual([null, 'a']);
    const dropped = play(state, { is: 'cancel' });
    expect([dropped.said, shown(dropped), dropped.state.mode]).toEqual([['discard a'], null, 'point']);
    expect(play(dropped.state, { is: 'cancel' }).state.mode).toBe('off');
  });

  test('leaving a case stops, forgets its masks and what was saved, and keeps teacher, structure and tool', () => {
    const { state, said } = play(ready, point(1), { answers: 'a' }, point(2), { is: 'leave' });
    expect(said).toEqual(['ask', 'ask', 'stop', 'discard a']);
    expect(state).toEqual({ ...ready, lastNumber: 2 });
  });
});

/** The ledger in words and order. */
import { expect, test } from 'vitest';
import { byStructure, keptShare, runsThatAsk, surenessWords, windowWords } from '../../src/renderer/panels/ledger/agreement';
import type { CaseId } from '../../src/shared/domain';
import type { LedgerSummary, Tally } from '../../src/shared/ledger';
import type { Run } from '../../src/shared/runs';

const tally = (present: number, agreement: number | null, kept = 0, seen = 10): Tally => ({ seen, present, kept, agreement });
const line = (name: string, structure: number, ...tallies: (Tally | null)[]): LedgerSummary['lines'][number] => ({
  ...{ case: name as CaseId, name, structure },
  tallies,
});

test('structures come worst first by the newest steps, those without an agreement last', () => {
  const summary: LedgerSummary = {
    windows: [
      { from: 1, to: 5 },
      { from: 6, to: 10 },
    ],
    lines: [line('a', 1, tally(1, 0.1), tally(1, 0.9)), line('a', 2, null, tally(0, null)), line('a', 3, tally(1, 0.9), tally(1, 0.2))],
  };
  expect(byStructure(summary).map(({ structure }) => structure)).toEqual([3, 1, 2]);
});

test('agreement over cases weighs each by how often the structure was found there', () => {
  const [{ tallies }] = byStructure({
    windows: [{ from: 1, to: 5 }],
    lines: [line('a', 1, tally(3, 0.5, 1)), line('b', 1, tally(1, 0.9, 1)), line('c', 1, tally(0, null)), line('d', 1, null)],
  });
  expect(tallies).toEqual([{ seen: 30, present: 4, kept: 2, agreement: 0.6 }]);
});

test('a share of nothing is a dash', () => {
  expect([keptShare(tally(0, null)), keptShare(tally(3, 0.5, 1)), keptShare(tally(2, 0.5, 2))]).toEqual(['–', '33 %', '100 %']);
});

test('steps are named by their window, one step alone by its number', () => {
  expect([windowWords({ from: 1121, to: 1400 }), windowWords({ from: 7, to: 7 })]).toEqual(['Steps 1\u202f121–1\u202f400', 'Step 7']);
});

test('how sure teachers are is told of each, and what is not known is said to be so', () => {
  const known = { volumeMl: 2, sureness: { ct: 0.834, pet: 0.5 } };
  expect([known, { volumeMl: 0, sureness: null }, null].map(surenessWords)).toEqual([
    'where they differ the CT teacher is sure to 0.83, the PET teacher to 0.50',
    'they differ nowhere',
    'this case was not looked at whole',
  ]);
});

test('only runs that ask teachers have a ledger, the newest first', () => {
  const runs = [1, 2, 3].map((number) => ({ number, method: number === 2 ? 'supervised' : 'muduo' }) as Run);
  expect(runsThatAsk(runs).map(({ number }) => number)).toEqual([3, 1]);
});

/** The ledger of pseudo-labels as rows: counted by windows, replaced when a step is done again, and small. */
import { expect, test } from 'vitest';
import { disagreementsOf, insertPseudoLabels, lastPseudoStep, talliesOf } from '../../src/main/store/pseudoLabels';
import { noteCheckpoint, rewindToCheckpoint } from '../../src/main/store/runs';
import { createStore, type Store } from '../../src/main/store/store';
import type { CaseId, RunId } from '../../src/shared/domain';
import type { PseudoLabelEntry } from '../../src/shared/runs';
import { temporaryFolder } from '../folders';
import { fillSample } from './sample';

async function storeWithRun() {
  const store = await createStore(temporaryFolder(), { name: 'P', isDemo: false });
  const { ids } = await fillSample(store);
  return { store, run: ids.run, one: ids.case };
}
/** One structure of one patch; kept where it has a weight. */
const entry = (of: CaseId, step: number, structure: number, agreement: number | null, weight: number, patch = 0): PseudoLabelEntry => ({
  ...{ step, patch, case: of, structure, agreement, weight },
  isKept: weight > 0,
});
const write = (store: Store, run: RunId, entries: PseudoLabelEntry[]) => store.write((db) => insertPseudoLabels(db, run, entries));

test('windows count what was seen, found and kept, and agreement is a mean over where there was one', async () => {
  const { store, run, one } = await storeWithRun();
  write(store, run, [
    entry(one, 1, 1, 0.25, 0.5),
    entry(one, 1, 2, null, 0),
    entry(one, 2, 1, 0.75, 0),
    entry(one, 2, 1, null, 0, 1),
    entry(one, 4, 1, 0.5, 0.5),
    entry(one, 4, 2, 0.125, 0),
  ]);
  expect(lastPseudoStep(store.read, run)).toBe(4);
  expect(talliesOf(store.read, run, { begun: 0, windows: 2, last: 4 })).toEqual([
    { case: one, structure: 1, window: 0, seen: 3, present: 2, kept: 1, agreement: 0.5 },
    { case: one, structure: 1, window: 1, seen: 1, present: 1, kept: 1, agreement: 0.5 },
    { case: one, structure: 2, window: 0, seen: 1, present: 0, kept: 0, agreement: null },
    { case: one, structure: 2, window: 1, seen: 1, present: 1, kept: 0, agreement: 0.125 },
  ]);
  store.close();
});

test('windows that do not divide the steps still hold every step once', async () => {
  const { store, run, one } = await storeWithRun();
  write(
    store,
    run,
    Array.from({ length: 7 }, (_, t) => entry(one, t + 1, 1, 0.5, 0)),
  );
  const seen = talliesOf(store.read, run, { begun: 0, windows: 3, last: 7 }).map((tally) => [tally.window, tally.seen]);
  expect(seen).toEqual([
    [0, 2], // steps 1 and 2: the first window ends after step ⌊7/3⌋
    [1, 2],
    [2, 3],
  ]);
  const later = talliesOf(store.read, run, { begun: 2, windows: 2, last: 7 }).flatMap(({ window, seen }) =>
    window < 0 ? [] : [[window, seen]],
  );
  expect(later).toEqual([
    [0, 2], // steps 3 and 4: of five steps after the second the first window has ⌊5/2⌋
    [1, 3],
  ]);
  store.close();
});

test('the work list begins with the least agreement, and names the step where it was least', async () => {
  const { store, run, one } = await storeWithRun();
  write(store, run, [
    entry(one, 1, 1, 0.0625, 0), // before the window
    entry(one, 2, 1, 0.75, 0.5),
    entry(one, 3, 1, 0.25, 0),
    entry(one, 3, 2, 0.125, 0),
    entry(one, 3, 3, null, 0), // nobody said anything
  ]);
  expect(disagreementsOf(store.read, run, 1)).toEqual([
    { case: one, structure: 2, seen: 1, present: 1, kept: 0, agreement: 0.125, lowest: 0.125, step: 3 },
    { case: one, structure: 1, seen: 2, present: 2, kept: 1, agreement: 0.5, lowest: 0.25, step: 3 },
  ]);
  store.close();
});

test('a step that is done again replaces what it made before, and a run that goes on forgets what came after its checkpoint', async () => {
  const { store, run, one } = await storeWithRun();
  write(store, run, [entry(one, 5, 1, 0.5, 0.5), entry(one, 6, 1, 0.5, 0.5)]);
  write(store, run, [entry(one, 6, 1, 0.25, 0)]);
  const [tally] = talliesOf(store.read, run, { begun: 0, windows: 1, last: 6 });
  expect(tally).toMatchObject({ seen: 2, kept: 1, agreement: 0.375 });
  store.write((db) => {
    noteCheckpoint(db, run, 'last', { step: 5, validationDice: null, trainedSeconds: 1 });
    rewindToCheckpoint(db, run);
  });
  expect(lastPseudoStep(store.read, run)).toBe(5);
  expect(store.read.all('SELECT * FROM pseudoLabels')).toHaveLength(1);
  store.close();
});

test('a run of 1,400 steps, two patches and ten structures takes less than 2 MB', async () => {
  const { store, run, one } = await storeWithRun();
  const size = () =>
    store.read.one<{ bytes: number }>('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')!.bytes;
  const before = size();
  for (let from = 1; from <= 1400; from += 70) {
    const steps = Array.from({ length: 70 }, (_, t) => from + t);
    write(
      store,
      run,
      steps.flatMap((step) =>
        [0, 1].flatMap((patch) => Array.from({ length: 10 }, (_, c) => entry(one, step, c + 1, (step * c) / 14_000, 0.05, patch))),
      ),
    );
  }
  expect(store.read.one('SELECT count(*) AS rows FROM pseudoLabels')).toEqual({ rows: 28_000 });
  expect(size() - before).toBeLessThan(2e6);
  store.close();
});

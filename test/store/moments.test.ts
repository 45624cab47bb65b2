/** Moments as rows: what each case looked like, by run and step, and files that are kept while one needs them. */
import { expect, test } from 'vitest';
import { storeBytes } from '../../src/main/files/durable';
import { checkStore } from '../../src/main/store/check';
import { forgetFile } from '../../src/main/store/files';
import { insertMoment, momentsOfCase, newestDifferences } from '../../src/main/store/moments';
import { createStore } from '../../src/main/store/store';
import { temporaryFolder } from '../folders';
import { fillSample } from './sample';

async function storeWithMoments() {
  const store = await createStore(temporaryFolder(), { name: 'P', isDemo: false });
  const { ids } = await fillSample(store);
  const [early, late] = await Promise.all([7, 8].map((value) => storeBytes(store.files, new Uint8Array(60).fill(value))));
  const whole = { run: ids.run, case: ids.case };
  store.write((db) => {
    insertMoment(db, { ...whole, step: 9, masks: [{ source: 'student', file: late }], differences: [] });
    insertMoment(db, {
      ...whole,
      step: 3,
      masks: [
        { source: 'student', file: early },
        { source: 'ct', file: late },
        { source: 'agreed', file: late },
      ],
      differences: [{ structure: 1, volumeMl: 3.5, sureness: { ct: 0.75, pet: 0.5 } }],
    });
  });
  return { store, whole, early, late };
}

test('a case has its moments in the order of steps, with what each saw', async () => {
  const { store, whole, early, late } = await storeWithMoments();
  expect(momentsOfCase(store.read, whole.case)).toEqual([
    { ...whole, step: 3, masks: { student: early.hash, ct: late.hash, pet: null, agreed: late.hash } },
    { ...whole, step: 9, masks: { student: late.hash, ct: null, pet: null, agreed: null } },
  ]);
  store.close();
});

test('a step that is done again replaces what it left', async () => {
  const { store, whole, early } = await storeWithMoments();
  store.write((db) => insertMoment(db, { ...whole, step: 9, masks: [{ source: 'student', file: early }], differences: [] }));
  expect(momentsOfCase(store.read, whole.case).map(({ masks }) => masks.student)).toEqual([early.hash, early.hash]);
  store.close();
});

test('how teachers differ is told as of the newest moment of a case, and replaced when its step is done again', async () => {
  const { store, whole, late } = await storeWithMoments();
  expect(newestDifferences(store.read, whole.run)).toEqual([]); // at step 9 nobody was asked
  const after12 = (volumeMl: number) => {
    const differences = [
      { structure: 2, volumeMl, sureness: { ct: 0.125, pet: 1 } },
      { structure: 1, volumeMl: 0, sureness: null },
    ];
    store.write((db) => insertMoment(db, { ...whole, step: 12, masks: [{ source: 'student', file: late }], differences }));
  };
  after12(8);
  after12(2.25);
  expect(newestDifferences(store.read, whole.run)).toEqual([
    { case: whole.case, step: 12, structure: 1, volumeMl: 0, sureness: null },
    { case: whole.case, step: 12, structure: 2, volumeMl: 2.25, sureness: { ct: 0.125, pet: 1 } },
  ]);
  store.close();
});

test('a file is kept while a moment needs it, and its size is checked against the case', async () => {
  const { store, whole, early } = await storeWithMoments();
  expect(store.write((db) => forgetFile(db, early.hash))).toBe(false);
  expect((await checkStore(store)).problems.filter((problem) => problem.includes('moment'))).toEqual([]);
  const short = await storeBytes(store.files, new Uint8Array(59).fill(1));
  store.write((db) => insertMoment(db, { ...whole, step: 12, masks: [{ source: 'pet', file: short }], differences: [] }));
  expect((await checkStore(store)).problems).toContainEqual(expect.stringContaining('moment of step 12'));
  store.close();
});

/** Moments as rows: what each case looked like, by run and step, and files that are kept while one needs them. */
import { expect, test } from 'vitest';
import { storeBytes } from '../../src/main/files/durable';
import { checkStore } from '../../src/main/store/check';
import { forgetFile } from '../../src/main/store/files';
import { insertMoment, momentsOfCase } from '../../src/main/store/moments';
import { createStore } from '../../src/main/store/store';
import { fillSample, temporaryFolder } from './sample';

async function storeWithMoments() {
  const store = await createStore(temporaryFolder(), { name: 'P', isDemo: false });
  const { ids } = await fillSample(store);
  const [early, late] = await Promise.all([7, 8].map((value) => storeBytes(store.files, new Uint8Array(60).fill(value))));
  const whole = { run: ids.run, case: ids.case };
  store.write((db) => {
    insertMoment(db, { ...whole, step: 9, masks: [{ source: 'student', file: late }] });
    insertMoment(db, {
      ...whole,
      step: 3,
      masks: [
        { source: 'student', file: early },
        { source: 'ct', file: late },
      ],
    });
  });
  return { store, whole, early, late };
}

test('a case has its moments in the order of steps, with what each saw', async () => {
  const { store, whole, early, late } = await storeWithMoments();
  expect(momentsOfCase(store.read, whole.case)).toEqual([
    { ...whole, step: 3, masks: { student: early.hash, ct: late.hash, pet: null } },
    { ...whole, step: 9, masks: { student: late.hash, ct: null, pet: null } },
  ]);
  store.close();
});

test('a step that is done again replaces what it left', async () => {
  const { store, whole, early } = await storeWithMoments();
  store.write((db) => insertMoment(db, { ...whole, step: 9, masks: [{ source: 'student', file: early }] }));
  expect(momentsOfCase(store.read, whole.case).map(({ masks }) => masks.student)).toEqual([early.hash, early.hash]);
  store.close();
});

test('a file is kept while a moment needs it, and its size is checked against the case', async () => {
  const { store, whole, early } = await storeWithMoments();
  expect(store.write((db) => forgetFile(db, early.hash))).toBe(false);
  expect((await checkStore(store)).problems.filter((problem) => problem.includes('moment'))).toEqual([]);
  const short = await storeBytes(store.files, new Uint8Array(59).fill(1));
  store.write((db) => insertMoment(db, { ...whole, step: 12, masks: [{ source: 'pet', file: short }] }));
  expect((await checkStore(store)).problems).toContainEqual(expect.stringContaining('moment of step 12'));
  store.close();
});

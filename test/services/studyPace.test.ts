/** How far a study says it is, by a clock that the test turns. */
import { expect, test } from 'vitest';
import { studyPace } from '../../src/main/services/studies/pace';
import { muduoDefaults } from '../../src/shared/methods';
import type { StudyConfiguration, StudyRun } from '../../src/shared/studies';
import { settings } from '../store/sample';

const configurations = [
  { name: 'Short', settings: { ...settings, steps: 100 } },
  { name: 'Long', settings: { ...settings, steps: 300 } },
];
const waiting = { budget: 5, state: 'waiting', problem: null, run: null } as const;
const students: StudyRun[] = [1, 2].flatMap((seed, at) =>
  configurations.map((_, configuration) => ({ ...waiting, seed, configuration, position: 2 * at + configuration })),
);

function pace({ isThere, of = configurations }: { isThere?: (run: StudyRun) => boolean; of?: StudyConfiguration[] } = {}) {
  let time = 0;
  const study = studyPace(students, { configurations: of }, isThere, () => time);
  return {
    ...study,
    pass(milliseconds: number) {
      time += milliseconds;
    },
  };
}

test('before anything is made, nothing is done, however long it takes to begin', () => {
  const { shareDone, pass } = pace();
  expect(shareDone(0)).toBe(0);
  pass(5000);
  expect(shareDone(0)).toBe(0);
});

test('within the first student the others are expected by their steps', () => {
  const { shareDone, pass } = pace();
  pass(1000);
  expect(shareDone(0.5)).toBeCloseTo(0.5 / 8); // half of 100 steps of 800
});

test('a kind that was made before takes as long as it took, whatever its steps', () => {
  const { shareDone, next, pass } = pace();
  for (const milliseconds of [1000, 9000]) {
    pass(milliseconds);
    next();
  }
  expect(shareDone(0)).toBeCloseTo(0.5);
  pass(1000);
  next();
  expect(shareDone(0)).toBeCloseTo(11 / 20);
  pass(9000);
  next();
  expect(shareDone(0)).toBe(1);
});

test('a student that is there already takes no time, and says nothing of how long others of its kind will take', () => {
  const { shareDone, next, pass } = pace({ isThere: ({ seed, configuration }) => seed === 1 && configuration === 0 });
  next();
  pass(9000);
  next();
  expect(shareDone(0)).toBeCloseTo(9 / (9 + 3 + 9)); // short, which is a third of long, and long
});

test('one that takes steps over is expected by those that are left to it', () => {
  const muduo = { ...muduoDefaults, teachers: { ct: null, pet: null }, begins: 0.5 };
  const of = [{ name: 'MuDuo', settings: { ...settings, steps: 100, method: 'muduo' as const, muduo } }, configurations[0]];
  const { shareDone, next, pass } = pace({ of });
  pass(100);
  // 50 steps alone and 50 that count 2.5 times; labels only: the 50 that MuDuo did not take alone.
  expect(shareDone(0.5)).toBeCloseTo((0.5 * 175) / (2 * (175 + 50)));
  pass(100);
  next();
  expect(shareDone(0)).toBeCloseTo(175 / (2 * (175 + 50)));
});

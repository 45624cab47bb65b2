/** How far a study says it is, by a clock that the test turns. */
import { expect, test } from 'vitest';
import { studyPace } from '../../src/main/services/studies/pace';
import type { StudyRun } from '../../src/shared/studies';
import { settings } from '../store/sample';

const configurations = [
  { name: 'Short', settings: { ...settings, steps: 100 } },
  { name: 'Long', settings: { ...settings, steps: 300 } },
];
const waiting = { budget: 5, state: 'waiting', problem: null, run: null } as const;
const students: StudyRun[] = [1, 2].flatMap((seed, at) =>
  configurations.map((_, configuration) => ({ ...waiting, seed, configuration, position: 2 * at + configuration })),
);

function pace() {
  let time = 0;
  const study = studyPace(students, { configurations }, () => time);
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

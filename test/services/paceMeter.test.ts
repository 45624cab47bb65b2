/** The pace of a run, from its reports and a clock. */
import { expect, test } from 'vitest';
import type { TrainingStage } from '../../src/main/compute/jobData';
import type { Progress } from '../../src/main/compute/protocol';
import { paceMeter } from '../../src/main/services/paceMeter';
import { trainingDefaults } from '../../src/main/services/trainingDefaults';

const run = { settings: trainingDefaults([], 1), channels: 1, structures: 2, device: 'cpu' as const, teachers: { ct: null, pet: null } };
const steps = (count: number, stage: TrainingStage = 'student'): Progress<'train'> => ({
  ...{ kind: 'steps', stage, step: 1, steps: count, losses: {}, secondsLeft: 0, busy: '' },
});
const validation: Progress<'train'> = { kind: 'validation', step: 1, meanDice: 0.5, dice: {} };

/** Reports at these seconds. */
function heard(...reports: [seconds: number, progress: Progress<'train'>][]) {
  let now = 0;
  const meter = paceMeter(() => now);
  for (const [seconds, progress] of reports) {
    now = 1000 * seconds;
    meter.hear(progress, run);
  }
  return meter.known;
}

test('is not known before the first steps', () => {
  expect(heard()).toBeNull();
  expect(heard([2, validation])).toBeNull();
});

test('is that of steps alone: getting started, validating and saving do not count', () => {
  expect(heard([5, steps(10)], [6, steps(10)], [30, validation], [31, steps(10)], [33, steps(10)])).toEqual({ ...run, stepSeconds: 0.15 });
});

test('counts stretches with validating in them where there are no others', () => {
  expect(heard([5, steps(10)], [7, validation], [8, steps(5)])?.stepSeconds).toBeCloseTo(8 / 15);
});

test('begins anew with the student, once its prompt generator is trained', () => {
  const known = heard([5, steps(10, 'generator')], [6, steps(10, 'generator')], [9, steps(1)], [11, steps(1)], [13, steps(1)]);
  expect(known?.stepSeconds).toBe(2);
});

/** In which order a study trains its students, and how it tells how much of its time has passed. */
import { describe, expect, test } from 'vitest';
import { inTurn } from '../../src/main/services/studies/conducting';
import { studyPace } from '../../src/main/services/studies/pace';
import { meanTeacherDefaults, muduoDefaults } from '../../src/shared/methods';
import type { StudyRun } from '../../src/shared/studies';
import { settings } from '../store/sample';

const waitingRun: StudyRun = { position: 0, configuration: 0, budget: 5, seed: 1, state: 'waiting', problem: null, run: null };
const configurations = [
  { name: 'Labels only', settings: { ...settings, steps: 100 } },
  { name: 'Mean teacher', settings: { ...settings, method: 'meanTeacher' as const, meanTeacher: meanTeacherDefaults } },
  {
    name: 'MuDuo',
    settings: {
      ...settings,
      steps: 100,
      method: 'muduo' as const,
      muduo: { ...muduoDefaults, teachers: { ct: null, pet: null }, begins: 0.5 },
    },
  },
];

/** Students of a seed: MuDuo, which leaves half of its 100 steps and a prompt generator behind, and labels only. */
const students = (seeds: number[]): StudyRun[] =>
  seeds.flatMap((seed) => [2, 0].map((configuration): StudyRun => ({ ...waitingRun, position: configuration, configuration, seed })));

describe('the share of a study’s time that has passed', () => {
  const clock = { ms: 0 };
  const pace = () => studyPace(students([1, 2]), { configurations }, () => clock.ms);

  test('counts students by how long those of their configuration took', () => {
    clock.ms = 0;
    const told = pace();
    for (const ms of [300, 100]) {
      clock.ms += ms;
      told.next();
    }
    expect(told.shareDone(0)).toBeCloseTo(400 / 800);
    clock.ms += 200;
    expect(told.shareDone(0.5)).toBeCloseTo(600 / (600 + 150 + 100));
  });

  test('goes by steps before any was made, and knows who takes steps over', () => {
    clock.ms = 0;
    const told = pace();
    expect(told.shareDone(0)).toBe(0);
    clock.ms = 100;
    // MuDuo: 50 steps alone and 50 that count 2.5 times; labels only: the 50 that MuDuo did not take alone.
    expect(told.shareDone(0.5)).toBeCloseTo((0.5 * 175) / (2 * (175 + 50)));
    clock.ms = 200;
    told.next();
    expect(told.shareDone(0)).toBeCloseTo(175 / (2 * (175 + 50)));
  });

  test('is all of it once the last student is made', () => {
    const told = pace();
    for (let i = 0; i < 4; i++) told.next();
    expect(told.shareDone(0)).toBe(1);
  });
});

test('of one seed and budget those that leave steps on labels alone behind come first, else the order is the plan’s', () => {
  const runs = [1, 2].flatMap((seed) =>
    configurations.map((_, configuration): StudyRun => {
      const position = (seed - 1) * configurations.length + configuration;
      return { ...waitingRun, position, configuration, seed };
    }),
  );
  const order = inTurn({ runs, configurations }).map(({ seed, configuration }) => `${configurations[configuration].name} ${seed}`);
  expect(order).toEqual(['MuDuo 1', 'Labels only 1', 'Mean teacher 1', 'MuDuo 2', 'Labels only 2', 'Mean teacher 2']);
});

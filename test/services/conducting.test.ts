/** In which order a study trains its students. */
import { expect, test } from 'vitest';
import { inTurn } from '../../src/main/services/studies/conducting';
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

/** The form of a study: what may be typed, and the plan it makes. */
import { expect, test } from 'vitest';
import { offered, planOf, problemOf, readBudgets, readSeeds, type StudyDraft, studentsOf } from '../../src/renderer/panels/studies/draft';
import { studyPlan } from '../../src/shared/schemas';

const draft: StudyDraft = {
  ...{ name: ' Study 1 ', seeds: '1, 2 3', budgets: '5, all', steps: 700, consistency: 1 },
  chosen: new Set(offered.map(({ key }) => key)),
};

test('seeds and budgets are whole numbers, each once, apart by commas or spaces', () => {
  expect([readSeeds('1,2; 3'), readSeeds('0'), readSeeds(''), readSeeds('1, 1'), readSeeds('1.5'), readSeeds('one')]).toEqual([
    ...[[1, 2, 3], [0]],
    ...[null, null, null, null],
  ]);
  expect([readBudgets('5 All'), readBudgets('0'), readBudgets('all, all'), readBudgets('')]).toEqual([[5, null], null, null, null]);
});

test('a problem is said in one sentence, and no plan is made of it', () => {
  expect(problemOf(draft)).toBeNull();
  expect(problemOf({ ...draft, name: ' ' })).toContain('name');
  expect(problemOf({ ...draft, chosen: new Set() })).toContain('at least one');
  expect(problemOf({ ...draft, seeds: 'x' })).toContain('Seeds');
  expect([studentsOf(draft), studentsOf({ ...draft, budgets: '' })]).toEqual([8 * 3 * 2, 0]);
});

test('every configuration of the form is one that the core takes, labels only first whatever was ticked first', () => {
  const plan = studyPlan.parse(planOf(draft));
  expect(plan).toMatchObject({ name: 'Study 1', seeds: [1, 2, 3], budgets: [5, null], settings: { steps: 700 } });
  expect(plan.configurations.map(({ name }) => name)).toEqual(offered.map(({ name }) => name));
  const muduo = plan.configurations.flatMap((one) => (one.method === 'muduo' ? [one.muduo] : []));
  expect(muduo.map(({ teachers, filter, clicks, consistency }) => ({ teachers, filter, clicks, consistency }))).toEqual([
    { teachers: {}, filter: 'betterHalf', clicks: 3, consistency: 1 },
    { teachers: { pet: null }, filter: 'betterHalf', clicks: 3, consistency: 1 },
    { teachers: { ct: null }, filter: 'betterHalf', clicks: 3, consistency: 1 },
    { teachers: {}, filter: 'none', clicks: 3, consistency: 1 },
    { teachers: {}, filter: { agreementAtLeast: 0.5 }, clicks: 3, consistency: 1 },
    { teachers: {}, filter: 'betterHalf', clicks: 1, consistency: 1 },
  ]);
  expect(planOf({ ...draft, chosen: new Set(['meanTeacher', 'labels']) }).configurations.map(({ method }) => method)).toEqual([
    'supervised',
    'meanTeacher',
  ]);
});

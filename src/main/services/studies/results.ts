/** What the students of a study scored, and how configurations compare: pure arithmetic on their scores. */
import type { StructureScore } from '../../../shared/evaluation';
import { bootstrapMean, pairedDifference, type SeedScore } from '../../../shared/pairedDifferences';
import type { StudentScores, Study, StudyComparison, StudyGroup, StudyReport } from '../../../shared/studies';

type Metric = 'dice' | 'hd95Mm';

/**
 * Means and comparisons. A structure counts in a case where the reference holds it or any student of the study drew it, so that all students are
 * judged on the same structures. A distance is compared where both students have one: what either missed shows in Dice alone.
 */
export function reportOf(
  study: Study,
  { structures, devices }: Pick<StudyReport, 'structures' | 'devices'>,
  students: readonly StudentScores[],
): StudyReport {
  const present = whatIsPresent(students);
  const cells = study.budgets.flatMap((budget) => study.configurations.map((_, configuration) => ({ configuration, budget })));
  const of = (cell: { configuration: number; budget: number }) =>
    students
      .filter(({ configuration, budget }) => configuration === cell.configuration && budget === cell.budget)
      .map(keepPresent(present));
  return {
    study,
    structures,
    devices,
    groups: cells.map((cell) => ({ ...cell, ...groupOf(of(cell)) })),
    comparisons: cells
      .filter(({ configuration }) => configuration > 0)
      .map((cell) => ({ ...cell, ...comparisonOf(of({ ...cell, configuration: 0 }), of(cell), structures) })),
  };
}

/** Dice of every case by every student, by the case's name: the mean over the structures that count. */
export function caseDice(students: readonly StudentScores[]): (Omit<StudentScores, 'cases'> & { dice: ReadonlyMap<string, number> })[] {
  const keep = keepPresent(whatIsPresent(students));
  return students.map((student) => {
    const { configuration, budget, seed } = student;
    const means = caseMeans([keep(student)], 'dice', () => true);
    return { configuration, budget, seed, dice: new Map(means.map(({ case: name, value }) => [name, value])) };
  });
}

const nameOf = (name: string, structure: number): string => `${structure} ${name}`;

function whatIsPresent(students: readonly StudentScores[]): ReadonlySet<string> {
  const scores = students.flatMap(({ cases }) => cases.flatMap(({ name, structures }) => structures.map((score) => ({ name, score }))));
  return new Set(scores.filter(({ score }) => score.note !== 'both empty').map(({ name, score }) => nameOf(name, score.structure)));
}

const keepPresent =
  (present: ReadonlySet<string>) =>
  (student: StudentScores): StudentScores => ({
    ...student,
    cases: student.cases.map(({ name, structures }) => ({
      name,
      structures: structures.filter(({ structure }) => present.has(nameOf(name, structure))),
    })),
  });

function groupOf(students: readonly StudentScores[]): Pick<StudyGroup, 'dice' | 'diceBySeed' | 'neverFound' | 'means'> {
  const cases = caseMeans(students, 'dice', () => true);
  if (cases.length === 0) return { dice: null, diceBySeed: [], neverFound: [], means: null };
  const scores = students.flatMap((student) => student.cases.flatMap(({ structures }) => structures));
  const over = (metric: 'dice' | 'hd95Mm' | 'assdMm' | 'surfaceDice') => meanOf(scores.flatMap((score) => score[metric] ?? []));
  return {
    dice: bootstrapMean(cases),
    diceBySeed: [...Map.groupBy(cases, ({ seed }) => seed)].map(([seed, ofSeed]) => ({
      seed,
      dice: meanOf(ofSeed.map(({ value }) => value))!,
    })),
    neverFound: students.flatMap((student) => neverFoundBy(student).map((structure) => ({ seed: student.seed, structure }))),
    means: { dice: over('dice')!, hd95Mm: over('hd95Mm'), assdMm: over('assdMm'), surfaceDice: over('surfaceDice') },
  };
}

/** A mean Dice below this is chance: the student has not learned that there is such a structure. */
export const leastFound = 0.05;
function neverFoundBy({ cases }: StudentScores): number[] {
  const scores = cases.flatMap(({ structures }) => structures);
  return [...Map.groupBy(scores, ({ structure }) => structure)].flatMap(([structure, ofStructure]) => {
    const mean = meanOf(ofStructure.map(({ dice }) => dice));
    return mean !== null && mean < leastFound ? [structure] : [];
  });
}

function comparisonOf(
  first: readonly StudentScores[],
  second: readonly StudentScores[],
  structures: StudyReport['structures'],
): Pick<StudyComparison, 'dice' | 'hd95Mm' | 'structures'> {
  const compare = (metric: Metric, wanted: (score: StructureScore) => boolean) => {
    const both = scoredByBoth(first, second, metric);
    const counts = (seed: number, name: string, score: StructureScore) => wanted(score) && both(seed, name, score.structure);
    return pairedDifference(caseMeans(first, metric, counts), caseMeans(second, metric, counts), { moreIsBetter: metric === 'dice' });
  };
  return {
    dice: compare('dice', () => true),
    hd95Mm: compare('hd95Mm', () => true),
    structures: structures.map(({ index }) => ({ structure: index, dice: compare('dice', ({ structure }) => structure === index) })),
  };
}

/** Whether both have a number for a structure of a case under a seed. */
function scoredByBoth(first: readonly StudentScores[], second: readonly StudentScores[], metric: Metric) {
  const key = (seed: number, name: string, structure: number) => `${seed} ${nameOf(name, structure)}`;
  const [a, b] = [first, second].map(
    (students) =>
      new Set(
        students.flatMap(({ seed, cases }) =>
          cases.flatMap(({ name, structures }) =>
            structures.filter((score) => score[metric] !== null).map(({ structure }) => key(seed, name, structure)),
          ),
        ),
      ),
  );
  return (seed: number, name: string, structure: number) => a.has(key(seed, name, structure)) && b.has(key(seed, name, structure));
}

/** Mean over the structures of every case that count; a case without any has none. */
function caseMeans(
  students: readonly StudentScores[],
  metric: Metric,
  counts: (seed: number, name: string, score: StructureScore) => boolean,
): SeedScore[] {
  return students.flatMap(({ seed, cases }) =>
    cases.flatMap(({ name, structures }) => {
      const mean = meanOf(structures.filter((score) => counts(seed, name, score)).flatMap((score) => score[metric] ?? []));
      return mean === null ? [] : [{ seed, case: name, value: mean }];
    }),
  );
}

const meanOf = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;

/** What a study says of scores worked out by hand, how they are written down, and what is drawn of them. */
import { describe, expect, test } from 'vitest';
import { type CasePictures, tellingCases } from '../../src/main/services/studies/casePictures';
import { studyPage } from '../../src/main/services/studies/page';
import { reportOf } from '../../src/main/services/studies/results';
import { scoresTable } from '../../src/main/services/studies/scoresTable';
import type { StructureScore } from '../../src/shared/evaluation';
import { muduoDefaults } from '../../src/shared/methods';
import type { StudentScores, Study, StudyReport } from '../../src/shared/studies';
import { drawBudgets, drawDifferences, intervalWords } from '../../src/shared/studyDrawing';
import { neverFoundWords, trainedOnWords } from '../../src/shared/studyWords';
import { settings } from '../store/sample';

const structures = [
  { index: 1, name: 'liver' },
  { index: 2, name: 'spleen' },
];
const about = { structures, devices: ['CPU of a <desk>, 2 threads'] };
const study: Study = {
  ...{ id: 's' as Study['id'], number: 1, name: 'A <study>', state: 'done', problem: null, createdAt: '', finishedAt: null, job: null },
  plan: { name: 'A <study>', configurations: [], seeds: [1, 2], budgets: [5], settings: {} },
  configurations: [
    { name: 'Labels only', settings },
    { name: 'Wide, "new"', settings: { ...settings, width: 32 } },
  ],
  budgets: [5],
  runs: [],
};
const score = (structure: number, dice: number, changes: Partial<StructureScore> = {}): StructureScore => ({
  ...{ structure, dice, hd95Mm: 4, assdMm: 1, surfaceDice: 0.9, toleranceMm: 3, volumeMl: 10, referenceMl: 11, note: null },
  ...changes,
});
const nobody = { hd95Mm: null, assdMm: null, surfaceDice: null };
const student = (configuration: number, seed: number, ...cases: StructureScore[][]): StudentScores => ({
  ...{ configuration, budget: 5, seed },
  cases: cases.map((found, at) => ({ name: `case ${at + 1}`, structures: found })),
});
const reported = (...students: StudentScores[]): StudyReport => reportOf(study, about, students);

describe('a report', () => {
  test('takes the mean over structures in every case, then over cases and seeds, and the difference of the same pairs', () => {
    const { groups, comparisons } = reported(
      student(0, 1, [score(1, 0.5), score(2, 0.7)], [score(1, 0.8), score(2, 0.8)]),
      student(1, 1, [score(1, 0.7), score(2, 0.7)], [score(1, 0.8), score(2, 0.9)]),
      student(1, 2, [score(1, 0.1), score(2, 0.1)]), // the first configuration has no second seed yet
    );
    expect(groups[0]).toMatchObject({
      dice: { mean: expect.closeTo(0.7), seeds: 1, cases: 2 },
      diceBySeed: [{ seed: 1, dice: expect.closeTo(0.7) }],
    });
    expect(groups[1].dice).toMatchObject({ mean: expect.closeTo((0.7 + 0.85 + 0.1) / 3), seeds: 2, cases: 2 });
    expect(comparisons).toMatchObject([
      {
        configuration: 1,
        dice: { mean: expect.closeTo(0.075), seeds: 1, cases: 2, seedsBetter: 1, verdict: 'cannot tell apart' },
        hd95Mm: { mean: 0, seedsBetter: 0 },
        structures: [
          { structure: 1, dice: { mean: expect.closeTo(0.1) } },
          { structure: 2, dice: { mean: expect.closeTo(0.05) } },
        ],
      },
    ]);
  });

  test('judges all students on the same structures: one that nobody has or draws counts for none, one that somebody drew for all', () => {
    const absent = score(2, 1, { ...nobody, note: 'both empty' });
    const drawn = score(2, 0, { ...nobody, note: 'reference empty' });
    const [both, one] = [
      reported(student(0, 1, [score(1, 0.6), absent]), student(1, 1, [score(1, 0.6), absent])),
      reported(student(0, 1, [score(1, 0.6), absent]), student(1, 1, [score(1, 0.6), drawn])),
    ];
    expect(both.groups.map(({ dice }) => dice?.mean)).toEqual([0.6, 0.6]);
    expect(one.groups.map(({ dice }) => dice?.mean)).toEqual([0.8, 0.3]);
    expect(one.comparisons[0].dice?.mean).toBe(-0.5);
  });

  test('names what a student never found, by seed', () => {
    const { groups } = reported(
      student(0, 1, [score(1, 0.8), score(2, 0.02)], [score(1, 0.7), score(2, 0.06)]),
      student(0, 2, [score(1, 0.8), score(2, 0)], [score(1, 0), score(2, 0)]),
    );
    expect(groups[0].neverFound).toEqual([
      { seed: 1, structure: 2 },
      { seed: 2, structure: 2 },
    ]);
    expect(neverFoundWords(groups[0], structures)).toBe('spleen (every seed)');
    expect(groups[1].neverFound).toEqual([]);
    const missed = [1, 2].flatMap((structure) => [1, 3].map((seed) => ({ seed, structure })));
    const diceBySeed = [1, 2, 3].map((seed) => ({ seed, dice: 0.5 }));
    expect(neverFoundWords({ neverFound: missed, diceBySeed }, structures)).toBe('liver, spleen (seeds 1, 3)');
    expect(neverFoundWords({ neverFound: missed.slice(1), diceBySeed }, structures)).toBe('liver (seed 3); spleen (seeds 1, 3)');
  });

  test('compares distances only where both students have one', () => {
    const missed = score(2, 0, { ...nobody, note: 'prediction empty' });
    const first = student(0, 1, [score(1, 0.6, { hd95Mm: 10 }), score(2, 0.6, { hd95Mm: 50 })]);
    const { comparisons } = reported(first, student(1, 1, [score(1, 0.6, { hd95Mm: 7 }), missed]));
    expect(comparisons[0].hd95Mm?.mean).toBe(-3);
    expect(comparisons[0].structures[1].dice?.mean).toBe(-0.6);
    expect(reported(first).comparisons[0]).toMatchObject({ dice: null, hd95Mm: null });
  });
});

/** Eight cases under two seeds: the second configuration is better everywhere, by more or less. */
const clear = (budget: number) =>
  [1, 2].flatMap((seed) =>
    [0, 1].map((configuration) => ({
      ...student(
        configuration,
        seed,
        ...Array.from({ length: 8 }, (_, at) => [score(1, 0.5 + 0.02 * at + configuration * (0.1 + 0.01 * at))]),
      ),
      budget,
    })),
  );

test('scores are one row each, with what has a comma or a quotation mark in quotes', () => {
  const students = [student(1, 3, [score(1, 0.5), score(2, 0, { ...nobody, note: 'prediction empty' })])];
  expect(scoresTable(reported(...students), students).split('\r\n')).toEqual([
    'method,configuration,budget,seed,case,structure,dice,hd95Mm,assdMm,surfaceDice,toleranceMm,volumeMl,referenceMl,note',
    'supervised,"Wide, ""new""",5,3,case 1,liver,0.5,4,1,0.9,3,10,11,',
    'supervised,"Wide, ""new""",5,3,case 1,spleen,0,,,,3,10,11,prediction empty',
    '',
  ]);
});

describe('a drawing', () => {
  test('of differences has a row per configuration, its interval right of zero when it is better, and its size in words', () => {
    const { shapes, width } = drawDifferences(reported(...clear(5)), 5)!;
    const lines = shapes.flatMap((shape) => (shape.kind === 'line' ? [shape] : []));
    const [zero, interval] = [lines.find(({ tone }) => tone === 'axis')!, lines.find(({ tone }) => tone === 'series4')!];
    expect(interval.points[0][0]).toBeGreaterThan(zero.points[0][0]);
    expect(interval.points[1][0]).toBeLessThan(width);
    const words = shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
    expect(words).toEqual(expect.arrayContaining(['Wide, "new"', '+0.135']));
    expect(drawDifferences(reported(...clear(5)), 10)).toBeNull();
  });

  test('of budgets needs more than one, and rises where more labels help', () => {
    const better = clear(20).map((one) => ({ ...one, cases: one.cases.map(({ name }) => ({ name, structures: [score(1, 0.95)] })) }));
    expect(drawBudgets(reported(...clear(5)))).toBeNull();
    const { shapes } = drawBudgets(reportOf({ ...study, budgets: [5, 20] }, about, [...clear(5), ...better]))!;
    const curve = shapes.flatMap((shape) => (shape.kind === 'line' && shape.tone === 'series0' ? [shape.points] : []))[0];
    expect(curve).toHaveLength(2);
    expect(curve[1][0]).toBeGreaterThan(curve[0][0]);
    expect(curve[1][1]).toBeLessThan(curve[0][1]);
  });
});

test('a configuration has the colour of its source: grey to compare with, and one each for both teachers, CT alone and PET alone', () => {
  const id = 'teacher' as never;
  const taught = (teachers: { ct: typeof id | null; pet: typeof id | null }) => ({
    ...settings,
    method: 'muduo' as const,
    muduo: { ...muduoDefaults, teachers },
  });
  const all = [
    settings,
    taught({ ct: id, pet: null }),
    taught({ ct: id, pet: id }),
    taught({ ct: null, pet: id }),
    taught({ ct: id, pet: id }),
  ];
  const configurations = all.map((one, at) => ({ name: String(at), settings: one }));
  const students = all.map((_, at) => student(at, 1, [score(1, 0.5)]));
  const { shapes } = drawDifferences(reportOf({ ...study, configurations }, about, students), 5)!;
  expect(shapes.flatMap((shape) => (shape.kind === 'dot' ? [shape.tone] : []))).toEqual(['series2', 'series1', 'series3', 'series4']);
});

describe('the cases of a report', () => {
  const dice = (configuration: number, seed: number, ...values: number[]) =>
    student(configuration, seed, ...values.map((value) => [score(1, value)]));

  test('are the one with the largest gain, the one in the middle, and the one with the least, each once', () => {
    const students = [dice(0, 1, 0.5, 0.5, 0.5, 0.5, 0.5), dice(1, 1, 0.625, 0.25, 0.75, 0.5, 0.75)];
    expect(tellingCases(study, students)).toEqual({
      ...{ budget: 5, seed: 1, among: 5 },
      cases: [
        { name: 'case 3', place: 'first', difference: 0.25, dice: [0.5, 0.75] },
        { name: 'case 1', place: 'middle', difference: 0.125, dice: [0.5, 0.625] },
        { name: 'case 2', place: 'last', difference: -0.25, dice: [0.5, 0.25] },
      ],
    });
    expect(tellingCases(study, [dice(0, 1, 0.5), dice(1, 1, 0.5)])?.cases.map(({ place }) => place)).toEqual(['first']);
  });

  test('are those of the first seed under which both were scored', () => {
    expect(tellingCases(study, [dice(0, 1, 0.5), dice(0, 2, 0.5), dice(1, 2, 0.75)])?.seed).toBe(2);
    expect(tellingCases(study, [dice(0, 1, 0.5), dice(1, 2, 0.75)])).toBe(null);
  });
});

test('an interval shows on which side of zero it ends, however near', () => {
  expect(intervalWords({ low: -0.0092, high: -0.00045 }, 3)).toBe('−0.009 … −0.0004');
  expect(intervalWords({ low: 0.0006, high: 0.1 }, 3)).toBe('+0.001 … +0.100');
  expect(intervalWords({ low: 0, high: 0.04 }, 1)).toBe('0.0 … +0.04');
  expect(intervalWords({ low: -1e-12, high: 2.5 }, 1)).toBe('0.0 … +2.5');
});

test('students of several machines or versions are owned up to', () => {
  expect(trainedOnWords({ devices: [] })).toBe('');
  expect(trainedOnWords({ devices: ['a processor'] })).toBe('Trained on a processor.');
  expect(trainedOnWords({ devices: ['a processor', 'a graphics card'] })).toBe(
    'Trained in 2 environments, whose sums may round differently: a processor; a graphics card. Part of a difference may then be theirs.',
  );
});

test('the page says what was found, needs nothing else, and lets no name be markup', () => {
  const page = studyPage({ report: reported(...clear(5)), pictures: null, project: { name: 'P&Q' }, teachers: [], version: '1' });
  expect(page).toContain('<td>+0.135</td>');
  expect(page).toContain('>better</td>');
  expect(page).toContain('2 of 2');
  expect(page).toContain('Trained on CPU of a &#60;desk&#62;, 2 threads.');
  expect(page).not.toContain('<study>');
  expect(page).not.toMatch(/\b(?:src|href)=|NaN|undefined|<script/);
});

test('the page shows the cases it chose, and says where a mask is no longer there', () => {
  const shown = { name: '<case>', place: 'first', difference: 0.25, dice: [0.5, 0.75] } as const;
  const pictures: CasePictures = {
    ...{ budget: 5, seed: 1, among: 9 },
    cases: [
      { ...shown, dice: [...shown.dice], pictures: { reference: 'UmVm', students: ['Rmlyc3Q=', null] } },
      { ...shown, name: 'gone', place: 'last', dice: [0.5, null], pictures: null },
    ],
  };
  const page = studyPage({ report: reported(...clear(5)), pictures, project: { name: 'P' }, teachers: [], version: '1' });
  expect(page.match(/src="[^"]*"/g)).toEqual(['src="data:image/png;base64,UmVm"', 'src="data:image/png;base64,Rmlyc3Q="']);
  expect(page).toContain('Labels only<br>Dice 0.500');
  expect(page).toContain('most in favour of Wide');
  expect(page).toContain('No pictures: a mask of this case is no longer in the project.');
  expect(page).not.toContain('<case>');
});

/** The list shows the cases it says, and measures put the worst first. */
import { describe, expect, test } from 'vitest';
import { acrossTheWall, badgeOf, sizeOf } from '../../src/renderer/panels/cases/describeCase';
import { countCases, filterCases } from '../../src/renderer/panels/cases/filterCases';
import { readPaths } from '../../src/renderer/panels/cases/importing';
import { placeToLook, volumeDifferences } from '../../src/renderer/panels/cases/measure';
import { difference, metrics, worstCasesFirst } from '../../src/renderer/panels/results/compare';
import type { Case, CaseId, LabelRevision, LabelState, Split, Structure } from '../../src/shared/domain';
import type { CaseScores, EvaluationSummary, StructureScore } from '../../src/shared/evaluation';

const affine = [5, 0, 0, -10, 0, 5, 0, -10, 0, 0, 5, 0, 0, 0, 0, 1];
const grid = { size: [4, 4, 3], affine } as const;

const makeCase = (name: string, split: Split, state: LabelState | null): Case => ({
  id: name as CaseId,
  name,
  split,
  patient: null,
  grid,
  channels: [],
  label: state && ({ state } as LabelRevision),
  addedAt: '2026-01-01T00:00:00Z',
});
const cases = [makeCase('Torso 1', 'train', 'complete'), makeCase('Torso 2', 'train', null), makeCase('Head 3', 'test', 'complete')];
const structures: Structure[] = [
  { index: 1, name: 'Liver', colour: '#112233', mirror: null },
  { index: 2, name: 'Kidney left', colour: '#445566', mirror: 3 },
  { index: 3, name: 'Kidney right', colour: '#778899', mirror: 2 },
];

const score = (structure: number, dice: number, note: StructureScore['note'] = null): StructureScore => ({
  structure,
  dice,
  hd95Mm: null,
  assdMm: null,
  surfaceDice: null,
  toleranceMm: 5,
  volumeMl: 0,
  referenceMl: 0,
  note,
});
const scored = (name: string, meanDice: number, scores: StructureScore[]): CaseScores => ({
  case: name as CaseId,
  name,
  split: 'test',
  prediction: name as CaseScores['prediction'],
  meanDice,
  structures: scores,
});
const summary = (rows: CaseScores[]) => ({ cases: rows }) as EvaluationSummary;

describe('the list of cases', () => {
  const names = (...rest: Parameters<typeof filterCases>) => filterCases(...rest).map(({ name }) => name);

  test('counts what each filter shows', () => {
    expect(countCases(cases)).toEqual({ all: 3, labelled: 1, draft: 0, unlabelled: 1, test: 1 });
    expect(names(cases, 'unlabelled', '', undefined, structures)).toEqual(['Torso 2']);
  });

  test('keeps drafts apart from labels that count', () => {
    const draft = makeCase('Torso 4', 'train', 'draft');
    expect(countCases([...cases, draft])).toEqual({ all: 4, labelled: 1, draft: 1, unlabelled: 1, test: 1 });
    expect(names([...cases, draft], 'draft', '', undefined, structures)).toEqual(['Torso 4']);
    expect(badgeOf(draft)).toEqual({ label: 'Draft', tone: 'caution' });
  });

  test('finds every word of a search, whatever their case', () => {
    expect(names(cases, 'all', ' 2 TORSO ', undefined, structures)).toEqual(['Torso 2']);
  });

  test('answers "worst liver" with the scored cases, lowest liver Dice first', () => {
    const scores = summary([scored('Torso 1', 0.5, [score(1, 0.9)]), scored('Head 3', 0.8, [score(1, 0.2)])]);
    expect(names(cases, 'all', 'worst liver', scores, structures)).toEqual(['Head 3', 'Torso 1']);
    expect(names(cases, 'all', 'worst', scores, structures)).toEqual(['Torso 1', 'Head 3']);
  });

  test('marks the test split before the labels', () => {
    expect(cases.map((subject) => badgeOf(subject).label)).toEqual(['Labelled', 'Unlabelled', 'Test']);
  });

  test('states voxels and their size, once when they are cubes', () => {
    expect(sizeOf({ grid })).toBe('4×4×3 · 5 mm');
    expect(sizeOf({ grid: { size: [2, 2, 2], affine: [0.488, 0, 0, 0, 0, 0.488, 0, 0, 0, 0, 1.5, 0, 0, 0, 0, 1] } })).toBe(
      '2×2×2 · 0.488×0.488×1.5 mm',
    );
  });
});

test('paths are one a line, or several between quotation marks', () => {
  expect(readPaths('/a/b c.nii\n\n "/d e" "/f"  \n')).toEqual(['/a/b c.nii', '/d e', '/f']);
});

describe('measures', () => {
  test('volume differences put the largest first, whichever its sign, and leave out what is in neither mask', () => {
    const found = volumeDifferences({ 1: 16, 2: 8 }, { 1: 24, 2: 40, 3: 0 }, structures, grid);
    expect(found.map(({ structure, differenceMl }) => [structure.name, differenceMl])).toEqual([
      ['Kidney left', 4],
      ['Liver', 1],
    ]);
  });

  const mask = (...voxels: [i: number, j: number, k: number][]) => {
    const labels = new Uint8Array(48);
    for (const [i, j, k] of voxels) labels[i + 4 * (j + 4 * k)] = 2;
    return labels;
  };

  test('the place to look at is where two masks differ most, not where they agree', async () => {
    const reference = mask([0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 1, 2]);
    const predicted = mask([0, 0, 0], [1, 0, 0], [2, 0, 0]);
    expect(await placeToLook(grid, 2, reference, predicted)).toEqual([-5, -5, 10]);
  });

  test('the place to look at lies inside the structure when there is one mask only', async () => {
    expect(await placeToLook(grid, 2, mask([0, 3, 1], [3, 3, 1], [2, 3, 1]), null)).toEqual([0, 5, 5]);
  });

  test('a structure that is nowhere has no place', async () => {
    expect(await placeToLook(grid, 1, mask([0, 0, 0]), null)).toBeNull();
  });
});

describe('results', () => {
  test('put the worst case first and name its worst structure that is there', () => {
    const rows = worstCasesFirst(
      summary([scored('b', 0.9, [score(1, 0.9)]), scored('a', 0.4, [score(1, 0.5), score(2, 0.3), score(3, 0, 'both empty')])]),
      summary([scored('a', 0.6, [])]),
    );
    expect(rows.map(({ scores, other, worst }) => [scores.name, other?.meanDice, worst?.structure])).toEqual([
      ['a', 0.6, 2],
      ['b', undefined, 1],
    ]);
  });

  test('call more Dice better and more distance worse, and equal what prints equal', () => {
    const [dice, hd95] = metrics;
    expect(difference(dice, 0.9, 0.84)).toEqual({ by: 0.06, isBetter: true });
    expect(difference(hd95, 9.5, 8)).toEqual({ by: 1.5, isBetter: false });
    expect(difference(dice, 0.901, 0.899)).toBeNull();
    expect(difference(hd95, 9, null)).toBeNull();
  });
});

test('a patient with studies on both sides of the test split is named, with one of each', () => {
  const visits = cases.map((one) => ({ ...one, patient: 'P7' }));
  expect(acrossTheWall([visits[0]], visits)).toBe(
    'Patient P7 is on both sides: Head 3 is a test case and Torso 1 is not. Runs refuse to see Torso 1 until both are in the test split, or neither.',
  );
  expect(acrossTheWall(visits, visits.slice(0, 2))).toBeNull();
  expect(acrossTheWall(cases, cases)).toBeNull(); // nobody said whose they are
});

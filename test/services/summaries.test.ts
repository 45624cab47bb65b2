/** Means over scores, checked against numbers worked out by hand. */
import { expect, test } from 'vitest';
import { rank, summarise } from '../../src/main/services/summaries';
import type { StructureScore } from '../../src/shared/evaluation';

const score = (structure: number, dice: number, more: Partial<StructureScore> = {}): StructureScore => ({
  structure,
  dice,
  hd95Mm: 10 * (1 - dice),
  assdMm: 1 - dice,
  surfaceDice: dice,
  toleranceMm: 3,
  volumeMl: 100,
  referenceMl: 110,
  note: null,
  ...more,
});
const nothing = { hd95Mm: null, assdMm: null, surfaceDice: null };
const absent = (structure: number) => score(structure, 1, { ...nothing, volumeMl: 0, referenceMl: 0, note: 'both empty' });
const missed = (structure: number) => score(structure, 0, { ...nothing, volumeMl: 0, referenceMl: 30, note: 'prediction empty' });
const structures = ['liver', 'spleen', 'nowhere'].map((name, i) => ({ index: i + 1, name, colour: '#000000', mirror: null }));
const evaluation = (...cases: StructureScore[][]) => ({
  model: 'm' as never,
  modelName: 'M',
  cases: cases.map((scores, i) => ({
    case: `c${i}` as never,
    name: `case ${i}`,
    split: 'test' as const,
    prediction: `p${i}` as never,
    structures: scores,
  })),
});

test('a structure absent from both sides is left out, a missed one counts as zero', () => {
  const summary = summarise(evaluation([score(1, 0.9), missed(2), absent(3)], [score(1, 0.5), absent(2), absent(3)]), structures);
  expect(summary.structures).toEqual([
    { structure: 1, name: 'liver', cases: 2, missed: 0, dice: 0.7, hd95Mm: 3, assdMm: 0.3, surfaceDice: 0.7, volumeErrorMl: 10 },
    { structure: 2, name: 'spleen', cases: 1, missed: 1, dice: 0, hd95Mm: null, assdMm: null, surfaceDice: null, volumeErrorMl: 30 },
  ]);
  expect(summary.mean).toEqual({ dice: 0.35, hd95Mm: 3, assdMm: 0.3, surfaceDice: 0.7, volumeErrorMl: 20 });
});

test('the worst case comes first, and a case with nothing to find is perfect', () => {
  const { cases } = summarise(evaluation([absent(1), absent(2)], [score(1, 0.9), missed(2)], [score(1, 0.8), score(2, 0.6)]), structures);
  expect(cases.map(({ name, meanDice }) => [name, meanDice])).toEqual([
    ['case 1', 0.45],
    ['case 2', 0.7],
    ['case 0', 1],
  ]);
});

test('the model with the best mean is ranked first', () => {
  const [poor, good] = [summarise(evaluation([score(1, 0.2)]), structures), summarise(evaluation([score(1, 0.8)]), structures)];
  expect(rank([poor, good])).toEqual([good, poor]);
});

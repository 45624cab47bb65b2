/** Paired differences against numbers worked out by hand, and how often their intervals hold the truth. */
import { describe, expect, test } from 'vitest';
import { bootstrapMean, fewestCases, pairedDifference, type SeedScore } from '../../src/shared/pairedDifferences';
import { type Random, random } from '../../src/shared/random';

/** Rows are seeds 1, 2, …; columns are cases a, b, …; null where a case has no score. */
const scores = (...rows: (number | null)[][]): SeedScore[] =>
  rows.flatMap((row, seed) =>
    row.flatMap((value, at) => (value === null ? [] : [{ seed: seed + 1, case: String.fromCharCode(97 + at), value }])),
  );
const more = { moreIsBetter: true };

describe('a paired difference', () => {
  test('is the mean over cases and seeds that both have, second minus first', () => {
    const [first, second] = [scores([0.5, 0.6], [0.7, 0.8]), scores([0.6, 0.5], [0.9, null])];
    // +0.1, −0.1 and +0.2 over three pairs; seed 1 is even, seed 2 better.
    expect(pairedDifference(first, second, more)).toMatchObject({ mean: expect.closeTo(0.2 / 3), seeds: 2, cases: 2, seedsBetter: 1 });
    expect(pairedDifference(scores([0.5]), scores([], [0.5]), more)).toBeNull();
  });

  test('that is the same everywhere has no width', () => {
    const [first, second] = [scores([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 7]), scores([3, 4, 5, 6, 7, 8], [4, 5, 6, 7, 8, 9])];
    const expected = { mean: 2, low: 2, high: 2, seeds: 2, cases: 6 };
    expect(pairedDifference(first, second, more)).toEqual({ ...expected, seedsBetter: 2, verdict: 'better' });
    expect(pairedDifference(first, second, { moreIsBetter: false })).toEqual({ ...expected, seedsBetter: 0, verdict: 'worse' });
    expect(pairedDifference(second, first, { moreIsBetter: false })).toMatchObject({ mean: -2, seedsBetter: 2, verdict: 'better' });
  });

  test('whose interval holds zero cannot be told apart', () => {
    const zero = scores([0, 0, 0, 0, 0, 0]);
    expect(pairedDifference(zero, scores([-1, 1, -1, 1, -1, 2]), more)).toMatchObject({ verdict: 'cannot tell apart' });
    expect(pairedDifference(zero, scores([1, 1, 1, 1, 1, 0]), more)).toMatchObject({ verdict: 'better' });
    expect(pairedDifference(zero, zero, more)).toMatchObject({ mean: 0, verdict: 'cannot tell apart' });
  });

  test('of too few cases cannot be told apart, however many seeds agree', () => {
    const ofCases = (count: number, value: number) => scores(...Array.from({ length: 9 }, () => Array(count).fill(value)));
    const verdict = (count: number) => pairedDifference(ofCases(count, 0.1), ofCases(count, 0.9), more)?.verdict;
    expect([verdict(fewestCases - 1), verdict(fewestCases)]).toEqual(['cannot tell apart', 'better']);
  });
});

describe('a bootstrap interval', () => {
  test('over two cases reaches from one to the other: a quarter of the draws take the same one twice', () => {
    expect(bootstrapMean(scores([0, 1]))).toEqual({ mean: 0.5, low: 0, high: 1, seeds: 1, cases: 2 });
  });

  test('does not take the same cases under more seeds for more cases', () => {
    expect(bootstrapMean(scores([0, 1], [0, 1], [0, 1], [0, 1], [0, 1]))).toMatchObject({ low: 0, high: 1 });
  });

  test('is that of the mean of many cases', () => {
    const stream = random(5);
    const values = Array.from({ length: 200 }, () => stream.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / values.length;
    const { low, high } = bootstrapMean(scores(values), { replicates: 10_000 });
    expect([(mean - low) / error, (high - mean) / error]).toEqual([expect.closeTo(1.96, 1), expect.closeTo(1.96, 1)]);
  });

  test('is the same for the same seed and another for another', () => {
    const given = scores([0.1, 0.3, 0.2], [0.5, 0.4, 0.1]);
    expect(bootstrapMean(given)).toEqual(bootstrapMean(given));
    expect(bootstrapMean(given, { seed: 2, replicates: 50 })).not.toEqual(bootstrapMean(given, { seed: 3, replicates: 50 }));
  });

  test('leaves out scores that are missing', () => {
    expect(bootstrapMean(scores([1, null, 1], [null, 1, null]))).toMatchObject({ mean: 1, low: 1, high: 1 });
    expect(() => bootstrapMean([])).toThrow('at least one score');
  });

  test('holds the true mean about as often as it says, where cases, seeds and chance all play a part', () => {
    const trials = 300;
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = bootstrapMean(drawStudy(random(trial)), { replicates: 400, seed: trial });
      if (low <= truth && truth <= high) held++;
    }
    expect(held / trials).toBeGreaterThan(0.9);
    expect(held / trials).toBeLessThan(0.99);
  });
});

const truth = 0.05;
/** Differences of 15 cases under 5 seeds: each case and each seed has a part of its own. */
function drawStudy(stream: Random): SeedScore[] {
  const ofCase = Array.from({ length: 15 }, () => 0.03 * stream.normal());
  const ofSeed = Array.from({ length: 5 }, () => 0.01 * stream.normal());
  return scores(...ofSeed.map((seed) => ofCase.map((one) => truth + one + seed + 0.03 * stream.normal())));
}

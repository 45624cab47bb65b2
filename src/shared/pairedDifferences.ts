/** How two configurations differ on the same cases under the same seeds, and whether that could be chance. */
import { type Random, random } from './random';

/** A number for one case, by the student of one seed. */
export interface SeedScore {
  seed: number;
  case: string;
  value: number;
}

/** A mean with its 95 % bootstrap interval. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
  seeds: number;
  cases: number;
}

export type Verdict = 'better' | 'worse' | 'cannot tell apart';

/** Second minus first. */
export interface PairedDifference extends Estimate {
  /** In how many seeds the mean over cases is better. */
  seedsBetter: number;
  verdict: Verdict;
}

export interface BootstrapOptions {
  replicates?: number;
  /** Of the random stream: the same scores and seed give the same interval. */
  seed?: number;
}

/** Even if all of fewer cases changed the same way, that could be chance: a sign test of five gives p = 0.06 at best. */
export const fewestCases = 6;

/**
 * Mean over all scores with its 95 % percentile interval (Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13).
 *
 * In every replicate as many seeds are drawn with replacement as there are, and, once for all of them, as many cases with replacement as there
 * are; a score counts as often as its seed was drawn times as often as its case was. This is the bootstrap for crossed factors (Owen 2007,
 * The pigeonhole bootstrap, arXiv 0712.1111). Drawing cases anew within every drawn seed would take five students' scores of the same fifteen
 * patients for seventy-five patients, and make the interval far too narrow. With one seed, cases alone are drawn: the interval then says nothing
 * about other seeds.
 * @param scores at least one; a case may lack a score under some seeds
 */
export function bootstrapMean(scores: readonly SeedScore[], { replicates = 2000, seed = 1 }: BootstrapOptions = {}): Estimate {
  if (scores.length === 0) throw new Error('bootstrapMean: expected at least one score, got none');
  const { values, seeds, cases } = crossed(scores);
  const stream = random(seed);
  const means = Float64Array.from({ length: replicates }, () => drawnMean(values, seeds, cases, stream)).sort();
  const mean = scores.reduce((sum, { value }) => sum + value, 0) / scores.length;
  return { mean, low: quantile(means, 0.025), high: quantile(means, 0.975), seeds, cases };
}

/**
 * Second minus first for every case that both have under the same seed; null where they share none.
 * @param moreIsBetter true for Dice, false for distances
 */
export function pairedDifference(
  first: readonly SeedScore[],
  second: readonly SeedScore[],
  { moreIsBetter, ...options }: BootstrapOptions & { moreIsBetter: boolean },
): PairedDifference | null {
  const before = new Map(first.map((score) => [keyOf(score), score.value]));
  const differences = second.flatMap((score) => {
    const value = before.get(keyOf(score));
    return value === undefined ? [] : [{ ...score, value: score.value - value }];
  });
  if (differences.length === 0) return null;
  const estimate = bootstrapMean(differences, options);
  const sign = moreIsBetter ? 1 : -1;
  const bySeed = [...Map.groupBy(differences, (one) => one.seed).values()];
  const seedsBetter = bySeed.filter((ofSeed) => sign * ofSeed.reduce((sum, { value }) => sum + value, 0) > 0).length;
  return { ...estimate, seedsBetter, verdict: verdictOf(estimate, sign) };
}

const keyOf = ({ seed, case: name }: SeedScore): string => `${seed} ${name}`;

function verdictOf({ low, high, cases }: Estimate, sign: 1 | -1): Verdict {
  if (cases < fewestCases || (low <= 0 && high >= 0)) return 'cannot tell apart';
  return sign * low > 0 ? 'better' : 'worse';
}

/** Scores as rows of seeds and columns of cases, NaN where there is none. */
function crossed(scores: readonly SeedScore[]): { values: Float64Array; seeds: number; cases: number } {
  const rows = indexOf(scores.map((score) => score.seed));
  const columns = indexOf(scores.map((score) => score.case));
  const values = new Float64Array(rows.size * columns.size).fill(Number.NaN);
  for (const score of scores) values[rows.get(score.seed)! * columns.size + columns.get(score.case)!] = score.value;
  return { values, seeds: rows.size, cases: columns.size };
}
const indexOf = <T>(names: readonly T[]): Map<T, number> => new Map([...new Set(names)].map((name, at) => [name, at]));

/** Mean of one replicate. One in which no drawn seed has a drawn case says nothing and is drawn again. */
function drawnMean(values: Float64Array, seeds: number, cases: number, stream: Random): number {
  for (;;) {
    const [ofSeed, ofCase] = [timesDrawn(seeds, stream), timesDrawn(cases, stream)];
    let [sum, count] = [0, 0];
    for (let row = 0; row < seeds; row++) {
      for (let column = 0; column < cases; column++) {
        const weight = ofSeed[row] * ofCase[column];
        const value = values[row * cases + column];
        if (weight === 0 || Number.isNaN(value)) continue;
        sum += weight * value;
        count += weight;
      }
    }
    if (count > 0) return sum / count;
  }
}

function timesDrawn(count: number, stream: Random): Uint32Array {
  const times = new Uint32Array(count);
  for (let draw = 0; draw < count; draw++) times[stream.integer(count)]++;
  return times;
}

/** Linear between the two nearest of sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [Math.floor(place), Math.ceil(place)];
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

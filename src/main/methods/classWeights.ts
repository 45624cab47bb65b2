/**
 * How much each class should count, from what a run has seen so far: the two schemes of DHC (Wang & Li, MICCAI 2023). Both answer one weight per
 * class, background first, on a scale where the largest is about the number of classes.
 */

const average = (past: number, now: number, keep: number): number => keep * past + (1 - keep) * now;
/** Keeps a logarithm and a ratio finite for a class that was never seen. */
const tiny = 1e-8;

/**
 * By rarity: log(n_max/n_c) as a share of its largest value, times K. The most frequent class gets 0.
 * @param counts voxels per class, at least two of them different; equal counts give equal weights of 1
 */
export function rarityWeights(counts: readonly number[]): number[] {
  const most = Math.max(...counts);
  const logs = counts.map((count) => Math.log((most + tiny) / (count + tiny)));
  const largest = Math.max(...logs);
  return logs.map((log) => (largest === 0 ? 1 : (log / largest) * counts.length));
}

/** The running average of class weights after one more batch. */
export const averagedWeights = (past: readonly number[], now: readonly number[], keep = 0.99): number[] =>
  past.map((weight, c) => average(weight, now[c], keep));

/** What weighing by difficulty remembers of each class. */
export interface Difficulty {
  dice: number;
  /** Running averages of how fast Dice rises and falls. */
  learning: number;
  unlearning: number;
  /** Running average of 1 − Dice. */
  missing: number;
}
export const unseenDifficulty = (classes: number): Difficulty[] =>
  Array.from({ length: classes }, () => ({ dice: tiny, learning: 0, unlearning: 0, missing: 1 }));

/**
 * By difficulty: classes whose Dice falls more than it rises, and is low, count more. (unlearning/learning)^(1/5)·missing, scaled to a maximum of K.
 * @param dice Dice of the hard predictions of this batch, per class
 * @param batches how many batches the running averages reach back
 */
export function difficultyWeights(past: readonly Difficulty[], dice: readonly number[], batches = 50) {
  const keep = (batches - 1) / batches;
  const now = past.map((before, c) => {
    const change = dice[c] - before.dice;
    const speed = change * Math.log(dice[c] / before.dice);
    return {
      dice: dice[c],
      learning: average(before.learning, change > 0 ? speed : 0, keep),
      unlearning: average(before.unlearning, change > 0 ? 0 : speed, keep),
      missing: average(before.missing, 1 - dice[c], keep),
    };
  });
  const raw = now.map(({ learning, unlearning, missing }) => ((unlearning + tiny) / (learning + tiny)) ** (1 / 5) * missing);
  const largest = Math.max(...raw);
  return { difficulty: now, weights: raw.map((weight) => (weight / largest) * raw.length) };
}

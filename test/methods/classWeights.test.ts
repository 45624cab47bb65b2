/** Class weights against DHC's own over several batches, and at the ends of their range. */
import { describe, expect, test } from 'vitest';
import { sizeOf, type Tensor } from '../../src/main/engine/tensor';
import { averagedWeights, difficultyWeights, rarityWeights, unseenDifficulty } from '../../src/main/methods/classWeights';
import { golden, part, relativeDifference } from '../golden';

const all = golden('dhc/losses');
const tensorOf = (name: string) => all.tensors.get(name) as Tensor;
const numbersOf = (name: string) => Array.from(tensorOf(name).data, Number);
const variants = all.metadata.variants as Record<string, Record<string, string | number>>;
const label = numbersOf('in.label');
const predictions = [...part(all, 'in.dw.pred').values()];
const classes = predictions[0].dims[1];

/** The most likely class of every voxel. */
function decided({ dims, data }: Tensor): number[] {
  const voxels = sizeOf(dims.slice(2));
  return Array.from({ length: dims[0] * voxels }, (_, at) => {
    const [n, voxel] = [Math.floor(at / voxels), at % voxels];
    const logits = Array.from({ length: classes }, (_, k) => Number(data[(n * classes + k) * voxels + voxel]));
    return logits.indexOf(Math.max(...logits));
  });
}
const perClass = (count: (k: number) => number) => Array.from({ length: classes }, (_, k) => count(k));
const voxelsOf = (map: readonly number[]) => perClass((k) => map.filter((value) => value === k).length);
const diceOf = (map: readonly number[]) =>
  perClass((k) => {
    const common = map.filter((value, at) => value === k && label[at] === k).length;
    return (2 * common + 1e-8) / (voxelsOf(map)[k] + voxelsOf(label)[k] + 2e-8);
  });

describe('weights by rarity', () => {
  test('start from the labels and follow the predictions as in the reference', () => {
    let weights = rarityWeights(numbersOf('in.distdw.counts'));
    expect(relativeDifference(weights, numbersOf('out.distdw.init'))).toBeLessThan(1e-6);
    for (const [t, prediction] of predictions.entries()) {
      weights = averagedWeights(weights, rarityWeights(voxelsOf(decided(prediction))), Number(variants.distdw.momentum));
      expect(relativeDifference(weights, numbersOf(`out.distdw.weights${t}`))).toBeLessThan(1e-6);
    }
  });
  test('give the most frequent class nothing, and equal classes the same', () => {
    expect(rarityWeights([1000, 10, 0])[0]).toBe(0);
    expect(rarityWeights([1000, 10, 0])[2]).toBe(3);
    expect(rarityWeights([5, 5])).toEqual([1, 1]);
  });
});

describe('weights by difficulty', () => {
  test('follow rise and fall of Dice as in the reference', () => {
    let difficulty = unseenDifficulty(classes);
    for (const [t, prediction] of predictions.entries()) {
      const now = difficultyWeights(difficulty, diceOf(decided(prediction)), Number(variants.diffdw.accumulate_iters));
      expect(relativeDifference(now.weights, numbersOf(`out.diffdw.weights${t}`))).toBeLessThan(1e-5);
      difficulty = now.difficulty;
    }
  });
  test('rise for the class that falls behind', () => {
    let state = unseenDifficulty(2);
    for (const dice of [0.5, 0.6, 0.7]) state = difficultyWeights(state, [dice, 1.1 - dice]).difficulty;
    const { weights } = difficultyWeights(state, [0.8, 0.3]);
    expect(weights[1]).toBe(2);
    expect(weights[0]).toBeLessThan(weights[1]);
  });
});

/** What losses promise beyond matching a reference: at the ends of their range, and against each other. */

import { describe, expect, test } from 'vitest';
import { pullBack } from '../../src/main/engine/backward';
import { constant, input, scalar, type Value } from '../../src/main/engine/graph';
import { add, mul } from '../../src/main/engine/ops/elementwise';
import { l2Normalise } from '../../src/main/engine/ops/layers';
import { sumAll } from '../../src/main/engine/ops/reduce';
import { slice } from '../../src/main/engine/ops/shape';
import { softmax } from '../../src/main/engine/ops/softmax';
import { tensor } from '../../src/main/engine/tensor';
import { cosineDistance, distillation, entropyLoss, meanSquare } from '../../src/main/methods/losses/agreement';
import { deeplySupervised } from '../../src/main/methods/losses/combined';
import {
  binaryCrossEntropy,
  binaryCrossEntropyMap,
  crossEntropy,
  crossEntropyMap,
  probabilityCrossEntropy,
} from '../../src/main/methods/losses/crossEntropy';
import { asOneClass, diceLoss, diceScores, generalisedDice, negativeDice } from '../../src/main/methods/losses/dice';
import { focal } from '../../src/main/methods/losses/focal';
import { known, oneHot, smoothed, weightedMean } from '../../src/main/methods/losses/target';
import { random } from '../../src/shared/random';
import { evaluate } from '../engine/reference';

const numbers = (dims: readonly number[], values: ArrayLike<number>) => constant(tensor(dims, values));
const noise = (seed: number, dims: readonly number[]) => {
  const stream = random(seed);
  return numbers(
    dims,
    Array.from({ length: dims.reduce((product, side) => product * side, 1) }, () => stream.normal()),
  );
};
const numbersIn = (value: Value) => Array.from(evaluate([value], new Map())[0].data);
/** The loss and its slope at one point. */
function slopeAt(build: (x: Value) => Value, at: readonly number[], dims: readonly number[] = [at.length]) {
  const x = input('x', 'float32', dims);
  const loss = build(x);
  const [value, slope] = evaluate([loss, pullBack([[loss, scalar(1)]], [x]).get(x) as Value], new Map([[x, Float64Array.from(at)]]));
  return { value: value.data[0], slope: Array.from(slope.data) };
}

describe('binary cross-entropy', () => {
  test('stays finite and right for logits of any size', () => {
    const { value, slope } = slopeAt((x) => sumAll(binaryCrossEntropyMap(x, numbers([4], [1, 0, 1, 0]))), [-500, -500, 500, 500]);
    expect(value).toBe(1000);
    expect(slope.map(Math.round)).toEqual([-1, 0, -0, 1]);
  });
  test('has the slope σ − t at a logit of exactly 0, where every fresh network may stand', () => {
    expect(slopeAt((x) => sumAll(binaryCrossEntropyMap(x, numbers([2], [1, 0]))), [0, 0]).slope).toEqual([-0.5, 0.5]);
  });
  test('of probabilities of exactly 0 and 1 is finite, with finite slopes', () => {
    const { value, slope } = slopeAt((x) => probabilityCrossEntropy(x, numbers([2], [1, 0])), [0, 1]);
    expect(value).toBeCloseTo(-(Math.log(1e-8) + Math.log(1e-7)) / 2, 0);
    expect(slope.every(Number.isFinite)).toBe(true);
  });
  test('of two classes is the cross-entropy of the difference of their logits', () => {
    const logits = noise(1, [2, 1, 3, 4]);
    const label = constant({ dims: [2, 3, 4], data: Uint8Array.from({ length: 24 }, (_, i) => i % 2) });
    const target = oneHot(label, 2);
    const both = evaluate([logits], new Map())[0].data;
    const pair = numbers(
      [2, 2, 3, 4],
      [0, 1].flatMap((n) => [...Array<number>(12).fill(0), ...both.slice(12 * n, 12 * n + 12)]),
    );
    const foreground = constant(tensor([2, 1, 3, 4], Array.from(evaluate([label], new Map())[0].data)));
    expect(numbersIn(binaryCrossEntropy(logits, foreground))[0]).toBeCloseTo(numbersIn(crossEntropy(pair, target))[0], 9);
  });
});

test('voxels of an unknown label change neither a cross-entropy nor its slopes', () => {
  const target = oneHot(constant({ dims: [1, 4], data: Uint8Array.of(0, 255, 2, 255) }), 3);
  const weights = numbers([3], [1, 2, 3]);
  const logits = [1, 2, 0, 3, -1, 0, 2, 1, 0.5, 1, 0, -2];
  const moved = logits.map((x, i) => (i % 2 === 1 ? x + i : x));
  for (const build of [
    (x: Value) => weightedMean(crossEntropyMap(x, target), known(target)),
    (x: Value) => crossEntropy(x, target, weights),
    (x: Value) => focal(x, target, { gamma: 2 }),
  ]) {
    const [before, after] = [logits, moved].map((at) => slopeAt(build, at, [1, 3, 4]));
    expect(after.value).toBeCloseTo(before.value, 12);
    expect(after.slope.filter((_, i) => i % 2 === 1).every((slope) => slope === 0)).toBe(true);
    expect(before.value).toBeGreaterThan(0.1);
  }
});

test('label smoothing keeps a certain prediction from being the best', () => {
  const target = smoothed(oneHot(constant({ dims: [1, 1], data: Uint8Array.of(1) }), 4), 0.1);
  expect(numbersIn(target).map((x) => x.toFixed(3))).toEqual(['0.025', '0.925', '0.025', '0.025']);
  const at = (certainty: number) => slopeAt((x) => crossEntropy(x, target), [0, certainty, 0, 0], [1, 4, 1]).value;
  expect(at(Math.log(37))).toBeLessThan(Math.min(at(2), at(10)));
});

describe('soft Dice', () => {
  const target = oneHot(constant({ dims: [2, 2, 3], data: Uint8Array.of(0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0) }), 3);
  const soft = { denominator: 'squared', over: 'batch', smooth: 1e-5 } as const;
  test('of the truth itself is 0, an absent class included', () => {
    for (const denominator of ['squared', 'plain'] as const) {
      for (const over of ['batch', 'sample'] as const) {
        expect(numbersIn(diceLoss(target, target, { ...soft, denominator, over }))[0]).toBeCloseTo(0, 12);
        expect(numbersIn(negativeDice(target, target, { ...soft, denominator, over }))[0]).toBeCloseTo(-1, 6);
      }
    }
    expect(numbersIn(generalisedDice(target, target))[0]).toBeCloseTo(0, 5);
  });
  test('a mask leaves the rest out, as if it were not there', () => {
    const p = softmax(noise(2, [1, 2, 4]), 1);
    const truth = oneHot(constant({ dims: [1, 4], data: Uint8Array.of(0, 1, 1, 0) }), 2);
    const masked = diceLoss(p, truth, { ...soft, mask: numbers([1, 1, 4], [1, 1, 0, 0]) });
    expect(numbersIn(masked)[0]).toBeCloseTo(numbersIn(diceLoss(slice(p, 2, 0, 2), slice(truth, 2, 0, 2), soft))[0], 12);
  });
  test('with class weights of one, and the background left out, is the mean over structures', () => {
    const p = softmax(noise(3, [2, 3, 2, 3]), 1);
    const plain = numbersIn(diceScores(p, target, { ...soft }));
    const loss = diceLoss(p, target, { ...soft, background: 'left out', weights: numbers([3], [5, 1, 1]) });
    expect(numbersIn(loss)[0]).toBeCloseTo(1 - (plain[1] + plain[2]) / 2, 12);
  });
  test('of all channels as one is one ratio per sample', () => {
    const p = softmax(noise(4, [2, 3, 2, 3]), 1);
    const scores = diceScores(asOneClass(p), asOneClass(target), { ...soft, denominator: 'plain', over: 'sample', smooth: 0 });
    expect(scores.dims).toEqual([2, 1]);
    const [ps, ts] = [p, target].map(numbersIn);
    const common = ps.slice(0, 18).reduce((sum, x, i) => sum + x * ts[i], 0);
    // Probabilities and one-hot maps of six voxels both sum to six.
    expect(numbersIn(scores)[0]).toBeCloseTo((2 * common) / 12, 12);
  });
});

describe('distillation', () => {
  const [student, teacher] = [noise(5, [2, 3, 4]), noise(6, [2, 3, 4])];
  test('is 0 between equals, positive between others, and does not see a constant added to all logits of a voxel', () => {
    expect(numbersIn(distillation(teacher, teacher, 10))[0]).toBeCloseTo(0, 12);
    const apart = numbersIn(distillation(student, teacher, 10))[0];
    expect(apart).toBeGreaterThan(0.01);
    expect(numbersIn(distillation(add(student, 3), add(teacher, -7), 10))[0]).toBeCloseTo(apart, 12);
  });
  test('keeps the size of its slopes as the temperature rises', () => {
    const steep = (temperature: number) =>
      Math.hypot(...slopeAt((x) => distillation(x, teacher, temperature), numbersIn(student), [2, 3, 4]).slope);
    // Hinton et al.: for high temperatures the slope tends to that of half the squared distance of centred logits over K.
    expect(steep(1000) / steep(100)).toBeCloseTo(1, 2);
  });
});

test('entropy is 1 where nothing is decided and 0 where all is', () => {
  expect(numbersIn(entropyLoss(numbers([1, 4, 2], Array(8).fill(0.25))))[0]).toBeCloseTo(1, 4);
  expect(numbersIn(entropyLoss(numbers([1, 4, 1], [0, 1, 0, 0])))[0]).toBeCloseTo(0, 4);
});

test('the cosine distance is half the squared distance of the vectors at unit length', () => {
  const [a, b] = [noise(7, [2, 5, 3]), noise(8, [2, 5, 3])];
  const apart = mul(meanSquare(l2Normalise(a, 1), l2Normalise(b, 1)), 5 / 2);
  expect(numbersIn(cosineDistance(a, b))[0]).toBeCloseTo(numbersIn(apart)[0], 7);
});

test('a focal loss of power 0 is the cross-entropy, and a higher power forgives what is nearly right', () => {
  const target = oneHot(constant({ dims: [1, 2], data: Uint8Array.of(0, 1) }), 2);
  const at = (gamma: number) => slopeAt((x) => focal(x, target, { gamma }), [3, 0.5, 0, 0], [1, 2, 2]);
  expect(at(0).value).toBeCloseTo(slopeAt((x) => crossEntropy(x, target), [3, 0.5, 0, 0], [1, 2, 2]).value, 12);
  const ratio = (gamma: number) => at(gamma).slope[0] / at(gamma).slope[1];
  expect(Math.abs(ratio(1.5))).toBeLessThan(0.1 * Math.abs(ratio(0)));
});

test('deep supervision learns nothing from an output of weight 0, and needs one that counts', () => {
  const [fine, coarse] = [input('fine', 'float32', []), input('coarse', 'float32', [])];
  const slopes = pullBack([[deeplySupervised([fine, coarse], [1, 0]), scalar(1)]], [fine, coarse]);
  expect([fine, coarse].map((x) => numbersIn(slopes.get(x) as Value)[0])).toEqual([1, 0]);
  expect(() => deeplySupervised([fine], [0])).toThrow('1 losses with the weights 0 leave nothing to learn from');
});

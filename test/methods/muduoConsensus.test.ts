/** Clicks, overlap, filter and fusion against MuDuo's own code, and the laws they keep. */
import { describe, expect, test } from 'vitest';
import { sizeOf, type Tensor } from '../../src/main/engine/tensor';
import { type ClickOptions, clicksOn } from '../../src/main/methods/muduo/clicks';
import { absent, betterHalf, fuseInto, keptSamples, keptWeights, softIou, softOverlap } from '../../src/main/methods/muduo/consensus';
import { random } from '../../src/shared/random';
import { golden, part, relativeDifference } from '../golden';

const all = golden('muduo/consensus');
const sets = Object.keys(all.metadata);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One set of the file: samples of every tensor, and what came of them. */
function read(name: string) {
  const [given, wanted] = [part(all, `in.${name}.`), part(all, `out.${name}.`)];
  const get = (from: ReadonlyMap<string, Tensor>, key: string) => from.get(key) as Tensor;
  const mask = get(given, 'unet_mask');
  const samples = mask.dims[0];
  const split = (x: Tensor) => {
    const size = x.data.length / samples;
    return Array.from({ length: samples }, (_, n) => Float32Array.from(x.data.slice(n * size, (n + 1) * size), Number));
  };
  return {
    samples,
    sides: mask.dims.slice(2),
    masks: split(mask).map((values) => Uint8Array.from(values)),
    probabilities: ['ct', 'pet'].map((branch) => split(get(given, `logits_${branch}`)).map((logits) => logits.map(sigmoid))),
    alphas: split(get(given, 'alpha')).map(([alpha]) => alpha),
    numbers: (key: string) => Array.from(get(wanted, key).data, Number),
    split: (key: string) => split(get(wanted, key)),
  };
}

describe.each(sets)("MuDuo's own: %s", (name) => {
  const { samples, sides, masks, probabilities, alphas, numbers, split } = read(name);
  const [ct, pet] = probabilities;
  const clicks = (count: number) =>
    masks.map((labels) => clicksOn({ labels, sides, value: 1 }, { count, picking: 'firstVoxels', filling: 'negative' }));

  test.each([1, 3])('%i clicks', (count) => {
    expect(clicks(count).flatMap(({ places }) => [...places])).toEqual(numbers(`points${count}`));
    expect(clicks(count).flatMap(({ labels }) => [...labels])).toEqual(numbers(`labels${count}`));
  });
  test('overlap of the teachers', () => {
    expect(
      relativeDifference(
        split('prob_ct').flatMap((p) => [...p]),
        ct.flatMap((p) => [...p]),
      ),
    ).toBeLessThan(1e-6);
    const overlaps = ct.map((p, n) => softOverlap(p, pet[n]));
    for (const key of ['intersection', 'union'] as const) {
      expect(
        relativeDifference(
          overlaps.map((overlap) => overlap[key]),
          numbers(key),
        ),
      ).toBeLessThan(1e-6);
    }
    expect(
      relativeDifference(
        ct.map((p, n) => softIou(p, pet[n])),
        numbers('iou_raw'),
      ),
    ).toBeLessThan(1e-6);
  });
  test('the better half, absent structures last', () => {
    const overlaps = clicks(3).map(({ isPresent }, n) => (isPresent ? softIou(ct[n], pet[n]) : absent));
    expect(relativeDifference(overlaps, numbers('iou_masked'))).toBeLessThan(1e-6);
    expect(betterHalf(overlaps, 'taught')).toEqual(numbers('topk_indices'));
  });
  test('one mask out of two', () => {
    const fused = ct.map((p, n) => {
      const mask = new Uint8Array(p.length);
      fuseInto(mask, p, pet[n], alphas[n]);
      return mask;
    });
    expect(fused).toHaveLength(samples);
    expect(fused.flatMap((mask) => [...mask])).toEqual(numbers('hard'));
  });
});

const noise = (seed: number, length: number) => {
  const stream = random(seed);
  return Float32Array.from({ length }, () => stream.uniform());
};

test('teachers of one mind agree wholly once they are certain, and never where there is nothing', () => {
  const hard = noise(1, 500).map((x) => Number(x > 0.7));
  expect(softIou(hard, hard)).toBeCloseTo(1, 7);
  expect(
    softIou(
      hard,
      hard.map((x) => 1 - x),
    ),
  ).toBe(0);
  const soft = noise(2, 500);
  expect(softIou(soft, soft)).toBeLessThan(1);
  expect(softIou(new Float32Array(9), new Float32Array(9))).toBe(0);
});

test('a fusion that trusts one teacher alone is that teacher above a half', () => {
  const [a, b] = [noise(3, 200), noise(4, 200)];
  for (const [alpha, teacher] of [
    [1, a],
    [0, b],
  ] as const) {
    const mask = new Uint8Array(a.length);
    fuseInto(mask, a, b, alpha);
    expect([...mask]).toEqual([...teacher].map((p) => Number(p > 0.5)));
  }
});

test('samples without the structure are never preferred, and are learned from only where that is asked for', () => {
  expect(betterHalf([absent, 0.1, absent, absent], 'taught')).toEqual([1, 0]);
  expect(betterHalf([absent, 0.1, absent, absent], 'skipped')).toEqual([1]);
  expect(betterHalf([absent, absent], 'skipped')).toEqual([]);
  expect(betterHalf([0, 0.5, 0.5, 0.2, 0.9], 'skipped')).toEqual([4, 1]);
  expect([
    ...keptWeights(
      [
        [0.2, absent],
        [0.4, absent],
      ],
      'betterHalf',
      'skipped',
    ),
  ]).toEqual([0, 0, 0.5, 0]);
  expect([
    ...keptWeights(
      [
        [0.2, absent],
        [0.4, absent],
      ],
      'betterHalf',
      'taught',
    ),
  ]).toEqual([0, 0.5, 0.5, 0]);
});

test('without a filter every sample with the structure counts, and a threshold asks for agreement', () => {
  const overlaps = [0.2, absent, 0.7, 0];
  expect(keptSamples(overlaps, 'none', 'skipped')).toEqual([0, 2, 3]);
  expect(keptSamples(overlaps, 'none', 'taught')).toEqual([0, 1, 2, 3]);
  expect(keptSamples(overlaps, { agreementAtLeast: 0.5 }, 'taught')).toEqual([2]);
  expect(keptSamples(overlaps, { agreementAtLeast: 0 }, 'taught')).toEqual([0, 2, 3]);
  expect(keptSamples([0.1, 0.3], { agreementAtLeast: 0.5 }, 'taught')).toEqual([]);
});

describe('spread clicks', () => {
  const spread: ClickOptions = { count: 3, picking: 'spread', filling: 'repeated' };
  const sides = [7, 5, 9];
  const at = (places: readonly (readonly number[])[]) => {
    const labels = new Uint8Array(sizeOf(sides));
    for (const [a, b, c] of places) labels[(a * sides[1] + b) * sides[2] + c] = 2;
    return { labels, sides, value: 2 };
  };

  test('lie on the structure, in its middle and then at its ends', () => {
    const bar = at(Array.from({ length: 9 }, (_, i) => [3, 2, i]));
    expect([...clicksOn(bar, spread).places]).toEqual([3, 2, 4, 3, 2, 0, 3, 2, 8]);
  });
  test('are on the structure even where its centre is not', () => {
    const ends = at([
      [0, 2, 4],
      [6, 2, 4],
    ]);
    const { places, labels } = clicksOn(ends, { ...spread, count: 1 });
    expect([[...places], [...labels]]).toEqual([[0, 2, 4], [1]]);
    expect([...clicksOn(ends, { count: 1, picking: 'firstVoxels', filling: 'negative' }).places]).toEqual([3, 2, 4]);
  });
  test('are as far apart as a search through all further places finds', () => {
    const stream = random(5);
    const structure = at(Array.from({ length: 40 }, () => sides.map((side) => stream.integer(side))));
    const { places } = clicksOn(structure, spread);
    const chosen = Array.from({ length: 3 }, (_, k) => [...places.subarray(3 * k, 3 * k + 3)]);
    const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]));
    const foreground = [...structure.labels.entries()].flatMap(([i, label]) =>
      label === 2 ? [[Math.floor(i / 45), Math.floor(i / 9) % 5, i % 9]] : [],
    );
    for (const k of [1, 2]) {
      const away = (place: readonly number[]) => Math.min(...chosen.slice(0, k).map((other) => distance(place, other)));
      expect(away(chosen[k])).toBeCloseTo(Math.max(...foreground.map(away)), 12);
    }
  });
  test('repeat the last voxel of a small structure, and are no points where there is none', () => {
    const { places, labels } = clicksOn(at([[1, 2, 3]]), spread);
    expect([[...places], [...labels]]).toEqual([
      [1, 2, 3, 1, 2, 3, 1, 2, 3],
      [1, 1, 1],
    ]);
    expect(clicksOn(at([]), spread)).toEqual({ places: new Float32Array(9), labels: Int32Array.of(-1, -1, -1), isPresent: false });
  });
  test('on a plane have two coordinates', () => {
    const plane = { labels: Uint8Array.of(0, 0, 1, 0, 0, 0), sides: [2, 3], value: 1 };
    expect([...clicksOn(plane, { ...spread, count: 1 }).places]).toEqual([0, 2]);
  });
  test('in the core lie neither on the rim nor on voxels astray', () => {
    const wide = [9, 9, 15];
    const labels = new Uint8Array(sizeOf(wide));
    for (let a = 2; a < 7; a++) for (let b = 2; b < 7; b++) for (let c = 0; c < 12; c++) labels[(a * 9 + b) * 15 + c] = 1;
    labels[14] = 1;
    const { places, isPresent } = clicksOn({ labels, sides: wide, value: 1 }, { ...spread, picking: 'core' });
    // Peeled once, a bar of 3×3 is left; that it ends with the map at c = 0 makes no rim there.
    expect([isPresent, [...places.subarray(0, 3)]]).toEqual([true, [4, 4, 5]]);
    expect(new Set([places[5], places[8]])).toEqual(new Set([0, 10]));
    for (let k = 0; k < 3; k++) for (const axis of [0, 1]) expect(Math.abs(places[3 * k + axis] - 4)).toBeLessThanOrEqual(1);
  });
  test('need a map as large as its sides say', () => {
    expect(() => clicksOn({ labels: new Uint8Array(5), sides: [2, 3], value: 1 }, spread)).toThrow('clicks: 5 labels, expected 6');
  });
});

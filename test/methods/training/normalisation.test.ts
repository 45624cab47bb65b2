import { describe, expect, test } from 'vitest';
import { emptiness, fitNormalisation, foregroundSample, normalise, resolve } from '../../../src/main/methods/training/normalisation';

const ramp = (from: number, to: number, n: number) => Float32Array.from({ length: n }, (_, at) => from + ((to - from) * at) / (n - 1));
const statistics = { min: 0, max: 100, mean: 40, std: 20, p005: 0, p05: 5, p50: 40, p95: 80, p995: 90 };

describe('a normalisation fitted to Hounsfield units', () => {
  const lungs = ramp(-900, -700, 1000);
  const liver = ramp(40, 80, 1000);
  const fitted = fitNormalisation('CT', 'HU', [Float32Array.from([...lungs, ...liver])]);

  test('gives every quantile of the foreground the same room', () => {
    const values = normalise(Float32Array.from([...lungs, ...liver]), fitted);
    const mean = values.reduce((a, b) => a + b) / values.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(values.reduce((a, b) => a + b * b, 0) / values.length).toBeCloseTo(1, 1);
    expect(normalise(Float32Array.of(80), fitted)[0] - normalise(Float32Array.of(40), fitted)[0]).toBeGreaterThan(1.4);
  });

  test('never turns the order of intensities around, and is constant beyond its ends', () => {
    const values = normalise(ramp(-3000, 3000, 601), fitted);
    for (let at = 1; at < values.length; at++) expect(values[at]).toBeGreaterThanOrEqual(values[at - 1]);
    expect(values[0]).toBeCloseTo(emptiness(fitted), 6);
  });
});

test('a sample holds as many voxels of a small structure as of a large one', () => {
  const label = Uint8Array.from({ length: 100_000 }, (_, v) => (v < 3000 ? 1 : 2));
  const sample = foregroundSample(Float32Array.from(label), label);
  const ones = sample.filter((value) => value === 1).length;
  expect(ones / (sample.length - ones)).toBeGreaterThan(0.7);
});

test('units without a meaning across scanners are centred and scaled case by case', () => {
  const fitted = fitNormalisation('MR', 'a.u.', [ramp(0, 1, 10)]);
  expect([...normalise(Float32Array.of(40, 60, 1000), resolve(fitted, statistics))]).toEqual([0, 1, 2.5]);
});

test('many equal intensities make one knot', () => {
  const { knots } = fitNormalisation('CT', 'HU', [Float32Array.from({ length: 100 }, (_, at) => (at < 90 ? 5 : at))]);
  expect(knots).toEqual([...new Set(knots)]);
});

import { describe, expect, test } from 'vitest';
import { random, randomFrom } from '../../src/shared/random';

const draw = (n: number, next: () => number) => Array.from({ length: n }, next);
const meanOf = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;

describe('a seeded stream', () => {
  test('gives the same numbers again, and others for another seed', () => {
    expect(draw(5, random(7).next)).toEqual(draw(5, random(7).next));
    expect(draw(5, random(7).next)).not.toEqual(draw(5, random(8).next));
  });

  test('goes on from a saved state as if it had never stopped', () => {
    const stream = random(3);
    draw(11, stream.normal);
    const copy = randomFrom(JSON.parse(JSON.stringify(stream.state())));
    expect(draw(20, copy.normal)).toEqual(draw(20, stream.normal));
  });

  test('forks depend on the name, not on how much the parent was used', () => {
    const stream = random(3);
    const early = draw(4, stream.fork('cut').next);
    draw(100, stream.next);
    expect(draw(4, stream.fork('cut').next)).toEqual(early);
    expect(draw(4, stream.fork('noise').next)).not.toEqual(early);
  });

  test.each([0.3, 4, 29, 80])('has Poisson counts with mean and variance %d', (mean) => {
    const stream = random(11);
    const counts = draw(20_000, () => stream.poisson(mean));
    const average = meanOf(counts);
    expect(Math.abs(average - mean)).toBeLessThan(5 * Math.sqrt(mean / counts.length));
    expect(meanOf(counts.map((c) => (c - average) ** 2)) / mean).toBeCloseTo(1, 1);
  });

  test('has normal numbers with mean 0 and variance 1, and integers without bias', () => {
    const stream = random(5);
    const normals = draw(40_000, stream.normal);
    expect(meanOf(normals)).toBeCloseTo(0, 1);
    expect(meanOf(normals.map((x) => x * x))).toBeCloseTo(1, 1);
    const counts = [0, 0, 0];
    for (const at of draw(30_000, () => stream.integer(3))) counts[at]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(450);
  });
});

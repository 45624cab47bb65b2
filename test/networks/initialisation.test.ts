/** Fresh parameters have the moments and bounds that their papers ask for. */
import { expect, test } from 'vitest';
import { sizeOf } from '../../src/main/engine/tensor';
import * as start from '../../src/main/networks/initialisation';
import { random } from '../../src/shared/random';

const dims = [32, 16, 5, 5];
const fans = { in: 16 * 25, out: 32 * 25 };
const draw = (how: start.Start) => start.drawn(how, dims, fans.in, random(7));
function moments(values: ArrayLike<number>) {
  const list = Array.from(values);
  const mean = list.reduce((sum, x) => sum + x, 0) / list.length;
  const variance = list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / list.length;
  return { mean, deviation: Math.sqrt(variance), furthest: list.reduce((most, x) => Math.max(most, Math.abs(x)), 0) };
}
const [fanIn, fanOut, both] = [fans.in, fans.out, fans.in + fans.out];
/** A normal distribution cut at two deviations keeps 1 − 2·2·φ(2)/(Φ(2) − Φ(−2)) of its variance. */
const cutAtTwo = Math.sqrt(0.7737413);

test.each<[string, start.Start, { deviation: number; within?: number }]>([
  ['Kaiming normal by fan-in', start.kaimingNormal(), { deviation: Math.sqrt(2 / fanIn) }],
  ['Kaiming normal by name', 'kaiming', { deviation: Math.sqrt(2 / fanIn) }],
  ['Kaiming normal by fan-out', start.kaimingNormal(start.rectifierGain(), 'out'), { deviation: Math.sqrt(2 / fanOut) }],
  ['Kaiming normal for a leaky rectifier', start.kaimingNormal(start.rectifierGain(0.2)), { deviation: Math.sqrt(2 / 1.04 / fanIn) }],
  ['Kaiming uniform', start.kaimingUniform(), { deviation: Math.sqrt(2 / fanIn), within: Math.sqrt(6 / fanIn) }],
  ["PyTorch's default", 'bias', { deviation: 1 / Math.sqrt(3 * fanIn), within: 1 / Math.sqrt(fanIn) }],
  ['Xavier normal', start.xavierNormal(), { deviation: Math.sqrt(2 / both) }],
  ['Xavier uniform', start.xavierUniform(), { deviation: Math.sqrt(2 / both), within: Math.sqrt(6 / both) }],
  ['truncated normal', start.truncatedNormal(0.02), { deviation: 0.02 * cutAtTwo, within: 0.04 }],
])('%s has the moments and bounds of its definition', (_name, how, { deviation, within }) => {
  const found = moments(draw(how));
  expect(Math.abs(found.mean)).toBeLessThan((4 * deviation) / Math.sqrt(sizeOf(dims)));
  expect(found.deviation / deviation).toBeCloseTo(1, 1.5);
  if (within === undefined) return;
  expect(found.furthest).toBeLessThanOrEqual(within * (1 + 1e-6));
  expect(found.furthest).toBeGreaterThan(within * 0.98);
});

test('a cut of its own widens a truncated normal', () => {
  const { deviation, furthest } = moments(draw(start.truncatedNormal(0.5, 2)));
  expect(deviation).toBeCloseTo(0.5, 2);
  expect(furthest).toBeGreaterThan(1);
});

test('zeros, ones and constants are what they say', () => {
  expect([...start.drawn('zeros', [2], 1, random(1)), ...start.drawn('ones', [2], 1, random(1))]).toEqual([0, 0, 1, 1]);
  expect([...start.drawn(start.constantly(0.5), [2], 1, random(1))]).toEqual([0.5, 0.5]);
});

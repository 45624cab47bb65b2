/** Schedules at their ends and in between, and against those of the methods' own code. */
import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/main/engine/tensor';
import { averageKeep, cosine, linearRamp, polynomial, sigmoidRamp, stepDecay, warmUp } from '../../src/main/methods/schedules';
import { golden, part, relativeDifference } from '../golden';

/** Values at the start, after a quarter, half-way, at the end, and long after. */
const course = (schedule: (t: number) => number) => [0, 25, 50, 100, 1000].map((t) => Number(schedule(t).toFixed(6)));

test.each<[string, (t: number) => number, number[]]>([
  ['polynomial', (t) => polynomial(t, 100), [1, 0.77189, 0.535887, 0, 0]],
  ['polynomial of power 1', (t) => polynomial(t, 100, 1), [1, 0.75, 0.5, 0, 0]],
  ['cosine', (t) => cosine(t, 100), [1, 0.853553, 0.5, 0, 0]],
  ['step decay', (t) => stepDecay(t, 50), [1, 1, 0.1, 0.01, 0]],
  ['warm-up', (t) => warmUp(t, 100), [0.01, 0.26, 0.51, 1, 1]],
  ['linear ramp', (t) => linearRamp(t, 100), [0, 0.25, 0.5, 1, 1]],
  ['sigmoid ramp', (t) => sigmoidRamp(t, 100), [0.006738, 0.060055, 0.286505, 1, 1]],
  ['share of a running average to keep', (t) => averageKeep(t, 0.99), [0, 0.961538, 0.980392, 0.99, 0.99]],
])('%s', (_, schedule, expected) => expect(course(schedule)).toEqual(expected));

test('a warm-up is whole at its last step, and ramps of no length are over at once', () => {
  expect([warmUp(98, 100), warmUp(99, 100)]).toEqual([0.99, 1]);
  for (const ramp of [warmUp, linearRamp, sigmoidRamp]) expect(ramp(0, 0)).toBe(1);
});

const values = (all: ReturnType<typeof golden>, name: string) => Array.from((all.tensors.get(name) as Tensor).data, Number);

describe("MuDuo's own", () => {
  const all = golden('muduo/losses');
  const at = values(all, 'in.ramps.current');
  const schedules: Record<string, (t: number, steps: number) => number> = {
    sigmoid_rampup: sigmoidRamp,
    linear_rampup: linearRamp,
    cosine_rampdown: cosine,
  };
  // Names end in the length of the ramp: sigmoid_rampup_200.
  test.each([...part(all, 'out.ramps.').keys()])('%s', (name) => {
    const [, kind, steps] = /^(.*)_(\d+)$/.exec(name) as unknown as [string, string, string];
    expect(Object.keys(schedules)).toContain(kind);
    const came = at.map((t) => schedules[kind](t, Number(steps)));
    expect(relativeDifference(came, values(all, `out.ramps.${name}`))).toBeLessThan(1e-6);
  });
  test('weight of consistency and learning rate', () => {
    const { consistency, lr } = (all.metadata.variants as Record<string, Record<string, string>>).schedule;
    const iterations = values(all, 'in.schedule.iter');
    const [most, every, ramp] = numbersIn(consistency);
    const weight = iterations.map((t) => most * sigmoidRamp(Math.floor(t / every), ramp));
    expect(relativeDifference(weight, values(all, 'out.schedule.consistency_weight'))).toBeLessThan(1e-6);
    const [rate, , steps, power] = numbersIn(lr);
    expect(
      relativeDifference(
        iterations.map((t) => rate * polynomial(t, steps, power)),
        values(all, 'out.schedule.lr'),
      ),
    ).toBeLessThan(1e-6);
  });
});

test("KnowSAM's weight of consistency", () => {
  const all = golden('knowsam/losses');
  const { formula, max_iterations: steps } = (all.metadata.variants as Record<string, { formula: string; max_iterations: number }>)
    .consistency;
  const [most, parts, ramp, times] = numbersIn(formula);
  const came = values(all, 'in.consistency.iter').map((t) => most * times * sigmoidRamp(Math.floor(t / Math.floor(steps / parts)), ramp));
  expect(relativeDifference(came, values(all, 'out.consistency.weight_x10'))).toBeLessThan(1e-6);
});

/** The numbers of a formula written in words, from left to right. */
function numbersIn(formula: string): number[] {
  return [...formula.matchAll(/\d+(\.\d+)?/g)].map(([number]) => Number(number));
}

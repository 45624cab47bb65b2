/** Bodies of no anatomy or an invented one, on which the demo's teachers are trained. */
import { expect, test } from 'vitest';
import { assortedBody, assortedSide } from '../../src/main/imaging/phantom/assorted';

test('the same body comes out alike, another one differs', () => {
  const body = assortedBody(1, 0);
  expect(assortedBody(1, 0)).toEqual(body);
  expect(assortedBody(1, 1).ct).not.toEqual(body.ct);
});

/** Objects of a body that show with at least 200 voxels, and what both scanners see of them. */
function largeObjects(number: number): { hu: number; suv: number }[] {
  const { ct, pet, objects } = assortedBody(2, number);
  expect(objects).toHaveLength(assortedSide ** 3);
  const sums = new Map<number, { count: number; hu: number; suv: number }>();
  for (let n = 0; n < objects.length; n++) {
    const sum = sums.get(objects[n]) ?? { count: 0, hu: 0, suv: 0 };
    sums.set(objects[n], { count: sum.count + 1, hu: sum.hu + ct[n], suv: sum.suv + pet[n] });
  }
  const large = [...sums].filter(([object, { count }]) => object > 0 && count >= 200).map(([, sum]) => sum);
  return large.map(({ count, hu, suv }) => ({ hu: hu / count, suv: suv / count }));
}

test('bodies hold several objects that both scanners see, of tissues far apart', () => {
  const contrasts: number[] = [];
  for (let number = 0; number < 6; number++) {
    const large = largeObjects(number);
    expect(large.length).toBeGreaterThan(1);
    const means = large.map(({ hu }) => hu);
    contrasts.push(Math.max(...means) - Math.min(...means));
    expect(large.every(({ suv }) => suv > 0)).toBe(true);
  }
  expect(Math.max(...contrasts)).toBeGreaterThan(100);
});

test('in most bodies several objects look alike, so that density alone does not say which one is meant', () => {
  const bodies = Array.from({ length: 8 }, (_, number) => largeObjects(number));
  const alike = bodies.filter((large) => large.some((a, n) => large.slice(n + 1).some((b) => Math.abs(a.hu - b.hu) < 15)));
  expect(alike.length).toBeGreaterThan(4);
});

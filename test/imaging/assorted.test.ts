/** Bodies without anatomy, on which the demo's teachers are trained. */
import { expect, test } from 'vitest';
import { assortedBody, assortedSide } from '../../src/main/imaging/phantom/assorted';

test('the same body comes out alike, another one differs', () => {
  const body = assortedBody(1, 0);
  expect(assortedBody(1, 0)).toEqual(body);
  expect(assortedBody(1, 1).ct).not.toEqual(body.ct);
});

test('bodies hold several objects of tissues that both scanners tell apart from what is around', () => {
  const contrasts: number[] = [];
  for (let number = 0; number < 6; number++) {
    const { ct, pet, objects } = assortedBody(2, number);
    expect(objects).toHaveLength(assortedSide ** 3);
    const sums = new Map<number, { count: number; hu: number; suv: number }>();
    for (let n = 0; n < objects.length; n++) {
      const sum = sums.get(objects[n]) ?? { count: 0, hu: 0, suv: 0 };
      sums.set(objects[n], { count: sum.count + 1, hu: sum.hu + ct[n], suv: sum.suv + pet[n] });
    }
    const large = [...sums].filter(([object, { count }]) => object > 0 && count >= 200).map(([, sum]) => sum);
    expect(large.length).toBeGreaterThan(1);
    const means = large.map(({ count, hu }) => hu / count);
    contrasts.push(Math.max(...means) - Math.min(...means));
    expect(large.every(({ suv, count }) => suv / count > 0)).toBe(true);
  }
  expect(Math.max(...contrasts)).toBeGreaterThan(100);
});

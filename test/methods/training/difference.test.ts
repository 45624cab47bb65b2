/** What two teachers agree on and see differently in a crop, with numbers small enough to count. */
import { expect, test } from 'vitest';
import { agreedOn, differenceOf } from '../../../src/main/methods/training/difference';
import type { Grid } from '../../../src/shared/geometry';
import { confidenceOf } from '../../../src/shared/ledger';

/** Four voxels in a row, each of 2 × 5 × 10 mm. */
const row: Grid = { size: [4, 1, 1], affine: [2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1] };
const opinions = (ct: number[], pet: number[]) => ({ ct: Float32Array.from(ct), pet: Float32Array.from(pet) });

test('a difference is what one of them takes for the structure, and each is as sure as it is far from ½ there', () => {
  const { volumeMl, sureness } = differenceOf(opinions([1, 0.75, 0, 0.5], [1, 0.25, 1, 0.125]), row, [0, 0, 0], [4, 1, 1]);
  expect(volumeMl).toBeCloseTo(0.2, 10); // the second and the third voxel; the CT teacher’s ½ of the last one is no yes
  expect(sureness).toEqual({ ct: 0.75, pet: 0.75 });
});

test('teachers that differ nowhere are sure of nothing there', () => {
  const { volumeMl, sureness } = differenceOf(opinions([1, 0.5, 0, 0.25], [0.75, 0.5, 0, 0]), row, [0, 0, 0], [4, 1, 1]);
  expect([volumeMl, sureness]).toEqual([0, null]);
});

test('what of a crop lies beside the case does not count', () => {
  expect(differenceOf(opinions([1, 1, 1, 1], [0, 0, 0, 0]), row, [-3, 0, 0], [4, 1, 1]).volumeMl).toBeCloseTo(0.1, 10);
});

test('a contradiction is as sure as the less sure of the two', () => {
  expect(confidenceOf({ volumeMl: 1, sureness: { ct: 0.875, pet: 0.25 } })).toBe(0.25);
  expect(confidenceOf({ volumeMl: 0, sureness: null })).toBe(null);
});

test('what they agree on is the mean of both', () => {
  expect([...agreedOn(opinions([1, 0.5, 0.25], [0.5, 0.5, 1]))]).toEqual([0.75, 0.5, 0.625]);
});

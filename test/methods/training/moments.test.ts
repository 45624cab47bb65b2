/** When and where a run looks at cases, and how opinions about crops become one mask. */
import { expect, test } from 'vitest';
import { looksAt, maskFromCrops, momentSteps } from '../../../src/main/methods/training/moments';
import type { Grid, Index3 } from '../../../src/shared/geometry';

const gridOf = (size: Index3): Grid => ({ size, affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] });
/** A label map with boxes of structures in it. */
function mapWith(size: Index3, boxes: { structure: number; from: Index3; to: Index3 }[]) {
  const voxels = new Uint8Array(size[0] * size[1] * size[2]);
  for (const { structure, from, to } of boxes) {
    for (let k = from[2]; k < to[2]; k++)
      for (let j = from[1]; j < to[1]; j++) for (let i = from[0]; i < to[0]; i++) voxels[i + size[0] * (j + size[1] * k)] = structure;
  }
  return { grid: gridOf(size), voxels };
}

test('moments are evenly spread and the last one is the end', () => {
  expect(momentSteps(1400, 5)).toEqual([280, 560, 840, 1120, 1400]);
  expect(momentSteps(3, 5)).toEqual([1, 2, 3]);
  expect(momentSteps(7, 2)).toEqual([4, 7]);
  expect(momentSteps(10, 0)).toEqual([]);
});

test('structures that lie in one crop share it, one farther off gets its own, and one that is not there none', () => {
  const map = mapWith([40, 16, 16], [
    { structure: 2, from: [2, 4, 4], to: [6, 8, 8] },
    { structure: 5, from: [8, 4, 4], to: [10, 8, 8] },
    { structure: 7, from: [30, 4, 4], to: [36, 8, 8] },
  ]); // biome-ignore format: a list of boxes
  expect(looksAt(map, [2, 5, 6, 7], [16, 16, 16])).toEqual([
    { origin: [0, 0, 0], structures: [2, 5] },
    { origin: [24, 0, 0], structures: [7] }, // its middle at 33 would lie at 25, but the case ends at 40
  ]);
});

test('a structure larger than a crop is looked at in its middle, and a case smaller than a crop is all in it', () => {
  const large = mapWith([40, 8, 8], [{ structure: 1, from: [4, 0, 0], to: [36, 8, 8] }]);
  expect(looksAt(large, [1], [16, 8, 8])).toEqual([{ origin: [12, 0, 0], structures: [1] }]);
  const small = mapWith([6, 8, 8], [{ structure: 1, from: [0, 0, 0], to: [2, 2, 2] }]);
  expect(looksAt(small, [1], [16, 8, 8])).toEqual([{ origin: [-5, 0, 0], structures: [1] }]);
});

test('where two structures are probable the more probable one is there, and what reaches over the border is left out', () => {
  const mask = maskFromCrops({ size: [3, 1, 1] });
  mask.add(1, Float32Array.of(0.9, 0.6, 0.9, 0.5), [-1, 0, 0], [4, 1, 1]);
  mask.add(2, Float32Array.of(0.7, 0.8, 0.6), [0, 0, 0], [3, 1, 1]);
  expect([...mask.voxels]).toEqual([2, 1, 2]);
  mask.add(3, Float32Array.of(0.5), [1, 0, 0], [1, 1, 1]);
  expect([...mask.voxels]).toEqual([2, 1, 2]);
});

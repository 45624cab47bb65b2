/** Cutting planes and making them finer. */
import { describe, expect, test } from 'vitest';
import { extractImage, extractLabels, finenessFor, finer } from '../../../src/renderer/viewer/extract';
import { planeAxes } from '../../../src/renderer/viewer/planes';
import type { Index3 } from '../../../src/shared/geometry';

const size: Index3 = [4, 3, 2];
/** Every voxel says where it is: k j i. */
const voxels = Int16Array.from({ length: 24 }, (_, at) => 100 * Math.floor(at / 12) + 10 * (Math.floor(at / 4) % 3) + (at % 4));

describe('a plane', () => {
  test.each([
    ['axial', 1, 4, 3, [100, 101, 102, 103, 110, 111, 112, 113, 120, 121, 122, 123]],
    ['coronal', 2, 4, 2, [20, 21, 22, 23, 120, 121, 122, 123]],
    ['sagittal', 3, 3, 2, [3, 13, 23, 103, 113, 123]],
  ] as const)('%s holds the voxels of its slice', (plane, slice, width, height, values) => {
    const cut = extractImage(voxels, size, planeAxes(plane, 'radiological'), slice);
    expect([cut.width, cut.height, [...cut.values]]).toEqual([width, height, values]);
  });
  test('labels come as they are', () => {
    const labels = Uint8Array.from(voxels, (value) => value % 7);
    const cut = extractLabels(labels, size, planeAxes('axial', 'radiological'), 0);
    expect([...cut.values]).toEqual([...labels.subarray(0, 12)]);
  });
});

describe('a finer plane', () => {
  const ramp = { width: 8, height: 6, values: Float32Array.from({ length: 48 }, (_, at) => 3 * (at % 8) - 2 * Math.floor(at / 8)) };

  test('of factor one is the plane itself', () => {
    expect(finer(ramp, 1, 1)).toBe(ramp);
  });
  test('reproduces a linear ramp away from the border', () => {
    const fine = finer(ramp, 3, 2);
    const [x, y] = [3 * 3 + 2, 2 * 2 + 1];
    expect(fine.values[y * fine.width + x]).toBeCloseTo(3 * ((x + 0.5) / 3 - 0.5) - 2 * ((y + 0.5) / 2 - 0.5), 4);
  });
  test('keeps the value of voxels it samples exactly', () => {
    const noisy = { width: 5, height: 5, values: Float32Array.from({ length: 25 }, (_, at) => (at * 37) % 11) };
    const fine = finer(noisy, 3, 3);
    // With an odd factor the middle fine sample of a voxel lies on the voxel's centre.
    for (let v = 0; v < 5; v++) {
      for (let u = 0; u < 5; u++) expect(fine.values[(3 * v + 1) * 15 + 3 * u + 1]).toBeCloseTo(noisy.values[5 * v + u], 5);
    }
  });
  test('never goes beyond the values it has: no bright rim beside air', () => {
    const step = { width: 8, height: 8, values: Float32Array.from({ length: 64 }, (_, at) => (at % 8 < 4 ? -1000 : 50)) };
    const { values } = finer(step, 4, 4);
    expect([Math.min(...values), Math.max(...values)]).toEqual([-1000, 50]);
  });
  test('never has more samples than it may', () => {
    const [u, v] = finenessFor([9, 9], [400, 300], 600_000);
    expect(u * 400 * v * 300).toBeLessThanOrEqual(600_000);
    expect(finenessFor([0.5, 0.5], [512, 512])).toEqual([1, 1]);
  });
});

/** Canonical axes against nibabel, and the way back. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalGrid, fromCanonical, orientationOf, toCanonical } from '../../src/main/imaging/canonical';
import { readNifti } from '../../src/main/imaging/niftiRead';
import { writeNifti } from '../../src/main/imaging/niftiWrite';
import { type Grid, toMm } from '../../src/shared/geometry';
import { temporaryFolder } from '../folders';
import { difference, golden, gridOf, voxelsOf } from './golden';

const { tensors } = golden('resample/orientations.safetensors');
const names = [...tensors.keys()].filter((key) => key.startsWith('in.') && key.endsWith('.data')).map((key) => key.slice(3, -5));

test('all 48 axis orders and 12 random rotations become what nibabel makes of them, and come back exactly', () => {
  expect(names).toHaveLength(60);
  for (const name of names) {
    const [data, affine] = [tensors.get(`in.${name}.data`)!, tensors.get(`in.${name}.affine`)!];
    const stored = { grid: gridOf(data, affine), voxels: voxelsOf(data) };
    const canonical = toCanonical(stored);
    expect(canonical.voxels, name).toEqual(voxelsOf(tensors.get(`out.${name}.canonical_data`)!));
    expect(difference(canonical.grid.affine, tensors.get(`out.${name}.canonical_affine`)!.data), name).toBeLessThan(1e-4);
    expect(fromCanonical(canonical, stored.grid), name).toEqual(stored);
    if (/^[RLAPSI]{3}$/.test(name)) expect(orientationOf(stored.grid.affine)).toBe(name);
  }
});

test('every voxel keeps its place in the body', () => {
  const grid: Grid = { size: [2, 3, 4], affine: [0.1, -0.2, -4, 7, 2, 0.3, 0.1, -8, 0.2, 3, 0.4, 9, 0, 0, 0, 1] };
  const voxels = Float32Array.from({ length: 24 }, (_, n) => n);
  const canonical = toCanonical({ grid, voxels });
  const places = (volume: { grid: Grid; voxels: Float32Array }) => {
    const [ni, nj] = volume.grid.size;
    return [...volume.voxels]
      .map((value, n) => [value, ...toMm(volume.grid, [n % ni, Math.floor(n / ni) % nj, Math.floor(n / ni / nj)]).map((x) => x.toFixed(6))])
      .sort((a, b) => Number(a[0]) - Number(b[0]));
  };
  expect(places(canonical)).toEqual(places({ grid, voxels }));
  expect(orientationOf(canonical.grid.affine)).toBe('RAS');
});

describe('one head in seven axis orders', () => {
  test('as synthetic twins becomes one array', async () => {
    const folder = temporaryFolder();
    const [ni, nj, nk] = [7, 6, 5];
    const head = Int16Array.from({ length: ni * nj * nk }, (_, n) => (n * 7919) % 4001);
    const grid: Grid = { size: [ni, nj, nk], affine: [1.5, 0, 0, -4, 0, 2, 0, 5, 0, 0, 2.5, 6, 0, 0, 0, 1] };
    for (const order of ['RAS', 'LPS', 'LAS', 'PIR', 'AIL', 'SPL', 'RSA']) {
      const path = join(folder, `${order}.nii.gz`);
      await writeNifti(path, fromCanonical({ grid, voxels: head }, gridIn(grid, order)));
      const { frames, grid: stored } = await readNifti(path, 'image');
      expect(orientationOf(stored.affine)).toBe(order);
      expect(toCanonical({ grid: stored, voxels: frames[0].voxels })).toEqual({ grid, voxels: head });
    }
  });

  const folder = join(process.env.UNDERSTUDY_DATA ?? join(import.meta.dirname, '../../../shared/data'), 'orientations');
  const isThere = existsSync(folder);
  test.skipIf(!isThere)(
    isThere ? 'as real files becomes one array' : `as real files: skipped, ${folder} is not here (set UNDERSTUDY_DATA)`,
    async () => {
      const heads = await Promise.all(
        readdirSync(folder)
          .filter((name) => name.endsWith('.nii.gz'))
          .map(async (name) => {
            const { frames, grid } = await readNifti(join(folder, name), 'image');
            expect(`${orientationOf(grid.affine)}.nii.gz`).toBe(name);
            return toCanonical({ grid, voxels: frames[0].voxels });
          }),
      );
      expect(heads).toHaveLength(7);
      for (const head of heads) {
        expect(head.grid.size).toEqual(heads[0].grid.size);
        expect(difference(head.grid.affine, heads[0].grid.affine)).toBeLessThan(1e-3);
        expect(difference(head.voxels, heads[0].voxels)).toBe(0);
      }
    },
  );
});

/** A grid with axes in another order that covers the same voxels. */
function gridIn(canonical: Grid, order: string): Grid {
  const axes = [...order].map((letter) => ({ axis: Math.floor('RLAPSI'.indexOf(letter) / 2), isFlipped: 'LPI'.includes(letter) }));
  const affine = [...canonical.affine];
  for (let row = 0; row < 3; row++) {
    axes.forEach(({ axis, isFlipped }, column) => {
      const step = canonical.affine[row * 4 + axis];
      affine[row * 4 + column] = isFlipped ? -step : step;
      if (isFlipped) affine[row * 4 + 3] += step * (canonical.size[axis] - 1);
    });
  }
  const grid = { size: axes.map(({ axis }) => canonical.size[axis]) as unknown as Grid['size'], affine };
  expect(difference(canonicalGrid(grid).affine, canonical.affine)).toBe(0);
  return grid;
}

/** Resampling against scipy and PyTorch, and the laws it keeps. */
import { describe, expect, test } from 'vitest';
import { resample, spacedGrid } from '../../src/main/imaging/resample';
import type { Grid } from '../../src/shared/geometry';
import { difference, golden, gridOf, voxelsOf } from './golden';

const { tensors } = golden('resample/spacing.safetensors');
const get = (name: string) => tensors.get(name)!;

describe.each(['v0', 'v1', 'v2'])('volume %s to 1.5 mm', (v) => {
  const source = { grid: gridOf(get(`in.${v}.data`), get(`in.${v}.affine`)), voxels: voxelsOf(get(`in.${v}.data`)) };
  const label = { grid: source.grid, voxels: Uint8Array.from(voxelsOf(get(`in.${v}.label`))) };
  describe.each(['extent', 'origin'] as const)('%s-aligned', (align) => {
    const expected = (name: string) => get(`out.${v}.${align}_aligned.${name}`);
    const grid = spacedGrid(source.grid, [1.5, 1.5, 1.5], align);

    test('has the reference grid', () => {
      expect(grid.size).toEqual(expected('data').shape);
      expect(difference(grid.affine, expected('affine').data)).toBeLessThan(1e-5);
    });
    test('interpolates as the reference does', () => {
      expect(difference(resample(source, grid, 'linear').voxels, voxelsOf(expected('data')))).toBeLessThan(1e-5);
    });
    test('picks the labels the reference picks', () => {
      expect(difference(resample(label, grid, 'nearest').voxels, voxelsOf(expected('label_nearest')))).toBe(0);
    });
  });

  test('on an oblique grid interpolates what the aligned path interpolates', () => {
    // The same lattice reached through a general matrix: turn both grids, and shear the target by too little to matter but enough to leave the fast path.
    const grid = spacedGrid(source.grid, [1.5, 1.5, 1.5]);
    const sheared: Grid = { size: grid.size, affine: grid.affine.map((x, n) => x + (n === 1 ? 2e-6 : 0)) };
    expect(difference(resample(source, sheared, 'linear').voxels, resample(source, grid, 'linear').voxels)).toBeLessThan(1e-3);
  });
});

test('a volume on its own grid comes back unchanged', () => {
  const source = { grid: gridOf(get('in.v1.data'), get('in.v1.affine')), voxels: voxelsOf(get('in.v1.data')) };
  expect(difference(resample(source, source.grid, 'linear').voxels, source.voxels)).toBe(0);
});

test('beyond its edge a volume goes on with the value there', () => {
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const source = { grid: { size: [2, 1, 1], affine } as Grid, voxels: Int16Array.of(10, 20) };
  const wider: Grid = { size: [5, 1, 1], affine: affine.map((x, n) => (n === 3 ? -1.5 : x)) };
  expect([...resample(source, wider, 'linear').voxels]).toEqual([10, 10, 15, 20, 20]);
});

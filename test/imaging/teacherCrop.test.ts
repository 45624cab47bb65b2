/** Crops for volume teachers: laws that hold for any case, place and spacing. */
import { describe, expect, test } from 'vitest';
import {
  boxAround,
  centreOf,
  crop,
  overlap,
  paste,
  pasteAnswer,
  standardise,
  teacherGrid,
  teacherImage,
  type VolumeTeacher,
} from '../../src/main/imaging/teacherCrop';
import { type Grid, type Index3, type PointMm, spacingMm, toIndex, toMm, voxelCount } from '../../src/shared/geometry';
import { type Random, random } from '../../src/shared/random';
import { huWindows } from '../../src/shared/teachers';
import type { LabelMap } from '../../src/shared/volume';

/** As SAM-Med3D sees CT, and SegAnyPET sees PET, in smaller cubes. */
const teacher: VolumeTeacher = { spacingMm: 1.5, side: 16, huWindow: huWindows.samMed3d };
const pet: VolumeTeacher = { ...teacher, huWindow: null };
const seeds = Array.from({ length: 25 }, (_, seed) => seed);

/** A canonical grid of any spacing, somewhere, turned a little as oblique scans are. */
function anyGrid(stream: Random): Grid {
  const size: Index3 = [8 + stream.integer(20), 8 + stream.integer(20), 4 + stream.integer(16)];
  const spacing = [stream.uniform(0.6, 2.5), stream.uniform(0.6, 2.5), stream.uniform(0.8, 5)];
  const [a, b] = [stream.uniform(-0.3, 0.3), stream.uniform(-0.3, 0.3)];
  const axes = [
    [Math.cos(a), -Math.sin(a) * Math.cos(b), Math.sin(a) * Math.sin(b)],
    [Math.sin(a), Math.cos(a) * Math.cos(b), -Math.cos(a) * Math.sin(b)],
    [0, Math.sin(b), Math.cos(b)],
  ];
  const rows = axes.flatMap((row) => [...row.map((x, axis) => x * spacing[axis]), stream.uniform(-300, 300)]);
  return { size, affine: [...rows, 0, 0, 0, 1] };
}

const anyPlace = (grid: Grid, stream: Random): PointMm =>
  toMm(grid, grid.size.map((n) => stream.uniform(-0.2 * n, 1.2 * n)) as unknown as Index3);

/** An ellipsoid somewhere in a case. */
function anyMask(grid: Grid, stream: Random): LabelMap {
  const middle = grid.size.map((n) => stream.uniform(0.3 * n, 0.7 * n));
  const radii = grid.size.map((n) => stream.uniform(0.15 * n, 0.4 * n));
  const voxels = new Uint8Array(voxelCount(grid));
  eachVoxel(grid.size, ([i, j, k], n) => {
    voxels[n] = [i, j, k].reduce((sum, at, axis) => sum + ((at - middle[axis]) / radii[axis]) ** 2, 0) <= 1 ? 1 : 0;
  });
  return { grid, voxels };
}

function eachVoxel([ni, nj, nk]: Index3, visit: (at: Index3, n: number) => void): void {
  for (let k = 0, n = 0; k < nk; k++) for (let j = 0; j < nj; j++) for (let i = 0; i < ni; i++, n++) visit([i, j, k], n);
}

const isWithin = (at: readonly number[], size: readonly number[], border = 0) =>
  at.every((x, axis) => x >= border - 0.5 - 1e-4 && x <= size[axis] - border - 0.5 + 1e-4);

/** [i, j, k] with k fastest, as teachers answer. */
function inTensorOrder(voxels: ArrayLike<number>, [ni, nj, nk]: Index3): Float32Array {
  const out = new Float32Array(voxels.length);
  eachVoxel([ni, nj, nk], ([i, j, k], n) => {
    out[k + nk * (j + nj * i)] = voxels[n];
  });
  return out;
}

describe.each(seeds)('case %i', (seed) => {
  const stream = random(seed);
  const grid = anyGrid(stream);
  const mask = anyMask(grid, stream);
  const place = seed % 2 === 0 ? anyPlace(grid, stream) : centreOf(grid, boxAround(mask, 1)!);
  const cropped = teacherGrid(grid, place, teacher);

  test('a crop has the teacher’s spacing and side, the case’s axes, and its place in the middle', () => {
    expect(cropped.size).toEqual([16, 16, 16]);
    for (const step of spacingMm(cropped)) expect(step).toBeCloseTo(1.5, 10);
    for (const at of toIndex(cropped, place)) expect(Math.abs(at - 7.5)).toBeLessThanOrEqual(0.5 + 1e-9);
    expect(() => overlap(cropped, grid)).not.toThrow();
  });

  test('a point in millimetres is the same point in the crop and in the case', () => {
    const point = anyPlace(grid, stream);
    const back = toMm(cropped, toIndex(cropped, point));
    for (const [axis, x] of back.entries()) expect(x).toBeCloseTo(point[axis], 8);
    // By steps along the axes, without any matrix inverse: where a crop's voxel lies, the case has the index of its millimetres.
    const [ours, theirs] = [toIndex(grid, toMm(cropped, [3, 5, 7])), toIndex(grid, toMm(cropped, [0, 0, 0]))];
    for (const [axis, n] of [3, 5, 7].entries()) expect(ours[axis] - theirs[axis]).toBeCloseTo((n * 1.5) / spacingMm(grid)[axis], 8);
  });

  test('a mask of the case survives to and fro within a voxel', () => {
    const inCrop = crop(mask, cropped, 'nearest');
    const logits = Float32Array.from(inCrop, (value) => (value === 1 ? 6 : -6));
    const back = { grid, voxels: new Float32Array(voxelCount(grid)).fill(-6) };
    pasteAnswer(inTensorOrder(logits, cropped.size), cropped, back);
    const reach = spacingMm(grid).map((step) => Math.ceil(Math.max(1, 1.5 / step)));
    let [compared, kept] = [0, 0];
    eachVoxel(grid.size, ([i, j, k], n) => {
      if (!isWithin(toIndex(cropped, toMm(grid, [i, j, k])), cropped.size)) return;
      compared++;
      const around = neighbourhood(mask, [i, j, k], reach);
      if (around.size === 1 && around.has(back.voxels[n] > 0 ? 1 : 0)) kept++;
      else if (around.size === 2) kept++;
    });
    expect(kept).toBe(compared);
  });

  test('a slope through the body is the same slope after going to and fro', () => {
    const slope = (at: PointMm) => 0.3 * at[0] - 0.2 * at[1] + 0.5 * at[2];
    const volume = { grid, voxels: new Float32Array(voxelCount(grid)) };
    eachVoxel(grid.size, (at, n) => {
      volume.voxels[n] = slope(toMm(grid, at));
    });
    const back = { grid, voxels: new Float32Array(voxelCount(grid)) };
    pasteAnswer(inTensorOrder(crop(volume, cropped, 'linear'), cropped.size), cropped, back);
    const strays: Index3[] = [];
    eachVoxel(grid.size, (at, n) => {
      // At the case's border and the crop's, slopes go flat.
      const isInner = at.every((x, axis) => x * spacingMm(grid)[axis] >= 1.5 && (grid.size[axis] - 1 - x) * spacingMm(grid)[axis] >= 1.5);
      if (!isInner || !isWithin(toIndex(cropped, toMm(grid, at)), cropped.size, 0.5)) return;
      if (Math.abs(back.voxels[n] - volume.voxels[n]) > 1e-3) strays.push(at);
    });
    expect(strays).toEqual([]);
  });

  test('putting back writes what the crop covers, and nothing else', () => {
    const untouched = -123;
    const into = { grid, voxels: new Float32Array(voxelCount(grid)).fill(untouched) };
    pasteAnswer(new Float32Array(16 ** 3).fill(5), cropped, into);
    const wrong: Index3[] = [];
    eachVoxel(grid.size, (at, n) => {
      const inCrop = toIndex(cropped, toMm(grid, at));
      const isBorder = isWithin(inCrop, cropped.size, -1e-3) !== isWithin(inCrop, cropped.size, 1e-3);
      if (!isBorder && into.voxels[n] !== (isWithin(inCrop, cropped.size) ? 5 : untouched)) wrong.push(at);
    });
    expect(wrong).toEqual([]);
  });

  test('a crop is 0 wherever the case does not reach', () => {
    const volume = { grid, voxels: new Float32Array(voxelCount(grid)).fill(7) };
    const values = crop(volume, cropped, 'linear');
    const wrong: Index3[] = [];
    eachVoxel(cropped.size, (at, n) => {
      const inCase = toIndex(grid, toMm(cropped, at));
      const isBorder = isWithin(inCase, grid.size, -1e-3) !== isWithin(inCase, grid.size, 1e-3);
      if (!isBorder && values[n] !== (isWithin(inCase, grid.size) ? 7 : 0)) wrong.push(at);
    });
    expect(wrong).toEqual([]);
  });
});

/** Values within `reach` voxels. */
function neighbourhood({ grid: { size }, voxels }: LabelMap, [i, j, k]: Index3, [ri, rj, rk]: readonly number[]): Set<number> {
  const values = new Set<number>();
  for (let c = Math.max(0, k - rk); c <= Math.min(size[2] - 1, k + rk); c++)
    for (let b = Math.max(0, j - rj); b <= Math.min(size[1] - 1, j + rj); b++)
      for (let a = Math.max(0, i - ri); a <= Math.min(size[0] - 1, i + ri); a++) values.add(voxels[a + size[0] * (b + size[1] * c)]);
  return values;
}

const plain = (size: Index3, step: number): Grid => ({ size, affine: [step, 0, 0, -40, 0, step, 0, 25, 0, 0, step, 10, 0, 0, 0, 1] });

test('a case with the teacher’s spacing is cut, not interpolated, and comes back bit by bit', () => {
  const stream = random(1);
  const grid = plain([20, 18, 24], 1.5);
  const volume = { grid, voxels: Float32Array.from({ length: voxelCount(grid) }, () => stream.normal()) };
  const cropped = teacherGrid(grid, toMm(grid, [9.3, 8.6, 12.2]), teacher);
  const values = crop(volume, cropped, 'linear') as Float32Array;
  expect(toIndex(grid, toMm(cropped, [0, 0, 0])).map((x) => Math.round(x * 1e6) / 1e6)).toEqual([2, 1, 5]);
  expect(values[0]).toBe(volume.voxels[2 + 20 * (1 + 18 * 5)]);
  const back = { grid, voxels: volume.voxels.slice() };
  back.voxels.fill(0, 0, 2);
  paste({ grid: cropped, voxels: values }, back, 'linear');
  expect(back.voxels.subarray(2)).toEqual(volume.voxels.subarray(2));
});

test('a crop far from the case is empty, and puts nothing back', () => {
  const grid = plain([10, 10, 10], 2);
  const cropped = teacherGrid(grid, [900, 900, 900], teacher);
  expect(new Set(crop({ grid, voxels: new Uint8Array(1000).fill(1) }, cropped, 'nearest'))).toEqual(new Set([0]));
  const into = { grid, voxels: new Float32Array(1000).fill(3) };
  pasteAnswer(new Float32Array(16 ** 3), cropped, into);
  expect(new Set(into.voxels)).toEqual(new Set([3]));
});

test('the teacher sees CT between −1000 and 1000 HU, z-scored by its voxels above 0, last axis fastest', () => {
  const grid = plain([16, 16, 16], 1.5);
  const cropped = teacherGrid(grid, toMm(grid, [7.5, 7.5, 7.5]), teacher);
  const voxels = new Int16Array(16 ** 3).fill(-3000);
  voxels[1] = 100; // i = 1
  voxels[16] = 200; // j = 1
  voxels[256] = 2500; // k = 1
  const [mean, deviation] = [1300 / 3, Math.sqrt(((100 - 1300 / 3) ** 2 + (200 - 1300 / 3) ** 2 + (1000 - 1300 / 3) ** 2) / 2)];
  const image = teacherImage({ grid, voxels }, cropped, teacher, 'HU');
  expect(image[0]).toBeCloseTo((-1000 - mean) / deviation, 5);
  expect([image[256], image[16], image[1]].map((x) => x * deviation + mean)).toEqual([100, 200, 1000].map((x) => expect.closeTo(x, 2)));
  const uncut = teacherImage({ grid, voxels }, cropped, teacher, 'other');
  expect((uncut[1] - uncut[0]) / (uncut[1] - uncut[256])).toBeCloseTo(5500 / 2400, 5);
});

test('what lies beyond a window that squeezes keeps its order and a share of its differences', () => {
  const values = Float32Array.from([-1000, -820, -160, 0.5, 60, 240, 1240]);
  const cut = values.slice();
  standardise(values, { range: [-160, 240], beyond: 0.15 });
  standardise(cut, { range: [-160, 240], beyond: 0 });
  const perHu = (values[4] - values[3]) / 59.5;
  expect((values[1] - values[0]) / perHu).toBeCloseTo(0.15 * 180, 3);
  expect((values[2] - values[1]) / perHu).toBeCloseTo(0.15 * 660, 3);
  expect((values[6] - values[5]) / perHu).toBeCloseTo(0.15 * 1000, 3);
  expect([cut[0], cut[1], cut[6]]).toEqual([cut[2], cut[2], cut[5]]);
});

test('PET is never cut, and an image with nothing above 0 is left as it is', () => {
  const grid = plain([16, 16, 16], 1.5);
  const cropped = teacherGrid(grid, toMm(grid, [7.5, 7.5, 7.5]), teacher);
  const voxels = new Float32Array(16 ** 3);
  expect(new Set(teacherImage({ grid, voxels }, cropped, pet, 'other'))).toEqual(new Set([0]));
  voxels.set([1, 5000]);
  const image = teacherImage({ grid, voxels }, cropped, pet, 'HU');
  expect(image[256] - image[0]).toBeCloseTo(Math.SQRT2, 5);
});

test('a structure’s box has its voxels at its faces', () => {
  const mask: LabelMap = { grid: plain([5, 6, 7], 1), voxels: new Uint8Array(210) };
  expect(boxAround(mask, 2)).toBeNull();
  mask.voxels[1 + 5 * (2 + 6 * 3)] = 2;
  mask.voxels[4 + 5 * (2 + 6 * 6)] = 2;
  expect(boxAround(mask, 2)).toEqual({ from: [1, 2, 3], to: [5, 3, 7] });
  expect(centreOf(mask.grid, { from: [1, 2, 3], to: [5, 3, 7] })).toEqual(toMm(mask.grid, [2.5, 2, 4.5]));
});

test('grids whose axes differ are refused', () => {
  const grid = plain([4, 4, 4], 1);
  const turned: Grid = { ...grid, affine: [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  expect(() => overlap(turned, grid)).toThrow('the axes of a crop and its case should be parallel');
  expect(() => paste({ grid, voxels: new Float32Array(3) }, { grid, voxels: new Float32Array(64) }, 'linear')).toThrow(
    'paste: 3 values, expected 4×4×4',
  );
});

/** Surfaces, distances and small images: measured on a ball, whose every number is known. */
import { describe, expect, test } from 'vitest';
import { legendRange, signedDistance, squaredDistance, valueAt } from '../../../src/renderer/viewer/surfaces/distance';
import { boxesOf, occupancyOf, smoothField } from '../../../src/renderer/viewer/surfaces/occupancy';
import { shrink, stepsFor } from '../../../src/renderer/viewer/surfaces/shrink';
import { type Surface, surfaceOf } from '../../../src/renderer/viewer/surfaces/surfaceNets';
import { type Grid, type Index3, spacingMm, toMm } from '../../../src/shared/geometry';

const grid: Grid = { size: [40, 40, 30], affine: [2, 0, 0, -39, 0, 2, 0, -39, 0, 0, 3, -43.5, 0, 0, 0, 1] };

function ball(radiusMm: number, structure = 1, at: Grid = grid): Uint8Array {
  const labels = new Uint8Array(at.size[0] * at.size[1] * at.size[2]);
  let n = 0;
  for (let k = 0; k < at.size[2]; k++)
    for (let j = 0; j < at.size[1]; j++)
      for (let i = 0; i < at.size[0]; i++) labels[n++] = Math.hypot(...toMm(at, [i, j, k])) < radiusMm ? structure : 0;
  return labels;
}
function surfaceOfBall(labels: Uint8Array, at: Grid = grid): Surface {
  const { field, level } = smoothField(labels, at.size, spacingMm(at), 1, boxesOf(labels, at.size).get(1)!);
  return surfaceOf(field, level, at.affine);
}
/** Enclosed volume by the divergence theorem; positive when triangles face outwards. */
function enclosed({ points, triangles }: Surface): number {
  let six = 0;
  for (let n = 0; n < triangles.length; n += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => points.subarray(3 * triangles[n + corner], 3 * triangles[n + corner] + 3));
    six += a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
  }
  return six / 6;
}

describe('the surface of a ball', () => {
  const surface = surfaceOfBall(ball(25));

  test('encloses its volume within two per cent, facing outwards', () => {
    expect(Math.abs(enclosed(surface) / ((4 / 3) * Math.PI * 25 ** 3) - 1)).toBeLessThan(0.02);
  });
  test('is closed: every edge belongs to exactly two triangles, once in each direction', () => {
    const edges = new Map<string, number>();
    for (let n = 0; n < surface.triangles.length; n += 3) {
      for (let c = 0; c < 3; c++) {
        const [a, b] = [surface.triangles[n + c], surface.triangles[n + ((c + 1) % 3)]];
        edges.set(`${a} ${b}`, (edges.get(`${a} ${b}`) ?? 0) + 1);
      }
    }
    const isPaired = [...edges].every(([edge, count]) => count === 1 && edges.get(edge.split(' ').reverse().join(' ')) === 1);
    expect(isPaired).toBe(true);
  });
  test('has unit normals that point away from the middle', () => {
    let least = 1;
    for (let n = 0; n < surface.points.length; n += 3) {
      const [p, q] = [surface.points.subarray(n, n + 3), surface.normals.subarray(n, n + 3)];
      expect(Math.hypot(...q)).toBeCloseTo(1, 4);
      least = Math.min(least, (p[0] * q[0] + p[1] * q[1] + p[2] * q[2]) / Math.hypot(...p));
    }
    expect(least).toBeGreaterThan(0.85);
  });
  test('faces outwards on a mirrored grid too', () => {
    const mirrored: Grid = { size: grid.size, affine: [-2, 0, 0, 39, ...grid.affine.slice(4)] };
    expect(enclosed(surfaceOfBall(ball(25, 1, mirrored), mirrored))).toBeGreaterThan(0);
  });
});

test('a thin tube keeps its volume', () => {
  const labels = new Uint8Array(grid.size[0] * grid.size[1] * grid.size[2]);
  for (let k = 4; k < 26; k++) for (const at of [0, 1, 40, 41]) labels[19 + 40 * (19 + 40 * k) + at] = 1;
  expect(enclosed(surfaceOfBall(labels)) / (22 * 4 * 12)).toBeGreaterThan(0.85);
});

test('a structure of one voxel still has a surface', () => {
  const labels = new Uint8Array(grid.size[0] * grid.size[1] * grid.size[2]);
  labels[20 + 40 * (20 + 40 * 15)] = 1;
  expect(surfaceOfBall(labels).triangles.length).toBeGreaterThan(0);
});

test('a coarse occupancy keeps the share of every block', () => {
  const labels = ball(25);
  const box = boxesOf(labels, grid.size).get(1)!;
  const { values, step } = occupancyOf(labels, grid.size, 1, box, 2000);
  const voxels = labels.reduce((count, value) => count + value, 0);
  expect(step).toBeGreaterThan(1);
  expect(values.reduce((sum, share) => sum + share, 0) * step ** 3).toBeCloseTo(voxels, 1);
});

describe('distance', () => {
  test('to the nearest set voxel is exact, whatever the spacing', () => {
    const size: Index3 = [7, 6, 5];
    const spacing = [1, 2, 3.5];
    const set = new Uint8Array(210);
    const chosen = [
      [1, 1, 1],
      [5, 4, 0],
      [3, 0, 4],
    ];
    for (const [i, j, k] of chosen) set[i + 7 * (j + 6 * k)] = 1;
    const found = squaredDistance(set, size, spacing);
    const expected = Float64Array.from({ length: 210 }, (_, at) => {
      const p = [at % 7, Math.floor(at / 7) % 6, Math.floor(at / 42)];
      return Math.min(...chosen.map((c) => p.reduce((sum, v, axis) => sum + ((v - c[axis]) * spacing[axis]) ** 2, 0)));
    });
    expect([...found].map((value, at) => Math.abs(value - expected[at]) < 1e-9).every(Boolean)).toBe(true);
  });

  const box = { low: [0, 0, 0], high: [39, 39, 29] } as const;
  const field = signedDistance(ball(20), grid, 1, box);

  test('from a ball grows outwards and is negative inside', () => {
    const [far, near, inside] = [35, 20, 5].map((mm) => valueAt(field, [(mm + 39) / 2, 19.5, 14.5]));
    expect(far).toBeCloseTo(15, 0);
    expect(Math.abs(near)).toBeLessThan(1);
    expect(inside).toBeLessThan(-12);
  });
  test('of a surface to its own mask is nought within half a voxel', () => {
    const { points } = surfaceOfBall(ball(20));
    let sum = 0;
    for (let n = 0; n < points.length; n += 3)
      sum += Math.abs(valueAt(field, [(points[n] + 39) / 2, (points[n + 1] + 39) / 2, (points[n + 2] + 43.5) / 3]));
    expect(sum / (points.length / 3)).toBeLessThan(0.6);
  });
  test('of a ball 6 mm larger is about 6 mm all over', () => {
    const { points } = surfaceOfBall(ball(26));
    let sum = 0;
    for (let n = 0; n < points.length; n += 3)
      sum += valueAt(field, [(points[n] + 39) / 2, (points[n + 1] + 39) / 2, (points[n + 2] + 43.5) / 3]);
    expect(sum / (points.length / 3)).toBeGreaterThan(5);
    expect(sum / (points.length / 3)).toBeLessThan(7);
  });
  test('gets a round legend that leaves out only the extremes and what has no number', () => {
    expect(legendRange([Float32Array.from([0.5, -3.2, Number.NaN, 1])])).toBe(2);
    expect(legendRange([Float32Array.from({ length: 100 }, (_, n) => n / 20)])).toBe(6);
    expect(legendRange([])).toBe(2);
  });
});

describe('a shrunk image', () => {
  test('coarsens the finest axis first, until it is small enough', () => {
    expect(stepsFor([400, 400, 100], [1, 1, 3], 5_000_000)).toEqual([2, 2, 1]);
    expect(stepsFor([64, 64, 80], [5, 5, 5], 1 << 20)).toEqual([1, 1, 1]);
  });
  test('holds the means of its blocks', () => {
    const voxels = Float32Array.from({ length: 4 * 2 * 2 }, (_, at) => at);
    expect([...shrink(voxels, [4, 2, 2], [2, 2, 2]).values]).toEqual([6.5, 8.5]);
  });
});

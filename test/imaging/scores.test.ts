/** Scores against MONAI, and against medpy and DeepMind where the definitions meet. */
import { describe, expect, test } from 'vitest';
import { squaredDistances, surfaceOf } from '../../src/main/imaging/distance';
import { percentile, scoreStructures, surfaceDistances } from '../../src/main/imaging/scores';
import type { Grid, Index3 } from '../../src/shared/geometry';
import { random } from '../../src/shared/random';
import { golden, type Tensor, voxelsOf } from './golden';

const { tensors } = golden('metrics/metrics.safetensors');
const names = [...tensors.keys()].filter((key) => key.endsWith('.pred')).map((key) => key.slice(3, -5));
const get = (name: string) => tensors.get(name);
const one = (name: string) => get(name)?.data[0] ?? Number.NaN;
const solid = (tensor: Tensor): Tensor => ({ ...tensor, shape: [...tensor.shape, 1, 1].slice(0, 3) });

/** A golden case as our label maps; pictures of two dimensions become one slice. */
function open(name: string) {
  const [pred, gt] = [solid(get(`in.${name}.pred`)!), solid(get(`in.${name}.gt`)!)];
  const [x, y, z = 1] = get(`in.${name}.spacing`)!.data;
  const grid: Grid = { size: pred.shape as unknown as Index3, affine: [x, 0, 0, 0, 0, y, 0, 0, 0, 0, z, 0, 0, 0, 0, 1] };
  return { prediction: { grid, voxels: Uint8Array.from(voxelsOf(pred)) }, reference: { grid, voxels: Uint8Array.from(voxelsOf(gt)) } };
}
const isFlat = (name: string) => get(`in.${name}.pred`)!.shape.length === 2;
const score = (name: string, toleranceMm = 2) => {
  const { prediction, reference } = open(name);
  return scoreStructures(prediction, reference, [1], toleranceMm)[0];
};
const solids = names.filter((name) => !isFlat(name));
const bothThere = solids.filter((name) => score(name).note === null);

test('the set holds blobs, pictures and every edge case', () => {
  expect(solids.length).toBeGreaterThanOrEqual(16);
  expect(bothThere.length).toBeGreaterThanOrEqual(13);
});

describe.each(bothThere)('%s', (name) => {
  test('Dice, HD95 and ASSD are those of MONAI', () => {
    const { dice, hd95Mm, assdMm } = score(name);
    expect(dice).toBeCloseTo(one(`out.${name}.monai.dice`), 5);
    expect(hd95Mm).toBeCloseTo(one(`out.${name}.monai.hd95`), 4);
    expect(assdMm).toBeCloseTo(one(`out.${name}.monai.assd`), 4);
  });
  test.each([1, 2, 3])('surface Dice at %d mm is that of MONAI', (mm) => {
    expect(score(name, mm).surfaceDice).toBeCloseTo(one(`out.${name}.monai.nsd_${mm}mm`), 5);
  });
  test('its surface distances are those of medpy, which pools both directions for HD95', () => {
    const { prediction, reference } = open(name);
    const { toReference, toPrediction } = surfaceDistances(prediction, reference, 1, { from: [0, 0, 0], size: reference.grid.size });
    expect(percentile(Float32Array.of(...toReference, ...toPrediction).sort(), 0.95)).toBeCloseTo(one(`out.${name}.medpy.hd95`), 4);
    expect(toReference.reduce((a, b) => a + b, 0) / toReference.length).toBeCloseTo(one(`out.${name}.medpy.asd`), 4);
    expect(score(name).assdMm).toBeCloseTo(one(`out.${name}.medpy.assd`), 4);
  });
});

test('empty masks follow the stated rule', () => {
  const brief = (name: string) => {
    const { dice, hd95Mm, assdMm, surfaceDice, note } = score(name);
    return { dice, hd95Mm, assdMm, surfaceDice, note };
  };
  expect(brief('both_empty')).toEqual({ dice: 1, hd95Mm: null, assdMm: null, surfaceDice: null, note: 'both empty' });
  expect(brief('pred_empty')).toEqual({ dice: 0, hd95Mm: null, assdMm: null, surfaceDice: 0, note: 'prediction empty' });
  expect(brief('gt_empty')).toEqual({ dice: 0, hd95Mm: null, assdMm: null, surfaceDice: 0, note: 'reference empty' });
});

test('volumes are in millilitres, and each structure is scored by itself', () => {
  const grid: Grid = { size: [4, 1, 1], affine: [10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 10, 0, 0, 0, 0, 1] };
  const scores = scoreStructures({ grid, voxels: Uint8Array.of(1, 1, 2, 0) }, { grid, voxels: Uint8Array.of(1, 2, 2, 2) }, [1, 2], 5);
  expect(scores.map(({ volumeMl, referenceMl, dice, hd95Mm }) => [volumeMl, referenceMl, dice, hd95Mm])).toEqual([
    [2, 1, 2 / 3, 9.5],
    [1, 3, 0.5, expect.closeTo(10, 4)],
  ]);
});

test('distances are those that comparing every pair gives', () => {
  const stream = random(5);
  const [size, spacing]: [Index3, [number, number, number]] = [
    [9, 7, 6],
    [0.7, 2, 3.1],
  ];
  const mask = Uint8Array.from({ length: 9 * 7 * 6 }, () => (stream.uniform() < 0.02 ? 1 : 0));
  const place = (n: number) => [n % 9, Math.floor(n / 9) % 7, Math.floor(n / 63)].map((x, axis) => x * spacing[axis]);
  const set = [...mask.keys()].filter((n) => mask[n]).map(place);
  expect(set.length).toBeGreaterThan(2);
  squaredDistances(mask, size, spacing).forEach((d, n) => {
    const p = place(n);
    expect(d).toBeCloseTo(Math.min(...set.map((q) => (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2)), 3);
  });
});

test('a mask that touches the border of the volume has its surface there', () => {
  const full = new Uint8Array(27).fill(1);
  const surface = surfaceOf(full, [3, 3, 3], 1, { from: [0, 0, 0], size: [3, 3, 3] });
  expect([...surface].reduce((a, b) => a + b, 0)).toBe(26);
  expect(surface[13]).toBe(0);
});

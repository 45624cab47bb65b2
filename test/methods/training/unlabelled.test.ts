/** Patches without labels: the same voxels for student and teachers, and the same for the same seed and step. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { standardise } from '../../../src/main/imaging/teacherCrop';
import type { Prepared, StoredStudy } from '../../../src/main/methods/training/prepare';
import {
  drawUnlabelled,
  prepareUnlabelled,
  type TeacherView,
  type UnlabelledSettings,
} from '../../../src/main/methods/training/unlabelled';
import type { Normalisation } from '../../../src/shared/domain';
import type { Grid } from '../../../src/shared/geometry';
import { sharedFolder } from '../../folders';

const side = 32;
const grid: Grid = { size: [side, side, side], affine: [5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] };
const statistics = { min: 0, max: 0, mean: 0, std: 1, p005: 0, p05: 0, p50: 0, p95: 0, p995: 0 };
const line = (modality: 'CT' | 'PET', low: number, high: number): Normalisation => ({ modality, scope: 'training set', knots: [low, high], values: [-1, 1] }); // biome-ignore format: a helper
const spec = { channels: [line('CT', -1000, 1000), line('PET', 0, 10)], spacingMm: [5, 5, 5] as [number, number, number] };
const views: TeacherView[] = [
  { channel: 0, huWindow: { range: [-100, 100], beyond: 0 } },
  { channel: 1, huWindow: null },
];
const patch: [number, number, number] = [16, 16, 16];
const settings: UnlabelledSettings = { seed: 3, patch, intensity: 0, deformation: 0, unlabelled: 2 };

const folder = sharedFolder();
let studies: Prepared[] = [];
/** A body in the upper half of i; what CT and PET hold tells where a voxel is. */
function study(name: string, shift: number): StoredStudy {
  const place = (n: number) => [n % side, Math.floor(n / side) % side, Math.floor(n / side / side)];
  const ct = Float32Array.from({ length: side ** 3 }, (_, n) => (place(n)[0] < side / 2 ? -1000 : place(n)[0] * 20 - 500 + shift));
  const pet = Float32Array.from({ length: side ** 3 }, (_, n) => place(n)[1] / 8 + place(n)[2] / 16);
  const channels = (['CT', 'PET'] as const).map((modality, at) => {
    const path = join(folder, `${name} ${modality}`);
    writeFileSync(path, new Uint8Array([ct, pet][at].buffer));
    return { path, dtype: 'float32' as const, grid, modality, unit: (['HU', 'SUV'] as const)[at], statistics };
  });
  return { name, channels, label: null };
}
beforeAll(async () => {
  studies = await Promise.all([study('a', 0), study('b', 7), study('c', 13)].map((one) => prepareUnlabelled(one, spec, views)));
});

const draw = (step: number, changes: Partial<UnlabelledSettings> = {}) =>
  drawUnlabelled(step, studies.length, async (at) => studies[at], views, { ...settings, ...changes });
const size = patch[0] * patch[1] * patch[2];

describe('unlabelled patches', () => {
  test('depend on seed and step alone', async () => {
    const changed = { intensity: 0.5, deformation: 0.5 };
    expect(await draw(7, changed)).toEqual(await draw(7, changed));
    expect((await draw(8, changed)).student).not.toEqual((await draw(7, changed)).student);
    expect((await draw(7, { ...changed, seed: 4 })).student).not.toEqual((await draw(7, changed)).student);
  });

  test('come from every case once a pass', async () => {
    const cases = (await Promise.all([0, 1, 2].map((step) => draw(step)))).flatMap((batch) => batch.cases);
    for (const pass of [cases.slice(0, 3), cases.slice(3)]) expect(pass.toSorted()).toEqual([0, 1, 2]);
  });

  test('show the teachers the voxels the student sees, prepared as each was trained', async () => {
    const { student, plain, views: seen } = await draw(5);
    expect(student).toEqual(plain);
    for (const n of [0, 1]) {
      const [ct, pet] = [0, 1].map((channel) => plain.slice((n * 2 + channel) * size, (n * 2 + channel + 1) * size));
      // Straight lines lead back from what the student sees to HU and SUV, between the knots; beyond the case a teacher sees 0.
      const raw = [ct.map((value) => value * 1000), pet.map((value) => 5 * value + 5)];
      standardise(raw[0], views[0].huWindow);
      standardise(raw[1], null);
      for (const [v, expected] of raw.entries()) {
        const came = seen[v].subarray(n * size, (n + 1) * size);
        const worst = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - came[at])), 0);
        expect(worst).toBeLessThan(1e-3);
      }
    }
  });

  test('change in intensity for the student alone', async () => {
    const [quiet, changed] = [await draw(5), await draw(5, { intensity: 1 })];
    expect(changed.student).not.toEqual(quiet.student);
    expect([changed.plain, changed.views]).toEqual([quiet.plain, quiet.views]);
  });

  test('lie around the body and are never mirrored', async () => {
    const batches = await Promise.all(Array.from({ length: 20 }, (_, step) => draw(step)));
    for (const { plain } of batches) {
      for (const n of [0, 1]) {
        const ct = plain.subarray(2 * n * size, (2 * n + 1) * size);
        const row = [...ct.subarray(0, patch[0])];
        expect(row).toEqual(row.toSorted((a, b) => a - b)); // CT rises with i
        expect(row.at(-1)).toBeGreaterThan(-1); // some body
      }
    }
  });
});

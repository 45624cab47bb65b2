import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { classShares, classWeights, mirrorTable, planStudent, requireChannels } from '../../../src/main/methods/training/plan';
import type { StoredStudy } from '../../../src/main/methods/training/prepare';
import type { TrainSettings } from '../../../src/shared/runs';
import { bytesOf } from '../../../src/shared/volume';
import { sharedFolder } from '../../folders';

const folder = sharedFolder();
const grid = { size: [10, 10, 10] as const, affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
const statistics = { min: 0, max: 1, mean: 0, std: 1, p005: 0, p05: 0, p50: 0, p95: 1, p995: 1 };
const settings = { width: 4, spacingMm: [1, 1, 1], patch: [16, 16, 16] } as unknown as TrainSettings;

/** 1000 voxels: 10 of structure 2, 90 of structure 5, the rest background. */
function study(name: string, modality: 'CT' | 'MR' = 'CT'): StoredStudy {
  const label = Uint8Array.from({ length: 1000 }, (_, v) => (v < 10 ? 2 : v < 100 ? 5 : 0));
  writeFileSync(join(folder, name), bytesOf(Int16Array.from(label, (value) => 100 * value)));
  writeFileSync(join(folder, `${name}.label`), label);
  return {
    name,
    channels: [{ path: join(folder, name), dtype: 'int16', grid, modality, unit: modality === 'CT' ? 'HU' : 'a.u.', statistics }],
    label: { path: join(folder, `${name}.label`), dtype: 'uint8', grid },
  };
}

describe('class weights', () => {
  test('weigh rare structures by the square root of how rare they are, with mean 1 over all voxels', async () => {
    const shares = await classShares([study('a')], [2, 5]);
    expect(shares).toEqual([901 / 1003, 11 / 1003, 91 / 1003]);
    const [background, two, five] = classWeights(shares, 0.5, 0, 100);
    expect(two / background).toBeCloseTo(Math.sqrt(901 / 11), 4);
    expect((901 * background + 11 * two + 91 * five) / 1003).toBeCloseTo(1, 5);
  });

  test('fade until every voxel counts the same in the last quarter of the run', () => {
    const ratio = (t: number) => {
      const [background, rare] = classWeights([0.99, 0.01], 0.5, t, 100);
      return rare / background;
    };
    expect([0, 20, 40, 60].map(ratio)).toEqual([0, 20, 40, 60].map(ratio).toSorted((a, b) => b - a));
    expect([75, 85, 99].map(ratio)).toEqual([1, 1, 1]);
  });
});

describe('planning a student', () => {
  test('doubles the width per level and keeps the order of the structures', async () => {
    const spec = await planStudent([study('a')], [5, 2], settings);
    expect(spec).toMatchObject({ widths: [4, 8, 16, 32, 64], structures: [5, 2], channels: [{ modality: 'CT', scope: 'training set' }] });
  });

  test('refuses training without a label', async () => {
    await expect(planStudent([{ ...study('a'), label: null }], [2], settings)).rejects.toMatchObject({ code: 'RUN_NEEDS_LABELS' });
  });

  test('refuses a case with other channels, naming it and both lists', async () => {
    const message = 'Case b has the channels MR (a.u.), but the others have CT (HU).';
    await expect(planStudent([study('a'), study('b', 'MR')], [2], settings)).rejects.toThrow(message);
    expect(() => requireChannels(study('b', 'MR'), [{ modality: 'CT' }])).toThrow('Case b has the channels MR, but the others have CT.');
  });

  test('pairs left with right by class number', () => {
    const structures = [
      { index: 7, mirror: 9 },
      { index: 8, mirror: null },
      { index: 9, mirror: 7 },
      { index: 10, mirror: 99 },
    ];
    expect(mirrorTable(structures)).toEqual([0, 3, 2, 1, 4]);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fitChannels, prepare, type StoredStudy } from '../../../src/main/methods/training/prepare';
import { streamed } from '../../../src/main/methods/training/streamed';
import type { Statistics } from '../../../src/shared/domain';
import { bytesOf } from '../../../src/shared/volume';
import { sharedFolder } from '../../folders';

const folder = sharedFolder();
const statistics: Statistics = { min: -900, max: 900, mean: 10, std: 300, p005: -850, p05: -700, p50: 0, p95: 700, p995: 850 };

/** A CT of waves with a block of structure 3 in the middle. */
function study(): StoredStudy {
  const size = [12, 10, 20] as const;
  const grid = { size, affine: [2, 0, 0, -5, 0, 2, 0, 7, 0, 0, 3, 40, 0, 0, 0, 1] };
  const image = Int16Array.from({ length: 2400 }, (_, v) => 900 * Math.sin(v * 0.13));
  const label = Uint8Array.from({ length: 2400 }, (_, v) => (v % 12 > 3 && v % 12 < 8 && v > 800 && v < 1600 ? 3 : 0));
  writeFileSync(join(folder, 'ct'), bytesOf(image));
  writeFileSync(join(folder, 'label'), label);
  return {
    name: 'waves',
    channels: [{ path: join(folder, 'ct'), dtype: 'int16', grid, modality: 'CT', unit: 'HU', statistics }],
    label: { path: join(folder, 'label'), dtype: 'uint8', grid },
  };
}

describe.each([
  ['its own spacing', [2, 2, 3]],
  ['a finer spacing', [1.4, 2, 1.1]],
  ['a coarser spacing', [3, 4, 7]],
])('a study read slab by slab on %s', (_, spacing) => {
  test('is the study read whole', async () => {
    const spec = { channels: await fitChannels([study()]), structures: [3], spacingMm: spacing as [number, number, number] };
    const whole = await prepare(study(), spec);
    const slabs = streamed(study(), spec);
    const plane = whole.size[0] * whole.size[1];
    expect(slabs.size).toEqual(whole.size);
    for (const [k0, k1] of [
      [0, 2],
      [1, 4],
      [whole.size[2] - 2, whole.size[2]],
      [0, whole.size[2]],
    ]) {
      const part = await slabs.read(0, k0, k1);
      const wanted = whole.channels[0].subarray(k0 * plane, k1 * plane);
      expect(Math.max(...part.map((x, v) => Math.abs(x - wanted[v])))).toBeLessThan(1e-4);
    }
  });
});

test('a stored volume that was cut short is reported, not read', async () => {
  const damaged = study();
  writeFileSync(join(folder, 'ct'), new Uint8Array(1000));
  const slabs = streamed(damaged, {
    channels: [{ modality: 'CT', scope: 'case', knots: [], values: [] }],
    spacingMm: [2, 2, 3],
  });
  await expect(async () => slabs.read(0, 0, 20)).rejects.toThrow(/ct is damaged: slices 0 to 19/);
});

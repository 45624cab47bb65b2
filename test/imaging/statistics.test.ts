/** Statistics against sorting everything. */
import { expect, test } from 'vitest';
import { statisticsOf } from '../../src/main/imaging/statistics';
import { random } from '../../src/shared/random';
import type { Voxels } from '../../src/shared/volume';

const stream = random(3);
const normals = Array.from({ length: 10_007 }, () => stream.normal());
const sets: [string, Voxels][] = [
  ['uint8', Uint8Array.from(normals, (x) => 40 * Math.abs(x))],
  ['int16', Int16Array.from(normals, (x) => 900 * x - 300)],
  ['uint16', Uint16Array.from(normals, (x) => 9000 * Math.abs(x))],
  ['float32 of both signs', Float32Array.from(normals, (x) => x ** 3)],
  ['float32 with many zeros', Float32Array.from(normals, (x) => Math.max(0, x - 1))],
  ['two voxels', Float32Array.of(-1.5, 2.5)],
  ['one voxel', Int16Array.of(-7)],
];

test.each(sets)('%s', (_name, voxels) => {
  const sorted = Float64Array.from(voxels as ArrayLike<number>).sort();
  const at = (share: number) => {
    const rank = share * (sorted.length - 1);
    return sorted[Math.floor(rank)] + (rank % 1) * (sorted[Math.ceil(rank)] - sorted[Math.floor(rank)]);
  };
  const mean = sorted.reduce((a, b) => a + b, 0) / sorted.length;
  const std = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / sorted.length);
  const close = (x: number) => expect.closeTo(x, 8);
  expect(statisticsOf(voxels)).toEqual({
    min: sorted[0],
    max: sorted[sorted.length - 1],
    mean: close(mean),
    std: close(std),
    p005: close(at(0.005)),
    p05: close(at(0.05)),
    p50: close(at(0.5)),
    p95: close(at(0.95)),
    p995: close(at(0.995)),
  });
});

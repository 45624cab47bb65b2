/** Reads a stored study a few slices at a time, resampled and normalised, so that prediction never holds a whole volume. */
import { open } from 'node:fs/promises';
import type { StudentSpec } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { type Grid, invert, toMm } from '../../../shared/geometry';
import { bytesPer, type Volume, viewVoxels } from '../../../shared/volume';
import { resample } from '../../imaging/resample';
import { emptiness, normalise, resolve } from './normalisation';
import { type Stored, type StoredStudy, trainingGrid } from './prepare';
import type { Slabs } from './wholeCase';

/** The same volume, slices k0 … k1−1 only. */
export function slicesOf({ size: [i, j], affine }: Grid, k0: number, k1: number): Grid {
  const origin = toMm({ affine }, [0, 0, k0]);
  return { size: [i, j, k1 - k0], affine: affine.map((value, at) => (at % 4 === 3 && at < 12 ? origin[(at - 3) / 4] : value)) };
}

/** Reads slices k0 … k1−1 of a stored volume. @throws FILE_DAMAGED if they are not all there */
async function readSlices({ path, dtype, grid }: Stored, k0: number, k1: number): Promise<Volume> {
  const bytesPerSlice = grid.size[0] * grid.size[1] * bytesPer(dtype);
  const bytes = new Uint8Array((k1 - k0) * bytesPerSlice);
  const file = await open(path).catch((error: Error) => fail('FILE_DAMAGED', path, error.message));
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, k0 * bytesPerSlice);
    if (bytesRead !== bytes.length)
      fail('FILE_DAMAGED', path, `slices ${k0} to ${k1 - 1} should be ${bytes.length} bytes, ${bytesRead} came`);
  } finally {
    await file.close();
  }
  const part = slicesOf(grid, k0, k1);
  return { grid: part, voxels: viewVoxels(bytes, dtype, part) };
}

/** A study as prediction sees it, on the student's lattice `grid`. */
export function streamed(study: StoredStudy, spec: Pick<StudentSpec, 'channels' | 'spacingMm'>): Slabs & { grid: Grid } {
  const own = study.channels[0].grid;
  const grid = trainingGrid(own, spec.spacingMm);
  const normalisations = study.channels.map(({ statistics }, at) => resolve(spec.channels[at], statistics));
  const sourceK = (k: number) => toMm({ affine: invert(own.affine) }, toMm(grid, [0, 0, k]))[2];
  return {
    grid,
    size: grid.size,
    outside: normalisations.map(emptiness),
    async read(channel, k0, k1) {
      const stored = study.channels[channel];
      if (grid === own) return normalise((await readSlices(stored, k0, k1)).voxels, normalisations[channel]);
      const last = own.size[2] - 1;
      const low = Math.min(last, Math.max(0, Math.floor(sourceK(k0))));
      const high = Math.min(last, Math.max(0, Math.floor(sourceK(k1 - 1)) + 1));
      const part = await readSlices(stored, low, high + 1);
      return normalise(resample(part, slicesOf(grid, k0, k1), 'linear').voxels, normalisations[channel]);
    },
  };
}

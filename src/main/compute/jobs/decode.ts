/** Imports one NIfTI file: reads and checks it, brings it to canonical axes, and stores original and working copy. */
import type { Grid } from '../../../shared/geometry';
import { bytesOf, dtypeOf } from '../../../shared/volume';
import { storeBytes, storeFile } from '../../files/durable';
import { orientationOf, toCanonical } from '../../imaging/canonical';
import { readNifti } from '../../imaging/niftiRead';
import { statisticsOf } from '../../imaging/statistics';
import type { DecodedVolume } from '../jobData';
import { type JobCode, Stopped } from '../protocol';

export const decode: JobCode<'decode'> = async ({ path, role, store }, context) => {
  const { grid: sourceGrid, frames, form, warnings } = await readNifti(path, role);
  context.report({ fraction: 0.5 });
  await context.breathe();
  if (context.stopped) throw new Stopped();
  // Nothing is stored before the whole file has proved sound.
  const original = await storeFile(store, path);
  const orientation = orientationOf(sourceGrid.affine);
  const volumes: DecodedVolume[] = [];
  while (frames.length > 0) {
    const { voxels: stored } = frames.shift() as (typeof frames)[number];
    const { grid, voxels } = toCanonical({ grid: sourceGrid, voxels: stored });
    const file = await storeBytes(store, bytesOf(voxels));
    const [statistics, counts] = [statisticsOf(voxels), role === 'label' ? countValues(voxels as Uint8Array) : {}];
    volumes.push({
      file,
      original,
      dtype: dtypeOf(voxels),
      grid: copy(grid),
      sourceGrid: copy(sourceGrid),
      orientation,
      form,
      warnings,
      statistics,
      voxels: counts,
    });
    context.report({ fraction: 0.5 + (0.5 * volumes.length) / (volumes.length + frames.length) });
    await context.breathe();
    if (context.stopped) throw new Stopped();
  }
  return { volumes };
};

/** Voxels per value, background included, values that do not occur left out. */
function countValues(voxels: Uint8Array): Record<number, number> {
  const counts = new Uint32Array(256);
  for (let n = 0; n < voxels.length; n++) counts[voxels[n]]++;
  return Object.fromEntries([...counts].map((count, value) => [value, count] as const).filter(([, count]) => count > 0));
}

const copy = ({ size, affine }: Grid): Grid => ({ size: [...size], affine: [...affine] });

/** Writes stored volumes as NIfTI files, on the grid of their source or on canonical axes. */
import { fromCanonical } from '../../imaging/canonical';
import { writeNifti } from '../../imaging/niftiWrite';
import { readStored } from '../../methods/training/prepare';
import { type JobCode, Stopped } from '../protocol';

export const exportVolumes: JobCode<'exportVolumes'> = async ({ items }, context) => {
  const files: string[] = [];
  for (const { volume, sourceGrid, out } of items) {
    await context.breathe();
    if (context.stopped) throw new Stopped();
    const canonical = await readStored(volume);
    await writeNifti(out, sourceGrid ? fromCanonical(canonical, sourceGrid) : canonical);
    files.push(out);
    context.report({ fraction: files.length / items.length });
  }
  return { files };
};

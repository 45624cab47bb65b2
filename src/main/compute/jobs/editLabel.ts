/** Writes a mask into a case's label and stores the result as a file of its own; the label before stays as it is. */
import { readFile } from 'node:fs/promises';
import { fail, sentenceOf } from '../../../shared/errors';
import { voxelCount } from '../../../shared/geometry';
import { storeBytes } from '../../files/durable';
import { countVoxels } from '../../imaging/countVoxels';
import { editLabel as edit } from '../../imaging/labelEdit';
import type { JobCode } from '../protocol';
import { readLabels } from '../readLabels';

export const editLabel: JobCode<'editLabel'> = async ({ label, grid, mask: { path, box, value }, store, ...how }) => {
  const after = label ? await readLabels(label) : { grid, voxels: new Uint8Array(voxelCount(grid)) };
  const voxels = path === null ? new Uint8Array(0) : await readFile(path).catch((error) => fail('FILE_DAMAGED', path, sentenceOf(error)));
  const expected = path === null ? 0 : voxelCount(box);
  if (path !== null && voxels.length !== expected) fail('FILE_DAMAGED', path, `it has ${voxels.length} bytes, expected ${expected}`);
  edit(after, { ...how, mask: { box, voxels: value === undefined ? voxels : where(voxels, value) } });
  return { file: await storeBytes(store, after.voxels), voxels: countVoxels(after.voxels) };
};

/** 1 where voxels have the value. A loop: `Uint8Array.from` with a function takes seconds for a large case. */
function where(voxels: Uint8Array, value: number): Uint8Array {
  const mask = new Uint8Array(voxels.length);
  for (let n = 0; n < mask.length; n++) if (voxels[n] === value) mask[n] = 1;
  return mask;
}

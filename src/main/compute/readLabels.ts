/** Opens a stored mask. */
import type { LabelMap } from '../../shared/volume';
import { readStored } from '../methods/training/prepare';
import type { StoredVolume } from './jobData';

/** @throws FILE_DAMAGED if it is gone or has another size than its grid; a plain error if it is no mask */
export async function readLabels(stored: StoredVolume): Promise<LabelMap> {
  const { grid, voxels } = await readStored(stored);
  if (!(voxels instanceof Uint8Array)) throw new Error(`readLabels: ${stored.path} holds ${stored.dtype}, masks are uint8`);
  return { grid, voxels };
}

/** Imports one planned case: every file is decoded and durable in the store before one transaction makes the case exist. */
import type { Case, ImportReport } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { sameGrid } from '../../../shared/geometry';
import { caseNamed, casesWithFile, getCases } from '../../store/cases';
import type { Store } from '../../store/store';
import { labelFor } from './caseLabel';
import { addCase, addLabel } from './caseRows';
import { type DecodedChannel, decodeChannels, discard, type ImportContext } from './decodeCase';
import type { PlannedCase } from './plan';

interface Outcome {
  imported: ImportReport['imported'][number] | null;
  refused: ImportReport['refused'];
}

/**
 * A label that cannot be used is refused by itself; its image is imported without it. A label for a case that is in the project already,
 * with the same image, becomes the case's next label revision.
 * @throws whatever refuses the whole case
 */
export async function importCase(context: ImportContext, planned: PlannedCase): Promise<Outcome> {
  const { store } = context;
  const channels: DecodedChannel[] = [];
  try {
    await decodeChannels(context, planned, channels);
    const existing = sameImage(store, planned.name, channels);
    if (existing && !planned.label) fail('DUPLICATE_CASE', planned.name, 'with the same voxels');

    const { label, refused } = await labelFor(context, planned, channels[0]);
    if (existing) {
      if (label && label.file.hash !== existing.label?.file) return { imported: addLabel(store, existing, label, context), refused };
      if (refused.length > 0) return { imported: null, refused };
      fail('DUPLICATE_CASE', planned.name, 'with the same voxels and label');
    }
    return { imported: addCase(context, planned, channels, label), refused };
  } catch (error) {
    await discard(store, channels);
    throw error;
  }
}

/**
 * The case of that name with exactly this image, if the project has it.
 * @throws DUPLICATE_CASE when the voxels are there under another name or in another place, or the name with other voxels
 */
function sameImage(store: Store, name: string, channels: DecodedChannel[]): Case | null {
  const hashes = channels.map((channel) => channel.file.hash);
  const isSame = (one: Case) => one.channels.length === hashes.length && one.channels.every((channel, i) => channel.file === hashes[i]);
  const holders = getCases(store.read, [...new Set(casesWithFile(store.read, hashes[0]).map((one) => one.id))]).filter(isSame);
  const own = holders.find((one) => one.name === name);
  if (own && sameGrid(own.grid, channels[0].grid)) return own;
  if (own) fail('DUPLICATE_CASE', name, 'with the same voxels in another place');
  if (holders.length > 0) fail('DUPLICATE_CASE', name, `its voxels are those of case ${holders[0].name}, in the ${holders[0].split} split`);
  if (caseNamed(store.read, name)) fail('DUPLICATE_CASE', name, 'with other voxels; rename the file to add it as a case of its own');
  return null;
}

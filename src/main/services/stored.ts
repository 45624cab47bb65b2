/** Rows of the project as the compute process wants them: with paths instead of hashes. */
import type { Case, FileHash, LabelRevision } from '../../shared/domain';
import type { Grid } from '../../shared/geometry';
import type { StoredCase, StoredVolume } from '../compute/jobData';
import { addressOf } from '../files/durable';
import type { Store } from '../store/store';

/** A case's channels and label. The label may be an older revision than the case's newest. */
export function storedCase(store: Pick<Store, 'files'>, one: Case, label: LabelRevision | null = one.label): StoredCase {
  return {
    id: one.id,
    name: one.name,
    channels: one.channels.map(({ file, dtype, modality, unit, statistics }) => ({
      path: addressOf(store.files, file),
      dtype,
      grid: one.grid,
      modality,
      unit,
      statistics,
    })),
    label: label && storedMask(store, label.file, one.grid),
  };
}

/** A label map or predicted mask of a case. */
export const storedMask = (store: Pick<Store, 'files'>, file: FileHash, grid: Grid): StoredVolume => ({
  path: addressOf(store.files, file),
  dtype: 'uint8',
  grid,
});

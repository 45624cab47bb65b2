/** What an import is going to do, found out from names and `dataset.json` alone; no voxel has been read yet. */
import type { ImportReport, Split } from '../../../shared/domain';
import { AppError } from '../../../shared/errors';

export interface PlannedCase {
  name: string;
  split: Split;
  /** One file per channel, in order; `title` is what dataset.json calls the channel. */
  channels: { path: string; title: string | null }[];
  label: string | null;
}
export interface ImportPlan {
  cases: PlannedCase[];
  /** Names of label values as dataset.json gives them; null without one. */
  structures: { index: number; name: string }[] | null;
  /** Files that cannot be part of any case. */
  refused: ImportReport['refused'];
  /** Said once, with the first imported case. */
  warnings: string[];
}

/** An expected failure as a line of the report. Anything else is a bug and goes on its way. */
export function refusal(file: string, error: unknown): ImportReport['refused'][number] {
  if (!(error instanceof AppError)) throw error;
  return { file, code: error.code, sentence: error.message };
}

/** True for what would refuse every further file too: going on would only repeat it. */
export const isFatal = ({ code }: AppError): boolean => code === 'DISK_FULL' || code === 'FOLDER_NOT_WRITABLE';

export const isNifti = (name: string): boolean => /\.nii(\.gz)?$/i.test(name) && !name.startsWith('.');

/** File name without its NIfTI ending. */
export const stemOf = (name: string): string => name.replace(/\.nii(\.gz)?$/i, '');

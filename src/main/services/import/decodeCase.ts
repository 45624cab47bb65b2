/** Reads the files of a planned case in the compute process; afterwards original and working copy are durable in the store, and no row exists yet. */
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { fail } from '../../../shared/errors';
import { describeGrid, sameGrid } from '../../../shared/geometry';
import type { Compute } from '../../compute/host';
import type { DecodedVolume } from '../../compute/jobData';
import { addressOf } from '../../files/durable';
import { isRemembered } from '../../store/files';
import type { Store } from '../../store/store';
import { JobStopped } from '../jobs';
import type { PlannedCase } from './plan';

export interface ImportContext {
  store: Store;
  compute: Compute;
  signal: AbortSignal;
  /** True when label values without a name may become structures `label 1` …: nobody has named any yet. */
  mayNameStructures: boolean;
  onProgress(fraction: number): void;
}
export interface DecodedChannel extends DecodedVolume {
  fileName: string;
  title: string | null;
}
export interface DecodedLabel extends DecodedVolume {
  fileName: string;
}

/** Fills `channels` as they come, so that whoever catches a failure knows what is stored already. @throws CHANNEL_GRIDS, and what reading throws */
export async function decodeChannels(context: ImportContext, planned: PlannedCase, channels: DecodedChannel[]): Promise<void> {
  const files = planned.channels.length + (planned.label ? 1 : 0);
  for (const [position, { path, title }] of planned.channels.entries()) {
    const volumes = await decode(context, path, 'image', (fraction) => context.onProgress((position + fraction) / files));
    for (const volume of volumes) {
      const warnings = volumes.length > 1 ? [`It holds ${volumes.length} volumes; they became channels of one case.`] : [];
      channels.push({ ...volume, title, fileName: basename(path), warnings: [...volume.warnings, ...warnings] });
    }
  }
  requireOneGrid(planned, channels);
}

/** The case's label file as it is; whether it fits is another question. */
export async function decodeLabel(context: ImportContext, planned: PlannedCase, path: string): Promise<DecodedLabel> {
  const images = planned.channels.length;
  const [label, ...more] = await decode(context, path, 'label', (fraction) => context.onProgress((images + fraction) / (images + 1)));
  if (more.length > 0) fail('FILE_INVALID', path, 'the label', 'one volume', `${more.length + 1} volumes`);
  return { ...label, fileName: basename(path) };
}

/** Frees the space of a refused case's image files. What any row refers to stays; masks stay too, for a prediction may just be storing the same. */
export async function discard(store: Store, channels: DecodedChannel[]): Promise<void> {
  for (const { hash } of channels.flatMap(({ file, original }) => [file, original])) {
    if (!isRemembered(store.read, hash)) await rm(addressOf(store.files, hash), { force: true });
  }
}

async function decode(
  { compute, store, signal }: ImportContext,
  path: string,
  role: 'image' | 'label',
  onFraction: (fraction: number) => void,
): Promise<DecodedVolume[]> {
  const outcome = await compute.run(
    'decode',
    { path, role, store: store.files },
    { signal, onProgress: ({ fraction }) => onFraction(fraction) },
  );
  if (outcome.state === 'stopped') throw new JobStopped();
  return outcome.result.volumes;
}

function requireOneGrid({ name }: PlannedCase, [first, ...others]: DecodedChannel[]): void {
  const odd = others.find((channel) => !sameGrid(channel.grid, first.grid));
  if (odd) fail('CHANNEL_GRIDS', name, first.fileName, describeGrid(first.grid), odd.fileName, describeGrid(odd.grid));
}

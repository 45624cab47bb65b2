/** Plans the import of a data set in nnU-Net's layout: imagesTr and labelsTr are the training split, imagesTs and labelsTs the test split. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Split } from '../../../shared/domain';
import { appError } from '../../../shared/errors';
import { type ChannelGroup, channelGroups } from './channelGroups';
import { type DataSetDescription, readDescription } from './dataSetDescription';
import { type ImportPlan, isNifti, type PlannedCase, refusal, stemOf } from './plan';

const parts: { split: Split; images: string; labels: string }[] = [
  { split: 'train', images: 'imagesTr', labels: 'labelsTr' },
  { split: 'test', images: 'imagesTs', labels: 'labelsTs' },
];

/** @throws FILE_INVALID for a dataset.json that cannot be followed: without it, labels would get wrong names. */
export async function planDataSet(folder: string): Promise<ImportPlan> {
  const description = await readDescription(join(folder, 'dataset.json'));
  const plan: ImportPlan = { cases: [], structures: description?.structures ?? null, refused: [], warnings: description?.warnings ?? [] };
  for (const part of parts) {
    const images = await niftiNames(join(folder, part.images));
    const labels = await niftiNames(join(folder, part.labels));
    const labelOf = new Map(labels.map((name) => [stemOf(name), join(folder, part.labels, name)]));
    const groups = channelGroups(join(folder, part.images), images, (stem) => labelOf.has(stem));
    for (const group of groups) {
      const planned = planCase(group, part.split, labelOf.get(group.name) ?? null, description);
      if ('channels' in planned) plan.cases.push(planned);
      else plan.refused.push(planned);
      labelOf.delete(group.name);
    }
    for (const label of labelOf.values()) plan.refused.push(refusal(label, appError('LABEL_WITHOUT_IMAGE', label)));
  }
  return plan;
}

function planCase(
  group: ChannelGroup,
  split: Split,
  label: string | null,
  description: DataSetDescription | null,
): PlannedCase | ImportPlan['refused'][number] {
  const { name, paths } = group;
  const titles = description?.channels ?? [];
  // One file may hold all channels as a fourth axis (Decathlon); that shows when it is read.
  const count = paths.length === 1 ? 1 : Math.max(paths.length, titles.length);
  const missing = Array.from({ length: count }, (_, position) => position).filter((position) => !paths[position]);
  if (missing.length > 0) {
    const what = missing.map((position) => `channel ${position}${titles[position] ? ` (${titles[position]})` : ''}`).join(', ');
    return refusal(paths.find((path) => path !== '')!, appError('CHANNEL_MISSING', name, what));
  }
  return { name, split, label, channels: paths.map((path, position) => ({ path, title: titles[position] ?? null })) };
}

async function niftiNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw appError('FILE_UNREADABLE', folder, error.message);
  });
  return names.filter(isNifti);
}

/** Turns what a person chose (files, folders of files, data sets) into planned cases. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { appError, fail } from '../../../shared/errors';
import { channelGroups } from './channelGroups';
import { planDataSet } from './dataSet';
import { type ImportPlan, isNifti, refusal } from './plan';

/** One plan per data set or folder, one for all single files. A path that leads to nothing is a refusal in a plan of its own. */
export async function planImport(paths: readonly string[]): Promise<ImportPlan[]> {
  const plans: ImportPlan[] = [];
  const files: string[] = [];
  for (const path of new Set(paths.map((one) => resolve(one)))) {
    try {
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => fail('FILE_UNREADABLE', path, unreadable(error)));
      if (found.isDirectory()) plans.push(await planFolder(path));
      else if (isNifti(basename(path))) files.push(path);
      else fail('NOTHING_TO_IMPORT', path);
    } catch (error) {
      plans.push({ ...emptyPlan(), refused: [refusal(path, error)] });
    }
  }
  if (files.length > 0) plans.push(planFiles(files));
  return plans;
}

const emptyPlan = (): ImportPlan => ({ cases: [], structures: null, refused: [], warnings: [] });
const unreadable = (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'it does not exist' : error.message);

async function planFolder(folder: string): Promise<ImportPlan> {
  if (['imagesTr', 'imagesTs'].some((name) => existsSync(join(folder, name)))) return planDataSet(folder);
  if (/^labels(Tr|Ts)?$/i.test(basename(folder))) throw appError('LABEL_WITHOUT_IMAGE', folder);
  const names = await readdir(folder).catch((error) => fail('FILE_UNREADABLE', folder, unreadable(error)));
  const images = names.filter(isNifti);
  if (images.length === 0) fail('NOTHING_TO_IMPORT', folder);
  return planFiles(images.map((name) => join(folder, name)));
}

/** Loose files are images of unlabelled training cases. */
function planFiles(paths: readonly string[]): ImportPlan {
  const plan = emptyPlan();
  for (const [folder, members] of Map.groupBy(paths, (path) => dirname(path))) {
    for (const { name, paths: channels } of channelGroups(
      folder,
      members.map((path) => basename(path)),
    )) {
      const present = channels.filter((path) => path !== '');
      if (present.length === channels.length) {
        plan.cases.push({ name, split: 'train', label: null, channels: channels.map((path) => ({ path, title: null })) });
      } else {
        const missing = channels.map((path, position) => (path === '' ? `channel ${position}` : '')).filter(Boolean);
        plan.refused.push(refusal(present[0], appError('CHANNEL_MISSING', name, missing.join(', '))));
      }
    }
  }
  return plan;
}

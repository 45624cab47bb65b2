/** Plans the import of AutoPET-Organ: its images in pairs, its labels, and its lists. Nothing is imported unless all of it fits together. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type AutopetOrganBudget, autopetOrganChannels, autopetOrganStructures } from '../../../shared/autopetOrgan';
import type { Split } from '../../../shared/domain';
import { appError, fail } from '../../../shared/errors';
import { type ImportPlan, isNifti, type PlannedCase, stemOf } from '../import/plan';
import { type CaseLists, type ListedCase, readCaseLists } from './lists';

/** Folders as MuDuo's loader reads them, and as AutoPET and SegAnyPET pass them on. The first that has a case's label counts. */
const imageFolders = ['images', 'imagesTr', 'imagesTs'];
const labelFolders = ['labels_ok', 'labels', 'labelsTr', 'labelsTs'];

/**
 * Cases of no list that have a label are for testing; those without one are left out, for AutoPET itself has ten times as many.
 * A `dataset.json` is not read: that of AutoPET speaks of lesions.
 * @param lists where the lists are, if not in the folder itself
 * @throws FILE_INVALID, FILE_UNREADABLE, both naming the file
 */
export async function planAutopetOrgan(folder: string, budget: AutopetOrganBudget, lists: string = folder): Promise<ImportPlan> {
  const images = await filesIn(folder, imageFolders);
  if (images.size === 0) {
    fail(
      'FILE_INVALID',
      folder,
      'its content',
      'a folder images or imagesTr with CASE_0000.nii.gz and CASE_0001.nii.gz',
      'without any such file',
    );
  }
  const labels = await filesIn(folder, labelFolders);
  const names = new Set([...images.keys()].flatMap((stem) => /^(.+)_000[01]$/.exec(stem)?.[1] ?? []));
  const listed = await readCaseLists(lists, budget);
  const nameOf = (one: ListedCase): string =>
    [one.id, one.id.replace(/_000[01]$/, '')].find((name) => names.has(name)) ??
    fail('FILE_INVALID', one.file, `line ${one.line}`, 'a case that has images', one.id);
  const plan = (name: string, split: Split, label: string | null): PlannedCase => ({ name, split, channels: pair(images, name), label });
  const labelOf = (name: string, role: string): string =>
    labels.get(name) ??
    fail('FILE_UNREADABLE', join(folder, labelFolders[0], `${name}.nii.gz`), `it does not exist, and ${name} is a ${role} case`);

  const cases = [
    ...listed.labelled.map(nameOf).map((name) => plan(name, 'train', labelOf(name, 'labelled training'))),
    ...listed.unlabelled.map(nameOf).map((name) => plan(name, 'train', null)),
    ...listed.validation.map(nameOf).map((name) => plan(name, 'validation', labelOf(name, 'validation'))),
    ...listed.test.map(nameOf).map((name) => plan(name, 'test', labels.get(name) ?? null)),
  ];
  const isPlanned = new Set(cases.map(({ name }) => name));
  const others = [...names].filter((name) => !isPlanned.has(name)).sort();
  const tested = others.filter((name) => labels.has(name));
  return {
    cases: [...cases, ...tested.map((name) => plan(name, 'test', labels.get(name) as string))],
    structures: [...autopetOrganStructures],
    refused: [],
    warnings: notes(listed, tested.length, others.length - tested.length),
  };
}

/** Files of the folders that exist, by name without its ending; what an earlier folder has, a later one does not replace. */
async function filesIn(folder: string, below: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of below) {
    const found = await readdir(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw appError('FILE_UNREADABLE', join(folder, name), error.message);
    });
    for (const file of found.filter(isNifti).sort()) {
      if (!files.has(stemOf(file))) files.set(stemOf(file), join(folder, name, file));
    }
  }
  return files;
}

/** CT and PET of a case. @throws FILE_UNREADABLE for the one that is missing */
function pair(images: ReadonlyMap<string, string>, name: string): PlannedCase['channels'] {
  const paths = autopetOrganChannels.map((_title, channel) => images.get(`${name}_000${channel}`));
  return autopetOrganChannels.map((title, channel) => {
    const there = paths[1 - channel] ?? '';
    const missing = there.replace(/_000[01](\.nii(\.gz)?)$/i, `_000${channel}$1`);
    const path = paths[channel] ?? fail('FILE_UNREADABLE', missing, `it does not exist, and ${basename(there)} needs its ${title}`);
    return { path, title };
  });
}

/** What was taken for what, for a person to see whether it is what they meant. */
function notes({ files, labelled, validation }: CaseLists, tested: number, leftOut: number): string[] {
  const many = (n: number) => `${n} case${n === 1 ? '' : 's'}`;
  return [
    `Lists: ${files.join(', ')}. The first ${labelled.length} training cases keep their label.`,
    ...(validation.length === 0 ? ['No list of validation cases: no best weights are chosen, and the last ones count.'] : []),
    ...(tested > 0 ? [`${many(tested)} in no list, with a label: taken for testing.`] : []),
    ...(leftOut > 0 ? [`${many(leftOut)} in no list, without a label: left out.`] : []),
  ];
}

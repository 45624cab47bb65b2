/** What is made of AutoPET-Organ's files before any voxel is read: who trains with and without a label, who validates and tests, and what is refused. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planAutopetOrgan } from '../../src/main/services/autopetOrgan/plan';
import { mirrorsOf } from '../../src/main/services/import/mirrors';
import { autopetOrganStructures } from '../../src/shared/autopetOrgan';
import { temporaryFolder } from '../folders';
import { bare, studyName, trainingOrder, twinNames, unlisted, validating, writeTwin } from './autopetOrganTwin';

const twin = () => writeTwin({ voxels: false });
const splitsOf = async (folder: string, budget: 5 | 10 = 5, lists?: string) => {
  const { cases } = await planAutopetOrgan(folder, budget, lists);
  const names = (split: string, labelled: boolean) =>
    cases.filter((one) => one.split === split && (one.label !== null) === labelled).map(({ name }) => name);
  return {
    labelled: names('train', true),
    unlabelled: names('train', false),
    validation: names('validation', true),
    test: [...names('test', true), ...names('test', false)],
  };
};
const usual = { labelled: trainingOrder.slice(0, 5), unlabelled: trainingOrder.slice(5), validation: [validating], test: [unlisted] };

test('the twelve organs have their published values, and every left one of a pair its right one', () => {
  const name = (index: number | null) => autopetOrganStructures.find((one) => one.index === index)?.name;
  const pairs = [...mirrorsOf(autopetOrganStructures)]
    .filter(([, other]) => other !== null)
    .map(([index, other]) => [name(index), name(other)]);
  expect(pairs).toContainEqual(['left kidney', 'right kidney']);
  expect(pairs).toContainEqual(['left lower lobe', 'right lower lobe']);
  expect(pairs).toContainEqual(['left upper lobe', 'right upper lobe']);
  expect(pairs).toHaveLength(6);
  expect([1, 6, 7, 12].map(name)).toEqual(['liver', 'aorta', 'prostate', 'right middle lobe']);
});

test('the first of the training list keep their label, whatever their names, and what no list names tests', async () => {
  const { folder, at } = await twin();
  expect(await splitsOf(folder)).toEqual(usual);
  expect((await splitsOf(folder, 10)).labelled).toEqual(trainingOrder.slice(0, 10));
  const { cases, structures, warnings } = await planAutopetOrgan(folder, 5);
  expect(structures).toEqual(autopetOrganStructures);
  expect(cases[0]).toEqual({
    name: trainingOrder[0],
    split: 'train',
    channels: [
      { path: at('images', `${trainingOrder[0]}_0000.nii.gz`), title: 'CT' },
      { path: at('images', `${trainingOrder[0]}_0001.nii.gz`), title: 'PET' },
    ],
    label: at('labels_ok', `${trainingOrder[0]}.nii.gz`),
  });
  expect(cases.map(({ name }) => name)).not.toContain(bare);
  expect(warnings).toEqual([
    expect.stringContaining(at('lists_5', 'train.txt')),
    expect.stringContaining('1 case in no list, with a label'),
    expect.stringContaining('1 case in no list, without a label'),
  ]);
});

test('nnU-Net’s folders, lists in one folder, and file names in them say the same', async () => {
  const { folder, at } = await twin();
  renameSync(at('images'), at('imagesTr'));
  renameSync(at('labels_ok'), at('labelsTr'));
  writeFileSync(at('dataset.json'), JSON.stringify({ channel_names: { 0: 'CT' }, labels: { background: 0, tumor: 1 } }));
  for (const budget of [5, 10, 20]) rmSync(at(`lists_${budget}`), { recursive: true });
  mkdirSync(at('splits'));
  writeFileSync(at('splits', 'train_10.list'), `${twinNames.slice(0, 11).join('\n')}\n`);
  writeFileSync(
    at('splits', 'train_5.list'),
    `# the order counts\r\n${trainingOrder.map((name) => `imagesTr/${name}_0000.nii.gz`).join('\r\n')}\r\n\r\n`,
  );
  writeFileSync(at('splits', 'validation.list'), validating);
  expect(await splitsOf(folder)).toEqual(usual);
  expect((await splitsOf(folder, 10)).labelled).toEqual(twinNames.slice(0, 10));
});

test('a training list that is cut in two, and lists that lie elsewhere', async () => {
  const { folder } = await twin();
  const lists = temporaryFolder();
  writeFileSync(join(lists, 'labeled_5.txt'), trainingOrder.slice(0, 5).join('\n'));
  writeFileSync(join(lists, 'train_unlabeled_5.txt'), trainingOrder.slice(5).join('\n'));
  writeFileSync(join(lists, 'val.txt'), validating);
  writeFileSync(join(lists, 'test.txt'), bare);
  expect(await splitsOf(folder, 5, lists)).toEqual({ ...usual, test: [unlisted, bare] });
});

describe('is refused, naming the file:', () => {
  test.each<[string, (at: (...names: string[]) => string) => void, string[]]>([
    ['an empty folder', (at) => rmSync(at('images'), { recursive: true }), ['autopet: its content should be a folder images']],
    [
      'a CT without its PET',
      (at) => rmSync(at('images', `${studyName(3)}_0001.nii.gz`)),
      [`${studyName(3)}_0001.nii.gz cannot be read`, 'needs its PET'],
    ],
    [
      'a PET without its CT',
      (at) => rmSync(at('images', `${studyName(3)}_0000.nii.gz`)),
      [`${studyName(3)}_0000.nii.gz cannot be read`, 'needs its CT'],
    ],
    [
      'a list that names a stranger',
      (at) => writeFileSync(at('lists_5', 'val.txt'), 'nobody'),
      ['val.txt: line 1 should be a case that has images', 'nobody'],
    ],
    [
      'a labelled case without its label',
      (at) => rmSync(at('labels_ok', `${trainingOrder[4]}.nii.gz`)),
      [`${trainingOrder[4]}.nii.gz cannot be read`],
    ],
    [
      'a case that trains and validates',
      (at) => writeFileSync(at('lists_5', 'val.txt'), trainingOrder[8]),
      ['val.txt: line 1', 'train.txt names too'],
    ],
    ['no training list', (at) => rmSync(at('lists_5', 'train.txt')), ['no list of training cases for 5 labels']],
    [
      'a list that is too short',
      (at) => writeFileSync(at('lists_5', 'train.txt'), studyName(1)),
      ['train.txt: its list should be 5 cases or more, but is of 1'],
    ],
    [
      'two lists for one thing',
      (at) => writeFileSync(at('train_5.txt'), studyName(1)),
      ['its name should be that of the only training list for 5 labels'],
    ],
  ])('%s', async (_what, spoil, parts) => {
    const { folder, at } = await twin();
    spoil(at);
    const sentence = await planAutopetOrgan(folder, 5).then(
      () => 'it was planned',
      (error: Error) => error.message,
    );
    for (const part of parts) expect(sentence).toContain(part);
  });
});

test('a case of no list may be incomplete where it has no label', async () => {
  const { folder, at } = await twin();
  rmSync(at('images', `${bare}_0001.nii.gz`));
  expect(await splitsOf(folder)).toEqual(usual);
});

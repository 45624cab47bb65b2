/** What an import makes of names and dataset.json, before any voxel is read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDescription } from '../../src/main/services/import/dataSetDescription';
import { planImport } from '../../src/main/services/import/planImport';
import { temporaryFolder } from '../folders';

/** A folder with empty files of these names (or with the given content). */
function folderOf(files: string[] | Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Array.isArray(files) ? files.map((one) => [one, '']) : Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
const describeCases = (plans: Awaited<ReturnType<typeof planImport>>, folder: string) =>
  plans.flatMap((plan) =>
    plan.cases.map(({ name, split, channels, label }) => ({
      name,
      split,
      channels: channels.map(({ path, title }) => `${path.slice(folder.length + 1).replaceAll('\\', '/')}${title ? ` as ${title}` : ''}`),
      label: label?.slice(folder.length + 1).replaceAll('\\', '/') ?? null,
    })),
  );
const version2 = JSON.stringify({ channel_names: { 0: 'CT', 1: 'PET' }, labels: { background: 0, liver: 1 }, file_ending: '.nii.gz' });

describe('a folder of loose files', () => {
  test('gives a case per file, and one case for files numbered from _0000', async () => {
    const folder = folderOf(['b.nii', 'a_0001.nii.gz', 'a_0000.nii.gz', 'Größe.NII.GZ', 'notes.txt', '._b.nii']);
    expect(describeCases(await planImport([folder]), folder)).toEqual([
      { name: 'Größe', split: 'train', channels: ['Größe.NII.GZ'], label: null },
      { name: 'a', split: 'train', channels: ['a_0000.nii.gz', 'a_0001.nii.gz'], label: null },
      { name: 'b', split: 'train', channels: ['b.nii'], label: null },
    ]);
  });

  test('files numbered from 1 are cases of their own', async () => {
    const folder = folderOf(['scan_0001.nii', 'scan_0002.nii']);
    expect(describeCases(await planImport([folder]), folder).map((one) => one.name)).toEqual(['scan_0001', 'scan_0002']);
  });

  test('a hole in the numbers refuses that case and names what is missing', async () => {
    const folder = folderOf(['a_0000.nii', 'a_0002.nii', 'b.nii']);
    const plans = await planImport([folder]);
    expect(describeCases(plans, folder).map((one) => one.name)).toEqual(['b']);
    expect(plans[0].refused).toEqual([
      { file: join(folder, 'a_0000.nii'), code: 'CHANNEL_MISSING', sentence: expect.stringContaining('lacks channel 1') },
    ]);
  });

  test('paths that hold nothing are refused one by one, and the same path twice is one', async () => {
    const folder = folderOf(['a.nii', 'readme.txt', 'empty/readme.txt', 'set/labelsTr/a.nii']);
    const plans = await planImport(
      ['a.nii', 'a.nii', 'readme.txt', 'empty', 'missing.nii', 'set/labelsTr'].map((name) => join(folder, name)),
    );
    expect(describeCases(plans, folder).map((one) => one.name)).toEqual(['a']);
    expect(plans.flatMap((plan) => plan.refused).map(({ file, code }) => [file.slice(folder.length + 1), code])).toEqual([
      ['readme.txt', 'NOTHING_TO_IMPORT'],
      ['empty', 'NOTHING_TO_IMPORT'],
      ['missing.nii', 'FILE_UNREADABLE'],
      [join('set', 'labelsTr'), 'LABEL_WITHOUT_IMAGE'],
    ]);
  });
});

describe('a data set', () => {
  test('is split into training and test cases with channel names and labels', async () => {
    const folder = folderOf({
      'dataset.json': version2,
      'imagesTr/x_0000.nii.gz': '',
      'imagesTr/x_0001.nii.gz': '',
      'labelsTr/x.nii.gz': '',
      'imagesTs/y_0000.nii.gz': '',
      'imagesTs/y_0001.nii.gz': '',
      'labelsTs/y.nii.gz': '',
    });
    const plans = await planImport([folder]);
    expect(plans[0].structures).toEqual([{ index: 1, name: 'liver' }]);
    expect(describeCases(plans, folder)).toEqual([
      {
        name: 'x',
        split: 'train',
        channels: ['imagesTr/x_0000.nii.gz as CT', 'imagesTr/x_0001.nii.gz as PET'],
        label: 'labelsTr/x.nii.gz',
      },
      { name: 'y', split: 'test', channels: ['imagesTs/y_0000.nii.gz as CT', 'imagesTs/y_0001.nii.gz as PET'], label: 'labelsTs/y.nii.gz' },
    ]);
  });

  test('reports labels without images and cases without a channel, and plans the rest', async () => {
    const folder = folderOf({
      'dataset.json': version2.replace('"1":"PET"', '"1":"PET","2":"SUV"'),
      'imagesTr/x_0000.nii.gz': '',
      'imagesTr/x_0001.nii.gz': '',
      'imagesTr/z_0000.nii.gz': '',
      'imagesTr/z_0001.nii.gz': '',
      'imagesTr/z_0002.nii.gz': '',
      'labelsTr/lost.nii.gz': '',
    });
    const [plan] = await planImport([folder]);
    expect(plan.cases.map((one) => one.name)).toEqual(['z']);
    expect(plan.refused.map(({ code, sentence }) => [code, sentence])).toEqual([
      ['CHANNEL_MISSING', expect.stringContaining('Case x lacks channel 2 (SUV)')],
      ['LABEL_WITHOUT_IMAGE', expect.stringContaining('lost.nii.gz')],
    ]);
  });

  test('in Decathlon’s manner has one file per case, even where its name ends in four digits', async () => {
    const folder = folderOf({
      'imagesTr/liver_0000.nii.gz': '',
      'labelsTr/liver_0000.nii.gz': '',
      'imagesTr/liver_0001.nii.gz': '',
      'labelsTr/liver_0001.nii.gz': '',
    });
    expect(describeCases(await planImport([folder]), folder)).toEqual([
      { name: 'liver_0000', split: 'train', channels: ['imagesTr/liver_0000.nii.gz'], label: 'labelsTr/liver_0000.nii.gz' },
      { name: 'liver_0001', split: 'train', channels: ['imagesTr/liver_0001.nii.gz'], label: 'labelsTr/liver_0001.nii.gz' },
    ]);
  });

  test('whose dataset.json cannot be followed is refused whole', async () => {
    const folder = folderOf({
      'dataset.json': '{"channel_names": {"0": "CT"}, "labels": {"liver": [1, 2]}}',
      'imagesTr/x_0000.nii.gz': '',
    });
    expect(await planImport([folder])).toEqual([
      expect.objectContaining({
        cases: [],
        refused: [{ file: folder, code: 'FILE_INVALID', sentence: expect.stringContaining('the region [1,2]') }],
      }),
    ]);
  });
});

describe('dataset.json', () => {
  const read = (content: unknown) => readDescription(join(folderOf({ 'dataset.json': JSON.stringify(content) }), 'dataset.json'));

  test('of version 1 and 2 says the same', async () => {
    const one = await read({ name: 'T', modality: { 0: 'CT' }, labels: { 0: 'background', 2: 'spleen', 1: 'liver' } });
    const two = await read({ name: 'T', channel_names: { 0: 'CT' }, labels: { background: 0, spleen: 2, liver: 1 } });
    expect(one).toEqual(two);
    expect(one).toEqual({
      name: 'T',
      channels: ['CT'],
      structures: [
        { index: 1, name: 'liver' },
        { index: 2, name: 'spleen' },
      ],
      warnings: [],
    });
  });

  test('with an ignore value says that labels containing it are refused', async () => {
    const description = await read({ channel_names: { 0: 'CT' }, labels: { background: 0, liver: 1, ignore: 2 } });
    expect(description?.structures).toEqual([{ index: 1, name: 'liver' }]);
    expect(description?.warnings).toEqual([expect.stringContaining('Value 2 means “ignore”')]);
  });

  test.each([
    ['no labels', { channel_names: { 0: 'CT' } }, 'labels'],
    ['a channel left out', { channel_names: { 1: 'CT' }, labels: {} }, 'channel_names'],
    ['a value beyond 255', { channel_names: { 0: 'CT' }, labels: { liver: 256 } }, 'label “liver”'],
    ['a value that is no whole number', { channel_names: { 0: 'CT' }, labels: { liver: 1.5 } }, 'label “liver”'],
    ['one value twice', { channel_names: { 0: 'CT' }, labels: { liver: 1, spleen: 1 } }, 'label “spleen”'],
    ['files of another kind', { channel_names: { 0: 'CT' }, labels: {}, file_ending: '.nrrd' }, 'file_ending'],
    ['a list', ['CT'], 'its content'],
  ])('with %s is refused, naming the field', async (_what, content, field) => {
    await expect(read(content)).rejects.toMatchObject({ code: 'FILE_INVALID', message: expect.stringContaining(field) });
  });
});

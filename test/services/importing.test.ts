/** Import through the real compute process: what comes in, what is refused with which sentence, and that nothing is left half-written. */
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hashFile } from '../../src/main/files/durable';
import type { Grid } from '../../src/shared/geometry';
import { temporaryFolder } from '../folders';
import { ctVoxels, labelVoxels, smallGrid, startBench, write } from './workbench';

const shifted: Grid = { ...smallGrid, affine: smallGrid.affine.map((value, at) => (at === 3 ? value + 1 : value)) };
const description = (labels: Record<string, number>, channels = ['CT']) =>
  JSON.stringify({ channel_names: { ...channels }, labels, file_ending: '.nii.gz' });
const refusals = (report: { refused: { file: string; code: string }[] }) =>
  report.refused.map(({ file, code }) => [file.split(/[\\/]/).pop(), code]);

/** A small data set: two labelled training cases and one test case. */
async function dataSet(): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'dataset.json'), description({ background: 0, 'kidney left': 1, 'kidney right': 2 }));
  for (const [part, name, seed] of [
    ['Tr', 'a', 1],
    ['Tr', 'b', 2],
    ['Ts', 'c', 3],
  ] as const) {
    await write(join(folder, `images${part}`, `${name}_0000.nii.gz`), ctVoxels(smallGrid, seed));
    await write(join(folder, `labels${part}`, `${name}.nii.gz`), labelVoxels(smallGrid));
  }
  return folder;
}

describe('a data set', () => {
  test('comes in with splits, labels and named structures, and can be read back byte for byte', async () => {
    const [bench, folder] = [await startBench(), await dataSet()];
    expect((await bench.imports(folder)).refused).toEqual([]);
    const cases = await bench.ask('cases.list', {});
    expect(cases.map(({ name, split, grid, label }) => ({ name, split, size: grid.size, labelled: label?.voxels }))).toEqual(
      ['a', 'b', 'c'].map((name) => ({ name, split: name === 'c' ? 'test' : 'train', size: [6, 7, 8], labelled: { 1: 112, 2: 112 } })),
    );
    const project = await bench.ask('project.get', {});
    expect(project?.counts).toEqual({ cases: 3, labelled: 2, drafts: 0, unlabelled: 0, test: 1, runs: 0 });
    expect(project?.structures.map(({ index, name, mirror }) => [index, name, mirror])).toEqual([
      [1, 'kidney left', 2],
      [2, 'kidney right', 1],
    ]);
    const [channel] = cases[0].channels;
    expect(channel).toMatchObject({
      modality: 'CT',
      unit: 'HU',
      dtype: 'int16',
      source: { fileName: 'a_0000.nii.gz', orientation: 'RAS' },
    });
    const bytes = await (await bench.handle(new Request(`http://x/bytes/${channel.file}`))).arrayBuffer();
    expect(new Int16Array(bytes)).toEqual(ctVoxels(smallGrid, 1));
    expect(await hashFile(join(folder, 'imagesTr/a_0000.nii.gz'))).toBe(channel.source.original);
    expect(bench.heard.map((one) => one.name)).toEqual(expect.arrayContaining(['cases.changed', 'project.changed', 'job.changed']));
  });

  test('brought in again changes nothing, and each case says so', async () => {
    const [bench, folder] = [await startBench(), await dataSet()];
    await bench.imports(folder);
    const before = await bench.ask('cases.list', {});
    expect(refusals(await bench.imports(folder)).map(([, code]) => code)).toEqual(['DUPLICATE_CASE', 'DUPLICATE_CASE', 'DUPLICATE_CASE']);
    expect(await bench.ask('cases.list', {})).toEqual(before);
  });

  test('with corrected labels gives known cases another revision', async () => {
    const [bench, folder] = [await startBench(), await dataSet()];
    await bench.imports(folder);
    await write(join(folder, 'labelsTr/b.nii.gz'), labelVoxels(smallGrid, [0, 2]));
    const report = await bench.imports(folder);
    expect(report.imported).toEqual([
      expect.objectContaining({ case: 'b', labelled: true, warnings: [expect.stringContaining('became its next revision')] }),
    ]);
    const b = (await bench.ask('cases.list', {})).find((one) => one.name === 'b');
    expect(b?.label).toMatchObject({ revision: 2, voxels: { 2: 168 } });
  });

  test('whose names contradict the project’s is refused whole', async () => {
    const [bench, folder] = [await startBench(), await dataSet()];
    await bench.imports(folder);
    const other = await dataSet();
    writeFileSync(join(other, 'dataset.json'), description({ background: 0, 'kidney left': 1, liver: 2 }));
    const report = await bench.imports(other);
    expect(new Set(report.refused.map(({ code }) => code))).toEqual(new Set(['STRUCTURE_CONFLICT']));
    expect(report.refused[0].sentence).toContain('calls label 2 “liver”, but this project calls it “kidney right”');
  });

  test('without dataset.json names structures after their values', async () => {
    const bench = await startBench();
    const folder = temporaryFolder();
    await write(join(folder, 'imagesTr/a_0000.nii.gz'), ctVoxels(smallGrid));
    await write(join(folder, 'labelsTr/a.nii.gz'), labelVoxels(smallGrid, [0, 4]));
    await bench.imports(folder);
    expect((await bench.ask('project.get', {}))?.structures).toMatchObject([{ index: 4, name: 'label 4' }]);
  });
});

describe('a label', () => {
  test('on another grid is refused with both grids, and its image comes in without it', async () => {
    const [bench, folder] = [await startBench(), await dataSet()];
    await write(join(folder, 'labelsTr/a.nii.gz'), labelVoxels(shifted), shifted);
    const report = await bench.imports(folder);
    expect(refusals(report)).toEqual([['a.nii.gz', 'GRID_MISMATCH']]);
    expect(report.refused[0].sentence).toContain('6×7×8 voxels of 2×2×3 mm at (−9, −20, 5)');
    expect(report.refused[0].sentence).toContain('6×7×8 voxels of 2×2×3 mm at (−10, −20, 5)');
    expect(report.imported.map((one) => [one.case, one.labelled])).toEqual([
      ['a', false],
      ['b', true],
      ['c', true],
    ]);
  });

  test('with unknown values is refused with those and the known ones', async () => {
    const [bench, folder] = [await startBench(), await dataSet()];
    await write(join(folder, 'labelsTr/a.nii.gz'), labelVoxels(smallGrid, [0, 1, 7, 9]));
    const { refused } = await bench.imports(folder);
    expect(refused).toEqual([
      expect.objectContaining({
        code: 'LABEL_VALUES',
        sentence: expect.stringMatching(/values 7, 9, but the project knows only 1 \(kidney left\), 2 \(kidney right\)/),
      }),
    ]);
  });

  test('in another axis order than its image still fits it', async () => {
    const [bench, folder] = [await startBench(), await dataSet()];
    const { size, affine } = smallGrid;
    const flippedGrid: Grid = {
      size,
      affine: affine.map((value, at) => (at === 0 ? -value : at === 3 ? value + 2 * (size[0] - 1) : value)),
    };
    const flipped = labelVoxels(smallGrid).map((_, n, all) => all[n - (n % size[0]) + size[0] - 1 - (n % size[0])]);
    await write(join(folder, 'labelsTr/a.nii.gz'), flipped, flippedGrid);
    expect((await bench.imports(folder)).refused).toEqual([]);
    const [a, b] = await bench.ask('cases.list', {});
    expect(a.label?.file).toBe(b.label?.file);
  });
});

describe('a batch with bad files', () => {
  test('brings in the good ones, says a sentence for each bad one, and leaves nothing half-written', async () => {
    const bench = await startBench();
    const folder = temporaryFolder();
    await write(join(folder, 'good.nii.gz'), ctVoxels(smallGrid, 1));
    await write(join(folder, 'cut.nii.gz'), ctVoxels(smallGrid, 2));
    truncateSync(join(folder, 'cut.nii.gz'), 300);
    await write(join(folder, 'short.nii'), ctVoxels(smallGrid, 3));
    truncateSync(join(folder, 'short.nii'), 700);
    writeFileSync(join(folder, 'empty.nii'), '');
    writeFileSync(join(folder, 'text.nii'), 'this is not an image');
    await write(join(folder, 'pair_0000.nii.gz'), ctVoxels(smallGrid, 4));
    await write(join(folder, 'pair_0001.nii.gz'), ctVoxels(shifted, 5), shifted);
    await write(join(folder, 'half_0000.nii.gz'), ctVoxels(smallGrid, 6));
    writeFileSync(join(folder, 'half_0001.nii.gz'), 'no second channel');
    const report = await bench.imports(folder);
    expect(report.imported.map((one) => one.case)).toEqual(['good']);
    expect(refusals(report).sort()).toEqual([
      ['cut.nii.gz', 'FILE_UNREADABLE'],
      ['empty.nii', 'FILE_UNREADABLE'],
      ['half_0000.nii.gz', expect.stringMatching(/FILE_(UNREADABLE|INVALID)/)],
      ['pair_0000.nii.gz', 'CHANNEL_GRIDS'],
      ['short.nii', expect.stringMatching(/FILE_(UNREADABLE|INVALID)/)],
      ['text.nii', expect.stringMatching(/FILE_(UNREADABLE|INVALID)/)],
    ]);
    for (const { file, sentence } of report.refused) expect(sentence).toContain(file.split(/[\\/]/).pop()?.replace(/_\d.*/, ''));
    const check = await bench.ended(await bench.ask('project.check', {}));
    expect(check.result).toMatchObject({ kind: 'check', report: { ok: true, files: 2, problems: [], notes: [] } });
  });

  test('the same voxels under another name are refused, naming the case that has them', async () => {
    const bench = await startBench();
    const folder = temporaryFolder();
    await write(join(folder, 'first.nii.gz'), ctVoxels(smallGrid));
    await write(join(folder, 'second.nii'), ctVoxels(smallGrid));
    const report = await bench.imports(folder);
    expect(report.imported.map((one) => one.case)).toEqual(['first']);
    expect(report.refused).toEqual([
      expect.objectContaining({
        code: 'DUPLICATE_CASE',
        sentence: expect.stringContaining('its voxels are those of case first, in the train split'),
      }),
    ]);
  });

  test('whose study a case is, is read from a name that says so; a patient on both sides of the test split is pointed out', async () => {
    const bench = await startBench();
    const folder = temporaryFolder();
    const visits = [
      ['Tr', 'fdg_0af7ffe12a_2005-08-12'],
      ['Ts', 'fdg_0af7ffe12a_2006-01-03'],
      ['Tr', 'torso_1'],
    ];
    for (const [n, [part, name]] of visits.entries())
      await write(join(folder, `images${part}`, `${name}_0000.nii.gz`), ctVoxels(smallGrid, n));
    const { imported } = await bench.imports(folder);
    const warned = imported.flatMap((one) => one.warnings.filter((warning) => warning.includes('is of patient')));
    expect(warned).toEqual([
      'By its name fdg_0af7ffe12a_2006-01-03 is of patient 0af7ffe12a, as is fdg_0af7ffe12a_2005-08-12 of the train split: runs will refuse to see one of them until both are in the test split, or neither.',
    ]);
    expect((await bench.ask('cases.list', {})).map(({ patient }) => patient)).toEqual(['0af7ffe12a', '0af7ffe12a', null]);
  });

  test('an image that training and test share comes in with a warning', async () => {
    const bench = await startBench();
    const folder = temporaryFolder();
    for (const [part, name] of [
      ['Tr', 'x'],
      ['Ts', 'y'],
    ]) {
      await write(join(folder, `images${part}`, `${name}_0000.nii.gz`), ctVoxels(smallGrid));
      await write(join(folder, `images${part}`, `${name}_0001.nii.gz`), ctVoxels(smallGrid, name === 'x' ? 1 : 2));
    }
    const { imported } = await bench.imports(folder);
    expect(imported.find((one) => one.case === 'y')?.warnings).toEqual(
      expect.arrayContaining([expect.stringContaining('y_0000.nii.gz shows the same image as case x of the train split')]),
    );
  });

  test('names beyond ASCII and very long paths work', async () => {
    const bench = await startBench();
    const folder = join(temporaryFolder(), ...Array.from({ length: 12 }, (_, n) => `${n} Ordner mit Ümläuten und 空間 darin`));
    mkdirSync(folder, { recursive: true });
    await write(join(folder, 'Fall Nr. 7 – Großmütterchen 図.nii.gz'), ctVoxels(smallGrid));
    expect((await bench.imports(folder)).imported.map((one) => one.case)).toEqual(['Fall Nr. 7 – Großmütterchen 図']);
  });
});

test('a stopped import keeps the cases it had finished and nothing of the others', async () => {
  const bench = await startBench();
  const folder = temporaryFolder();
  for (let n = 0; n < 30; n++) await write(join(folder, `case ${String(n).padStart(2, '0')}.nii`), ctVoxels(smallGrid, n));
  const id = await bench.ask('import.start', { paths: [folder] });
  const stop = bench.listen((one) => {
    if (one.name === 'cases.changed') void bench.ask('jobs.stop', { job: id });
  });
  const job = await bench.ended(id);
  stop();
  const cases = await bench.ask('cases.list', {});
  expect(job).toMatchObject({ state: 'stopped', result: { kind: 'import' } });
  expect(cases.length).toBeGreaterThan(0);
  expect(cases.length).toBeLessThan(30);
  if (job.result?.kind === 'import') expect(job.result.report.imported.map((one) => one.case)).toEqual(cases.map((one) => one.name));
  const parts = readdirSync(join(bench.home, 'Projekt', 'files'), { recursive: true }).filter((name) => String(name).endsWith('.part'));
  expect(parts).toEqual([]);
});

test('originals are kept as they were', async () => {
  const bench = await startBench();
  const folder = temporaryFolder();
  await write(join(folder, 'a.nii'), ctVoxels(smallGrid));
  await bench.imports(join(folder, 'a.nii'));
  const [one] = await bench.ask('cases.list', {});
  const answer = await bench.handle(new Request(`http://x/bytes/${one.channels[0].source.original}`));
  expect(Buffer.from(await answer.arrayBuffer()).equals(readFileSync(join(folder, 'a.nii')))).toBe(true);
});

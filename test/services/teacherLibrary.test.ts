/** The library of teachers: one that was brought into any project is offered in the next, without its file, its licence or its first answer asked for again. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openWorkbench } from '../../src/main/app';
import { addressOf } from '../../src/main/files/durable';
import type { FileHash } from '../../src/shared/domain';
import type { Teacher } from '../../src/shared/teachers';
import { builtMain } from '../built';
import { temporaryFolder } from '../folders';
import { importReport } from './importTeachers';
import { safetensorsFile, samMed3dWeights, samWeights, torchFile } from './teacherFiles';
import { openBench, type TestBench } from './workbench';

/** A workbench with a first project. */
async function startAt(home = temporaryFolder()): Promise<TestBench> {
  const bench = await openBench(home, null);
  onTestFinished(() => bench.close());
  await bench.ask('project.create', { folder: join(home, 'One'), name: 'One' });
  return bench;
}
const next = (bench: TestBench, name: string) => bench.ask('project.create', { folder: join(bench.home, name), name });
const startImport = (bench: TestBench, path: string) => bench.ask('teachers.import', { paths: [path] });
const imports = async (bench: TestBench, path: string) => importReport(bench, await startImport(bench, path));
const uses = async (bench: TestBench, source: FileHash) => importReport(bench, await bench.ask('teachers.use', { source }));
const only = async (bench: TestBench): Promise<Teacher> => {
  const teachers = await bench.ask('teachers.list', {});
  expect(teachers).toHaveLength(1);
  return teachers[0];
};
const fileIn = (bench: TestBench, project: string, { file }: Teacher) => statSync(addressOf(join(bench.home, project, 'files'), file));
/** Everything of a teacher that is not of one project. */
const shared = ({ id: _id, addedAt: _addedAt, checks: _checks, ...teacher }: Teacher) => teacher;

test('a teacher of one project is offered in the next, and taken with all that is known of it and without a copy', async () => {
  const bench = await startAt();
  await imports(bench, torchFile('sam_med3d_turbo.pth', samMed3dWeights()));
  const { id } = await only(bench);
  await bench.ask('teachers.update', { teacher: id, name: 'Ours', spacingMm: 2 });
  const first = await bench.ask('teachers.accept', { teacher: id });
  expect(await bench.ask('teachers.library', {})).toMatchObject([{ name: 'Ours', from: 'library', here: id }]);

  await next(bench, 'Two');
  expect(await bench.ask('teachers.list', {})).toEqual([]);
  const offered = await bench.ask('teachers.library', {});
  expect(offered).toMatchObject([{ name: 'Ours', spacingMm: 2, acceptedAt: first.acceptedAt, here: null }]);
  expect((await uses(bench, offered[0].source.hash)).imported).toMatchObject([
    { name: 'Ours', notes: [expect.stringContaining('library')] },
  ]);
  const second = await only(bench);
  expect(shared(second)).toEqual(shared(first));
  expect(second.id).not.toBe(first.id);
  expect(second.checks).toMatchObject([{ agrees: true, difference: 0 }]);
  expect(fileIn(bench, 'Two', second).ino).toBe(fileIn(bench, 'One', first).ino);
});

test('importing the same file into another project takes it from the library', async () => {
  const bench = await startAt();
  const path = torchFile('sam.pth', samWeights());
  await imports(bench, path);
  const first = await only(bench);
  await next(bench, 'Two');
  expect((await imports(bench, path)).imported).toMatchObject([{ file: path, notes: [expect.stringContaining('came from your library')] }]);
  expect(fileIn(bench, 'Two', await only(bench)).ino).toBe(fileIn(bench, 'One', first).ino);
});

test('what is removed from a project stays in the library, and what is removed from the library stays in the project', async () => {
  const bench = await startAt();
  await imports(bench, torchFile('sam.pth', samWeights()));
  const before = await only(bench);
  await bench.ask('teachers.remove', { teacher: before.id });
  const [{ source, here }] = await bench.ask('teachers.library', {});
  expect(here).toBeNull();
  await uses(bench, source.hash);
  expect(await only(bench)).toMatchObject({ id: before.id, name: before.name });

  await bench.ask('teachers.forget', { source: source.hash });
  expect(await bench.ask('teachers.library', {})).toEqual([]);
  const library = join(bench.home, 'teacher-library');
  const left = readdirSync(library, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(left).toEqual([]);
  expect(fileIn(bench, 'One', await only(bench)).size).toBeGreaterThan(0);
  await expect(bench.ask('teachers.use', { source: source.hash })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('weights that are gone from the project come back from the library when the file is imported again', async () => {
  const bench = await startAt();
  const path = torchFile('sam.pth', samWeights());
  await imports(bench, path);
  const before = await only(bench);
  rmSync(addressOf(join(bench.home, 'One', 'files'), before.file));
  await imports(bench, path);
  expect(await only(bench)).toMatchObject({ id: before.id });
  expect(fileIn(bench, 'One', before).size).toBeGreaterThan(0);
});

test('a library that cannot be written keeps no teacher out of the project, and one sentence says so', async () => {
  const home = temporaryFolder();
  writeFileSync(join(home, 'teacher-library'), 'a file where the folder should be');
  const bench = await startAt(home);
  const { imported } = await imports(bench, torchFile('sam.pth', samWeights()));
  expect(imported[0].notes).toEqual([
    expect.stringMatching(/^Other projects will not be offered it: .*teacher-library.* cannot be written to/),
  ]);
  expect(await only(bench)).toMatchObject({ checks: [{ agrees: true }] });
  expect(await bench.ask('teachers.library', {})).toEqual([]);
});

test('an entry that something damaged is not offered, and importing the file again mends it', async () => {
  const bench = await startAt();
  const path = torchFile('sam.pth', samWeights());
  await imports(bench, path);
  const folder = join(bench.home, 'teacher-library', 'teachers');
  const [text] = readdirSync(folder);
  writeFileSync(join(folder, text), readFileSync(join(folder, text), 'utf8').slice(0, 100));
  expect(await bench.ask('teachers.library', {})).toEqual([]);
  await next(bench, 'Two');
  await imports(bench, path);
  expect(await bench.ask('teachers.library', {})).toHaveLength(1);
});

test('teachers that come with the program are offered too, by what their files say, and read where they lie', async () => {
  const home = temporaryFolder();
  const resources = temporaryFolder();
  mkdirSync(join(resources, 'teachers'));
  const said = { 'understudy.family': 'sam-med3d', 'understudy.name': 'Demo teacher, CT', 'understudy.about': 'Trained on phantoms.' };
  const shipped = join(resources, 'teachers', 'ct.safetensors');
  writeFileSync(shipped, readFileSync(safetensorsFile('ct.safetensors', samMed3dWeights(), said)));
  writeFileSync(join(resources, 'teachers', 'broken.safetensors'), 'not weights');
  await openBench(home, null).then((bench) => bench.close()); // builds the program
  const workbench = await openWorkbench({ main: builtMain, renderer: '', resources, version: '0', isDesktop: false, home }, null);
  onTestFinished(() => workbench.close());
  await workbench.ask('project.create', { folder: join(home, 'One'), name: 'One' });
  const offered = await workbench.ask('teachers.library', {});
  expect(offered).toMatchObject([{ name: 'Demo teacher, CT', about: 'Trained on phantoms.', from: 'program', here: null }]);
  const job = await workbench.ask('teachers.use', { source: offered[0].source.hash });
  while (['queued', 'running'].includes((await workbench.ask('jobs.get', { job })).state))
    await new Promise((done) => setTimeout(done, 20));
  const [teacher] = await workbench.ask('teachers.list', {});
  expect(teacher).toMatchObject({ name: 'Demo teacher, CT', family: 'sam-med3d', checks: [{ agrees: true }] });
  expect(statSync(addressOf(join(home, 'One', 'files'), teacher.file)).ino).toBe(statSync(shipped).ino);
  expect(await workbench.ask('teachers.library', {})).toMatchObject([{ from: 'library', here: teacher.id }]);
});

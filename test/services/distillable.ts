/** A small PET/CT project and two teachers for it: bright balls, two labelled, two not, one for testing; SAMs of random weights that see cubes of 32. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import { initialParameters } from '../../src/main/networks/network';
import { type SamSpec, samParameters } from '../../src/main/networks/sam/spec';
import type { CaseId, RunId } from '../../src/shared/domain';
import type { Grid } from '../../src/shared/geometry';
import { type MethodSettings, type MuduoSettings, muduoDefaults } from '../../src/shared/methods';
import { random } from '../../src/shared/random';
import type { CommonSettings } from '../../src/shared/runs';
import type { TeacherFamily, TeacherId } from '../../src/shared/teachers';
import { temporaryFolder } from '../folders';
import { importTeacher } from './importTeachers';
import { smallRun } from './trainable';
import { openBench, startBench, type TestBench, write } from './workbench';

const side = 32;
const spec: SamSpec = {
  ...{ axes: 3, channels: 1, imageSide: side, patch: 16, width: 12, depth: 1, heads: 2, mlpWidth: 12, window: 2, globalBlocks: [0] },
  ...{ promptWidth: 48, maskWidth: 4, decoder: { depth: 1, heads: 8, mlpWidth: 12 }, qualityWidth: 8, masks: 4 },
};
const cube: Grid = { size: [36, 34, 36], affine: [5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] };

/** A large ball and a small one, in different places in every case: CT sees both, PET the small one better. */
function study(seed: number) {
  const [ni, nj, nk] = cube.size;
  const [ci, cj, ck] = [14 + (seed % 3), 15 + (seed % 2), 16 + (seed % 4)];
  const label = new Uint8Array(ni * nj * nk);
  const [ct, pet] = [new Int16Array(label.length), new Float32Array(label.length)];
  for (let n = 0; n < label.length; n++) {
    const [i, j, k] = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / ni / nj)];
    if (Math.hypot(i - ci, j - cj, k - ck) < 9) label[n] = 1;
    if (Math.hypot(i - ci - 13, j - cj, k - ck) < 5) label[n] = 2;
    const noise = (n * 31 + seed * 17) % 23;
    ct[n] = [-80, 120, 60][label[n]] + noise;
    pet[n] = [0.3, 1.5, 6][label[n]] + noise / 100;
  }
  return { ct, pet, label };
}

let template = '';
/** Call once per test file: imports the project that every test of the file gets a copy of. */
export function prepareDistillable(): void {
  beforeAll(async () => {
    template = mkdtempSync(join(tmpdir(), 'understudy-template-'));
    const data = join(template, 'data');
    beginDataset(data);
    for (const [seed, name] of ['labelled 1', 'labelled 2', 'bare 1', 'bare 2', 'test 1'].entries()) {
      const label = (whole: Uint8Array) => (name.startsWith('bare') ? null : whole);
      await writeStudy(data, name.startsWith('test') ? 'Ts' : 'Tr', name, seed, label);
    }
    const bench = await openBench(join(template, 'home'), null);
    await bench.ask('project.create', { folder: join(template, 'Projekt'), name: 'Projekt' });
    expect((await bench.imports(data)).refused).toEqual([]);
    await addTeacher(bench, 'ct teacher', 'sam-med3d', 3);
    await addTeacher(bench, 'pet teacher', 'segany-pet', 4);
    await bench.close();
  });
  afterAll(() => rmSync(template, { recursive: true, force: true }));
}

function beginDataset(data: string): void {
  mkdirSync(data);
  const labels = { background: 0, large: 1, small: 2 };
  writeFileSync(join(data, 'dataset.json'), JSON.stringify({ channel_names: { 0: 'CT', 1: 'PET' }, labels }));
}

/** @param labelOf what of the whole label is written; null writes none */
async function writeStudy(data: string, part: 'Tr' | 'Ts', name: string, seed: number, labelOf: (whole: Uint8Array) => Uint8Array | null) {
  const { ct, pet, label } = study(seed);
  await write(join(data, `images${part}`, `${name}_0000.nii.gz`), ct, cube);
  await write(join(data, `images${part}`, `${name}_0001.nii.gz`), pet, cube);
  const written = labelOf(label);
  if (written) await write(join(data, `labels${part}`, `${name}.nii.gz`), written, cube);
}

/** Brings in a test case that shows both balls and whose reference has the small one alone. */
export async function bringCaseWithoutLarge(bench: TestBench, folder: string): Promise<CaseId> {
  beginDataset(folder);
  await writeStudy(folder, 'Ts', 'no large', 7, (whole) => whole.map((value) => (value === 2 ? value : 0)));
  expect((await bench.imports(folder)).refused).toEqual([]);
  return (await bench.ask('cases.list', {})).find(({ name }) => name === 'no large')!.id;
}

async function addTeacher(bench: TestBench, name: string, family: TeacherFamily, seed: number): Promise<void> {
  const path = weightsFile(name, seed);
  const { id: teacher } = await importTeacher(bench, path, family);
  const licence = { name: 'made for tests', summary: '', where: '' };
  await bench.ask('teachers.update', { teacher, name, spacingMm: 5, licence });
  await bench.ask('teachers.accept', { teacher });
}
const weightsFile = (name: string, seed: number): string => {
  const path = join(template, `${name}.safetensors`);
  writeFileSync(path, encodeSafetensors(initialParameters({ parameters: samParameters(spec) }, random(seed))));
  return path;
};

/** A workbench on a copy of that project. */
export async function startDistillable(folder = join(temporaryFolder(), 'Projekt')): Promise<TestBench> {
  cpSync(join(template, 'Projekt'), folder, { recursive: true });
  return startBench(folder);
}

/** Both teachers of the project. */
export async function teachersOf(bench: TestBench): Promise<{ ct: TeacherId; pet: TeacherId }> {
  const teachers = await bench.ask('teachers.list', {});
  const called = (name: string) => teachers.find((teacher) => teacher.name === name)!.id;
  return { ct: called('ct teacher'), pet: called('pet teacher') };
}

/** MuDuo with a short generator; changes may name its teachers too. */
export async function byMuduo(bench: TestBench, changes: Partial<MuduoSettings> = {}): Promise<MethodSettings> {
  return {
    method: 'muduo',
    muduo: { ...muduoDefaults, teachers: await teachersOf(bench), generatorSteps: 12, moments: 0, consistency: 1, ...changes },
  };
}

/** Settings of a run of some seconds. */
export const distilling = async (bench: TestBench, method: MethodSettings, changes: Partial<CommonSettings> = {}) =>
  smallRun(
    bench,
    { patch: [side, side, side], spacingMm: [5, 5, 5], steps: 12, validationCases: 0, checkpointEvery: 5, ...changes },
    method,
  );

/** Lets the next run train all of its stages itself. */
export const forgetCommonStages = async (bench: TestBench): Promise<void> =>
  rmSync(join((await bench.ask('project.get', {}))!.folder, 'cache', 'training'), { recursive: true, force: true });

export const distil = async (bench: TestBench, method: MethodSettings, changes: Partial<CommonSettings> = {}): Promise<RunId> =>
  bench.ask('runs.start', { settings: await distilling(bench, method, changes) });

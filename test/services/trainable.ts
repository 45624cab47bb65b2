/** A project that a small network learns in seconds: bright balls in dark boxes, three labelled, one unlabelled, two for testing. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { RunId } from '../../src/shared/domain';
import type { Grid } from '../../src/shared/geometry';
import type { MethodSettings } from '../../src/shared/methods';
import type { CommonSettings, TrainSettings } from '../../src/shared/runs';
import { temporaryFolder } from '../folders';
import { openBench, startBench, type TestBench, write } from './workbench';

const cube: Grid = { size: [20, 18, 20], affine: [5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] };

function ball(seed: number): { image: Int16Array; label: Uint8Array } {
  const [ni, nj, nk] = cube.size;
  const [ci, cj, ck] = [8 + (seed % 3), 8 + (seed % 2), 9 + (seed % 4)];
  const label = new Uint8Array(ni * nj * nk);
  const image = new Int16Array(label.length);
  for (let n = 0; n < label.length; n++) {
    const [i, j, k] = [n % ni, Math.floor(n / ni) % nj, Math.floor(n / ni / nj)];
    label[n] = Math.hypot(i - ci, j - cj, k - ck) < 6 ? 1 : 0;
    image[n] = (label[n] ? 120 : -80) + ((n * 31 + seed * 17) % 23);
  }
  return { image, label };
}

let template = '';
/** Call once per test file: imports the project that every test of the file gets a copy of. */
export function prepareTrainable(): void {
  beforeAll(async () => {
    template = mkdtempSync(join(tmpdir(), 'understudy-template-'));
    const data = join(template, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'dataset.json'), JSON.stringify({ channel_names: { 0: 'CT' }, labels: { background: 0, ball: 1 } }));
    for (const [seed, name] of ['train 1', 'train 2', 'train 3', 'unlabelled', 'test 1', 'test 2'].entries()) {
      const part = name.startsWith('test') ? 'Ts' : 'Tr';
      const { image, label } = ball(seed);
      await write(join(data, `images${part}`, `${name}_0000.nii.gz`), image, cube);
      if (name !== 'unlabelled') await write(join(data, `labels${part}`, `${name}.nii.gz`), label, cube);
    }
    const bench = await openBench(join(template, 'home'), null);
    await bench.ask('project.create', { folder: join(template, 'Projekt'), name: 'Projekt' });
    expect((await bench.imports(data)).refused).toEqual([]);
    await bench.close();
  });
  afterAll(() => rmSync(template, { recursive: true, force: true }));
}

/** A workbench on a copy of that project. */
export async function startTrainable(folder = join(temporaryFolder(), 'Projekt')): Promise<TestBench> {
  cpSync(join(template, 'Projekt'), folder, { recursive: true });
  return startBench(folder);
}

/** A network of a few thousand weights that takes a step in some hundredths of a second. */
export async function smallRun(
  bench: TestBench,
  changes: Partial<CommonSettings>,
  method: MethodSettings = { method: 'supervised' },
): Promise<TrainSettings> {
  const defaults: CommonSettings = await bench.ask('runs.defaults', {});
  const small: Partial<CommonSettings> = {
    width: 2,
    device: 'cpu',
    patch: [16, 16, 16],
    batch: 1,
    steps: 40,
    warmupSteps: 2,
    validateEvery: 20,
    checkpointEvery: 10,
    validationCases: 1,
  };
  return { ...defaults, ...small, ...changes, ...method };
}
export const start = async (bench: TestBench, changes: Partial<CommonSettings> = {}, method?: MethodSettings): Promise<RunId> =>
  bench.ask('runs.start', { settings: await smallRun(bench, changes, method) });

/** A real workbench for tests: the built compute process, a temporary home, and a way to wait for jobs and runs. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openWorkbench, type Workbench } from '../../src/main/app';
import { forkCompute, type LaunchCompute } from '../../src/main/compute/host';
import { writeNifti } from '../../src/main/imaging/niftiWrite';
import type { ImportReport, Job, JobId, RunId } from '../../src/shared/domain';
import type { Announcement } from '../../src/shared/events';
import type { Grid } from '../../src/shared/geometry';
import type { Run } from '../../src/shared/runs';
import type { Voxels } from '../../src/shared/volume';
import { built, builtMain } from '../built';
import { temporaryFolder } from '../folders';

export interface TestBench extends Workbench {
  home: string;
  /** Everything announced so far. */
  heard: Announcement[];
  ended(job: JobId): Promise<Job>;
  /** Waits until the run is in one of the states. */
  runIn(run: RunId, ...states: Run['state'][]): Promise<Run>;
  /** Imports and answers with the report. */
  imports(...paths: string[]): Promise<ImportReport>;
  /** The newest compute process. */
  computePid(): number;
}

/** Opens a workbench on a new project (or the one given), and closes it when the test ends. */
export async function startBench(project?: string): Promise<TestBench> {
  const home = temporaryFolder();
  const bench = await openBench(home, project ?? null);
  onTestFinished(() => bench.close());
  if (project === undefined) await bench.ask('project.create', { folder: join(home, 'Projekt'), name: 'Projekt' });
  return bench;
}

/** @param resources folder of what comes with the program; none unless given */
export async function openBench(home: string, project: string | null, resources = ''): Promise<TestBench> {
  await built();
  let computePid: number | undefined;
  const launchCompute: LaunchCompute = (entry) => {
    const child = forkCompute(entry);
    computePid = child.pid;
    return child;
  };
  const installation = { main: builtMain, renderer: '', resources, version: '0.0.0', isDesktop: false, home, launchCompute };
  const bench = await openWorkbench(installation, project);
  const heard: Announcement[] = [];
  bench.listen((announcement) => heard.push(announcement));

  async function until<T>(look: () => Promise<T | null>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found !== null) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const ended = (id: JobId) =>
    until(async () => {
      const job = await bench.ask('jobs.get', { job: id });
      return job.state === 'queued' || job.state === 'running' ? null : job;
    });
  return {
    ...bench,
    home,
    heard,
    ended,
    runIn: (id, ...states) =>
      until(async () => (await bench.ask('runs.list', {})).find((run) => run.id === id && states.includes(run.state)) ?? null),
    async imports(...paths) {
      const job = await ended(await bench.ask('import.start', { paths }));
      if (job.result?.kind !== 'import' || job.state !== 'done') throw new Error(`the import ${job.state}: ${job.message}`);
      return job.result.report;
    },
    computePid: () => computePid!,
  };
}

export const smallGrid: Grid = { size: [6, 7, 8], affine: [2, 0, 0, -10, 0, 2, 0, -20, 0, 0, 3, 5, 0, 0, 0, 1] };

/** Voxels that differ with the seed, like a CT: air outside, tissue inside. */
export function ctVoxels({ size: [i, j, k] }: Grid, seed = 0): Int16Array {
  return Int16Array.from({ length: i * j * k }, (_, n) => (n % 5 === 0 ? -1000 : ((n * (7 + seed)) % 400) - 100 + seed));
}
export const write = (path: string, voxels: Voxels, grid: Grid = smallGrid) => writeNifti(path, { grid, voxels });
/** A label map with the given values in turn. */
export const labelVoxels = ({ size: [i, j, k] }: Grid, values = [0, 1, 2]) =>
  Uint8Array.from({ length: i * j * k }, (_, n) => values[n % values.length]);

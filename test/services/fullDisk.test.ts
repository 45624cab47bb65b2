/** A disk that fills up under a run or an import: a sentence, nothing lost, and on it goes when there is space again. */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../folders';
import { canMount, mounted } from '../store/disks';
import { prepareTrainable, start, startTrainable } from './trainable';
import { ctVoxels, startBench, write } from './workbench';

/** Takes all the space that is left; returns how to give it back. */
function fillUp(folder: string): () => void {
  const ballast = join(folder, 'ballast');
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(ballast, new Uint8Array(bavail * bsize));
  } catch (error) {
    // The run took some of the space between asking and writing: full all the same.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  return () => rmSync(ballast);
}

describe.runIf(canMount)('a disk that fills up', () => {
  prepareTrainable();

  test('fails the run with a sentence; with space again it resumes from its checkpoint', async () => {
    const { folder } = mounted('size=24m');
    const bench = await startTrainable(join(folder, 'Projekt'));
    const id = await start(bench, { steps: 60, checkpointEvery: 4, validationCases: 0 });
    const free = await new Promise<() => void>((resolve) => {
      const stop = bench.listen(async (one) => {
        if (one.name !== 'run.changed' || !(await bench.ask('runs.list', {}))[0].checkpointStep) return;
        stop();
        resolve(fillUp(folder));
      });
    });
    const spaceAgain = setTimeout(free, 3000); // the row itself may need some to be marked
    const failed = await bench.runIn(id, 'failed', 'done', 'stopped', 'interrupted');
    clearTimeout(spaceAgain);
    rmSync(join(folder, 'ballast'), { force: true });
    expect(failed).toMatchObject({ state: 'failed', problem: expect.stringContaining('is full') });
    expect(failed.checkpointStep).toBeGreaterThan(0);
    const check = await bench.ended(await bench.ask('project.check', {}));
    expect(check.result).toMatchObject({ kind: 'check', report: { ok: true, problems: [] } });
    await bench.ask('runs.resume', { run: id });
    expect(await bench.runIn(id, 'done', 'failed')).toMatchObject({ state: 'done', step: 60 });
  });

  test('ends the import with a sentence and keeps what had come in', async () => {
    const { folder } = mounted('size=3m');
    const bench = await startBench();
    await bench.ask('project.create', { folder: join(folder, 'Voll'), name: 'Voll' });
    const source = temporaryFolder();
    const grid = { size: [64, 64, 64], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] } as const;
    for (let n = 0; n < 6; n++) await write(join(source, `${n}.nii.gz`), ctVoxels(grid, n), grid);
    const job = await bench.ended(await bench.ask('import.start', { paths: [source] }));
    expect(job).toMatchObject({ state: 'failed', code: 'DISK_FULL', message: expect.stringContaining('is full') });
    const cases = (await bench.ask('cases.list', {})).map((one) => one.name);
    expect(cases.length).toBeGreaterThan(0);
    expect(cases.length).toBeLessThan(6);
    if (job.result?.kind !== 'import') throw new Error('a failed import still reports');
    expect(job.result.report.imported.map((one) => one.case)).toEqual(cases);
    // The disk is still full: the check cannot be written into the log, but its result is there.
    const check = await bench.ended(await bench.ask('project.check', {}));
    expect(check.result).toMatchObject({ report: { ok: true, problems: [] } });
  });
});

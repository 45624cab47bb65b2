/** A MuDuo run whose compute process is killed at fifty random moments ends with the parameters and curves of one that nobody disturbed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/main/checkpoints/safetensors';
import type { RunId } from '../../src/shared/domain';
import { random } from '../../src/shared/random';
import { byMuduo, distil, forgetCommonStages, prepareDistillable, startDistillable } from '../services/distillable';
import type { TestBench } from '../services/workbench';

prepareDistillable();

const kills = 50;
/** After a run goes on it is killed within so many milliseconds: now while models are built, now in a stage of its training or while saving. */
const longestWait = 6000;

test('a run that is killed at fifty random moments ends like one that was left alone', async () => {
  const bench = await startDistillable();
  const method = await byMuduo(bench, { begins: 0.3, generatorSteps: 40 });
  const changes = { steps: 60, checkpointEvery: 4 };
  const start = () => distil(bench, method, changes);
  const ended = async (run: RunId) => bench.runIn(run, 'done', 'failed', 'stopped', 'interrupted');

  const undisturbed = await start();
  expect(await ended(undisturbed)).toMatchObject({ state: 'done' });
  const wanted = { files: stateOf(await folderOf(bench), undisturbed), curves: await bench.ask('runs.curves', { run: undisturbed }) };

  const stream = random(7).fork('moments');
  const killedAt: string[] = [];
  while (killedAt.length < kills) {
    await forgetCommonStages(bench);
    const run = await start();
    for (;;) {
      const wait = killedAt.length < kills ? stream.uniform(0, longestWait) : Number.POSITIVE_INFINITY;
      const end = await Promise.race([ended(run), ...(wait < Number.POSITIVE_INFINITY ? [after(wait)] : [])]);
      if (end?.state === 'done') break;
      process.kill(bench.computePid(), 'SIGKILL');
      const { state, generatorStep, step } = await ended(run);
      if (state === 'done') break; // the end was told before the process fell
      expect(state).toBe('interrupted');
      killedAt.push(`${generatorStep}/${step}`);
      await bench.ask('runs.resume', { run });
      await bench.runIn(run, 'running', 'done', 'failed');
    }
    expect(stateOf(await folderOf(bench), run)).toEqual(wanted.files);
    expect(await bench.ask('runs.curves', { run })).toEqual(wanted.curves);
  }
  console.log(`killed after these steps of generator/student: ${killedAt.join(' ')}`);
});

const after = (ms: number) => new Promise<null>((resolve) => setTimeout(resolve, ms, null));
const folderOf = async (bench: TestBench) => (await bench.ask('project.get', {}))!.folder;
/** Everything that both checkpoints hold but the time they took. */
const stateOf = (folder: string, run: RunId) =>
  ['generator', 'last'].map((name) => {
    const path = join(folder, 'runs', run, `${name}.safetensors`);
    return decodeSafetensors(readFileSync(path), path).tensors;
  });

/** A student's whole life through the workbench, with the real compute process: trained, stopped, killed, resumed, used, taken away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunId } from '../../src/shared/domain';
import type { TrainSettings } from '../../src/shared/runs';
import { builtMain } from '../built';
import { prepareTrainable, smallRun, start, startTrainable } from './trainable';
import { startBench, type TestBench } from './workbench';

prepareTrainable();

const endless: Partial<TrainSettings> = { steps: 100_000, checkpointEvery: 5, validationCases: 0 };
/** Waits for the run's first announced step: it is told at once, so even a fast machine has not finished by then. */
const firstStep = (bench: TestBench, id: RunId) =>
  new Promise<void>((resolve) => {
    const stop = bench.listen((one) => {
      if (one.name !== 'run.progress' || one.data.run !== id) return;
      stop();
      resolve();
    });
  });
const firstCheckpoint = (bench: TestBench, id: RunId) =>
  new Promise<void>((resolve) => {
    const stop = bench.listen(async (one) => {
      if (one.name !== 'run.changed' || (await bench.ask('runs.list', {})).find((run) => run.id === id)?.checkpointStep === 0) return;
      stop();
      resolve();
    });
  });
const checked = async (bench: TestBench) => (await bench.ended(await bench.ask('project.check', {}))).result;
const sound = expect.objectContaining({ kind: 'check', report: expect.objectContaining({ ok: true, problems: [] }) });

describe('a student', () => {
  test('is trained, labels every case, is scored on the test cases and taken away', async () => {
    const bench = await startTrainable();
    const run = await bench.runIn(await start(bench), 'done', 'failed', 'interrupted');
    expect(run).toMatchObject({
      state: 'done',
      problem: null,
      step: 40,
      checkpointStep: 40,
      device: expect.stringContaining('onnxruntime'),
    });

    const names = new Map((await bench.ask('cases.list', {})).map((one) => [one.id, one.name]));
    expect([...run.cases.training, ...run.cases.validation].map((id) => names.get(id)).sort()).toEqual(['train 1', 'train 2', 'train 3']);
    expect(run.cases.validation).toHaveLength(1);

    const curves = await bench.ask('runs.curves', { run: run.id });
    expect(curves.loss.at(-1)?.step).toBe(40);
    expect(curves.validation.map((point) => point.step)).toEqual([20, 40]);
    expect(curves['validation/1']).toEqual(curves.validation); // one structure: its score is the mean
    expect(run.bestDice).toBe(Math.max(...curves.validation.map((point) => point.value)));

    const models = await bench.ask('models.list', {});
    expect(models[0]).toMatchObject({
      which: 'best',
      run: run.id,
      validationDice: run.bestDice,
      spec: { structures: [1], patch: [16, 16, 16] },
    });
    expect(models.map((model) => model.step)).toContain(40);

    const predicted = await bench.ended(await bench.ask('predict.start', { model: models[0].id }));
    expect(predicted).toMatchObject({ state: 'done' });
    expect(await bench.ask('predictions.list', {})).toHaveLength(6);
    const again = await bench.ended(await bench.ask('predict.start', { model: models[0].id }));
    expect(again.result).toEqual({ kind: 'predict', predictions: [] });

    const evaluated = await bench.ended(await bench.ask('evaluate.start', { model: models[0].id }));
    expect(evaluated.state).toBe('done');
    const [summary] = await bench.ask('evaluations.list', {});
    expect(evaluated.result).toEqual({ kind: 'evaluate', summary });
    expect(summary.cases.map((one) => one.name).sort()).toEqual(['test 1', 'test 2']);
    expect(summary.structures).toMatchObject([{ structure: 1, name: 'ball', cases: 2 }]);

    const out = join(bench.home, 'out');
    const exported = await bench.ended(await bench.ask('export.start', { what: 'masks', out, model: models[0].id }));
    expect(exported).toMatchObject({ state: 'done', result: { files: expect.arrayContaining([join(out, 'test 1.nii.gz')]) } });
    await expect(bench.ask('export.start', { what: 'masks', out, model: null })).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    const onnx = await bench.ended(await bench.ask('export.start', { what: 'model', out, model: models[0].id }));
    expect(onnx.result).toEqual({ kind: 'export', files: [join(out, `${models[0].name}.onnx`)] });

    expect(await checked(bench)).toEqual(sound);
    const log = (await bench.ask('project.log', {})).map((entry) => entry.kind);
    expect(new Set(log)).toEqual(new Set(['project', 'import', 'run', 'predict', 'evaluate', 'export', 'check']));
  });
});

describe('a run', () => {
  test('waits for the one before it, and can be taken back while it waits', async () => {
    const bench = await startTrainable();
    const first = await start(bench, endless);
    const second = await start(bench, { steps: 4, validationCases: 0 });
    const third = await start(bench, { steps: 4 });
    await firstStep(bench, first);
    expect((await bench.ask('runs.list', {})).map((run) => run.state)).toEqual(['queued', 'queued', 'running']);
    await bench.ask('runs.stop', { run: third });
    await bench.ask('runs.stop', { run: first });
    await bench.runIn(second, 'done');
    expect((await bench.ask('runs.list', {})).map((run) => run.state)).toEqual(['stopped', 'done', 'stopped']);
    await expect(bench.ask('runs.resume', { run: second })).rejects.toMatchObject({ code: 'RUN_STATE' });
  });

  test('has its cost told by the pace of the one that trains', async () => {
    const bench = await startTrainable();
    const first = await start(bench, endless);
    await firstStep(bench, first);
    const settings = await smallRun(bench, { steps: 500 });
    const [same, larger] = [
      await bench.ask('runs.forecast', { settings }),
      await bench.ask('runs.forecast', { settings: { ...settings, patch: [64, 64, 64] } }),
    ];
    expect(same.sentence).toMatch(/by the pace of the run that trains now: an estimate, nothing was measured\.$/);
    expect(same).toMatchObject({ fits: true, totalSeconds: expect.closeTo(500 * same.stepSeconds) });
    expect(same.stepSeconds).toBeGreaterThan(0.001);
    expect(same.stepSeconds).toBeLessThan(2);
    expect(larger.stepSeconds).toBeGreaterThan(2 * same.stepSeconds);
    expect((await bench.ask('runs.list', {}))[0].state).toBe('running');
    const elsewhere = bench.ask('runs.forecast', { settings: { ...settings, device: 'webgpu' } });
    await expect(elsewhere).rejects.toMatchObject({ code: 'RUN_BUSY', message: expect.stringContaining('has not been tried') });
    await bench.ask('runs.stop', { run: first });
    await bench.runIn(first, 'stopped');
  });

  test('in mixed precision is refused on the processor, with the reason', async () => {
    const bench = await startTrainable();
    const settings = await smallRun(bench, { precision: 'mixed' });
    const refused = { code: 'PRECISION_UNAVAILABLE', message: expect.stringContaining('slower') };
    await expect(bench.ask('runs.start', { settings })).rejects.toMatchObject(refused);
    await expect(bench.ask('runs.forecast', { settings })).rejects.toMatchObject(refused);
    expect(await bench.ask('runs.list', {})).toEqual([]);
  });

  test('that is stopped keeps a checkpoint and a model, and goes on from there', async () => {
    const bench = await startTrainable();
    const id = await start(bench, { ...endless, steps: 40 });
    await firstStep(bench, id);
    await bench.ask('runs.stop', { run: id });
    const stopped = await bench.runIn(id, 'stopped', 'failed', 'done');
    expect(stopped).toMatchObject({ state: 'stopped', problem: null });
    expect(stopped.checkpointStep).toBe(stopped.step);
    expect((await bench.ask('models.list', {})).map((model) => [model.which, model.step])).toEqual([['last', stopped.step]]);

    await bench.ask('runs.resume', { run: id });
    const done = await bench.runIn(id, 'done', 'failed', 'interrupted');
    expect(done).toMatchObject({ state: 'done', step: 40, checkpointStep: 40 });
    expect(done.trainedSeconds).toBeGreaterThan(stopped.trainedSeconds);
    const steps = (await bench.ask('runs.curves', { run: id })).loss.map((point) => point.step);
    expect(steps).toEqual([...new Set(steps)]);
    expect(steps.at(-1)).toBe(40);
  });

  test('does not go on with a case that has become a test case meanwhile', async () => {
    const bench = await startTrainable();
    const id = await start(bench, { ...endless, steps: 40 });
    await firstStep(bench, id);
    await bench.ask('runs.stop', { run: id });
    const { cases } = await bench.runIn(id, 'stopped');
    await bench.ask('cases.setSplit', { cases: [cases.training[0]], split: 'test' });
    await expect(bench.ask('runs.resume', { run: id })).rejects.toMatchObject({ code: 'RUN_TEST_CASE' });
    expect((await bench.ask('runs.list', {}))[0].state).toBe('stopped');
  });

  test('without a labelled case is refused before it begins', async () => {
    const bench = await startTrainable();
    const cases = await bench.ask('cases.list', {});
    await bench.ask('cases.setSplit', { cases: cases.filter((one) => one.split === 'train').map((one) => one.id), split: 'test' });
    await expect(start(bench)).rejects.toMatchObject({ code: 'RUN_NEEDS_LABELS' });
    expect(await bench.ask('runs.list', {})).toEqual([]);
  });
});

describe('when the compute process is killed in the middle of a step', () => {
  test('the run is marked with a sentence, the rest lives, and one question resumes it to the same end as if nothing had happened', async () => {
    const bench = await startTrainable();
    const settings = { steps: 30, checkpointEvery: 4, validationCases: 0 };
    const undisturbed = await start(bench, settings);
    await bench.runIn(undisturbed, 'done');

    const id = await start(bench, settings);
    await firstCheckpoint(bench, id);
    process.kill(bench.computePid()!, 'SIGKILL');
    const interrupted = await bench.runIn(id, 'interrupted', 'done', 'failed');
    expect(interrupted).toMatchObject({ state: 'interrupted', problem: expect.stringContaining('SIGKILL') });
    expect(await checked(bench)).toEqual(sound);

    await bench.ask('runs.resume', { run: id });
    expect(await bench.runIn(id, 'done', 'failed', 'interrupted')).toMatchObject({ state: 'done', step: 30 });
    const [curves, reference] = [await bench.ask('runs.curves', { run: id }), await bench.ask('runs.curves', { run: undisturbed })];
    expect(curves.loss).toEqual(reference.loss);
    const files = (await bench.ask('models.list', {})).map((model) => model.run === id || model.run === undisturbed);
    expect(files).toEqual([true, true]);
  });
});

describe('when the project is closed', () => {
  test('the run stops with a checkpoint, says so, and resumes in the next session', async () => {
    const bench = await startTrainable();
    const { folder } = (await bench.ask('project.get', {}))!;
    const id = await start(bench, { ...endless, steps: 40 });
    await firstStep(bench, id);
    await bench.close();
    expect(existsSync(join(folder, 'runs', id, 'last.safetensors'))).toBe(true);
    expect(readdirSync(folder)).not.toContain('lock.json');

    const next = await startBench(folder);
    const [run] = await next.ask('runs.list', {});
    expect(run).toMatchObject({ state: 'stopped', problem: expect.stringContaining(`continues from step ${run.checkpointStep}`) });
    await next.ask('runs.resume', { run: id });
    expect(await next.runIn(id, 'done', 'failed')).toMatchObject({ state: 'done', step: 40 });
  });
});

describe('when the whole program is killed', () => {
  test('the project opens again, checks clean, and the run goes on from its checkpoint', async () => {
    const bench = await startTrainable();
    const { folder } = (await bench.ask('project.get', {}))!;
    const settings = await smallRun(bench, { steps: 40, checkpointEvery: 5, validationCases: 0 });
    await bench.close();

    const program = spawn(
      process.execPath,
      [join(import.meta.dirname, 'programProcess.mjs'), builtMain, folder, JSON.stringify(settings)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void program.kill('SIGKILL'));
    for await (const line of createInterface({ input: program.stdout })) {
      if ((JSON.parse(line) as { checkpointStep: number }).checkpointStep >= 5) break;
    }
    await expect(startBench(folder)).rejects.toMatchObject({
      code: 'PROJECT_LOCKED',
      message: expect.stringContaining(`process ${program.pid}`),
    });
    program.kill('SIGKILL');
    await once(program, 'exit');

    const next = await startBench(folder);
    const [run] = await next.ask('runs.list', {});
    expect(run).toMatchObject({ state: 'interrupted', problem: expect.stringContaining(`continues from step ${run.checkpointStep}`) });
    expect(run.checkpointStep).toBeGreaterThanOrEqual(5);
    expect(await checked(next)).toEqual(sound);
    await next.ask('runs.resume', { run: run.id });
    expect(await next.runIn(run.id, 'done', 'failed')).toMatchObject({ state: 'done', step: 40 });
    expect(await checked(next)).toEqual(sound);
  });
});

test('an exported image is what was imported', async () => {
  const bench = await startTrainable();
  const out = join(bench.home, 'images');
  const job = await bench.ended(await bench.ask('export.start', { what: 'images', out }));
  expect(job.state).toBe('done');
  expect(readdirSync(out).sort()).toEqual(
    ['test 1', 'test 2', 'train 1', 'train 2', 'train 3', 'unlabelled'].map((name) => `${name}_0000.nii.gz`),
  );
  const second = await startBench();
  expect((await second.imports(out)).refused).toEqual([]);
  const [a, b] = [await bench.ask('cases.list', {}), await second.ask('cases.list', {})];
  expect(b.map((one) => [one.name, one.grid, one.channels[0].file])).toEqual(a.map((one) => [one.name, one.grid, one.channels[0].file]));
  expect(readFileSync(join(out, 'train 1_0000.nii.gz')).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
});

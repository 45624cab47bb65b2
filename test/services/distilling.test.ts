/** Runs that learn without labels, with the real compute process: MuDuo, its controls, and mean teacher. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { decodeSafetensors } from '../../src/main/checkpoints/safetensors';
import { addressOf, hashFile } from '../../src/main/files/durable';
import type { FileHash, RunId } from '../../src/shared/domain';
import { type MethodSettings, meanTeacherDefaults } from '../../src/shared/methods';
import type { Curves } from '../../src/shared/runs';
import { relativeDifference } from '../golden';
import { byMuduo, distil, distilling, forgetCommonStages, prepareDistillable, startDistillable, teachersOf } from './distillable';
import { startBench, type TestBench } from './workbench';

prepareDistillable();

const supervised: MethodSettings = { method: 'supervised' };
const byMeanTeacher: MethodSettings = { method: 'meanTeacher', meanTeacher: { ...meanTeacherDefaults, consistency: 10 } };

const curvesOf = (bench: TestBench, run: RunId): Promise<Curves> => bench.ask('runs.curves', { run });
const valuesOf = (curves: Curves, name: string) => curves[name].map(({ value }) => value);
async function finish(bench: TestBench, run: RunId): Promise<void> {
  expect(await bench.runIn(run, 'done', 'failed', 'stopped', 'interrupted')).toMatchObject({ state: 'done', problem: null });
}
/** Waits until a run tells of such a step from now on: what it did before it was killed does not count. */
async function reach(bench: TestBench, run: RunId, stage: 'generator' | 'student', step: number): Promise<void> {
  const before = bench.heard.length;
  const isThere = () =>
    bench.heard
      .slice(before)
      .some((one) => one.name === 'run.progress' && one.data.run === run && one.data.stage === stage && one.data.step >= step);
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 5));
}
const pathOf = async (bench: TestBench, run: RunId, name: string): Promise<string> =>
  join((await bench.ask('project.get', {}))!.folder, 'runs', run, `${name}.safetensors`);
const readAll = (path: string) => decodeSafetensors(readFileSync(path), path).tensors;
/** Everything a checkpoint holds but the time it took. */
const stateOf = async (bench: TestBench, run: RunId, name = 'last') => readAll(await pathOf(bench, run, name));

describe('a run by MuDuo', () => {
  test('leaves its teachers and its generator as they were, and a student that needs neither', async () => {
    const bench = await startDistillable();
    const run = await distil(bench, await byMuduo(bench));
    await reach(bench, run, 'student', 1);
    const generator = await hashFile(await pathOf(bench, run, 'generator'));
    await finish(bench, run);
    expect(await hashFile(await pathOf(bench, run, 'generator'))).toEqual(generator);
    const teachers = await bench.ask('teachers.list', {});
    const { folder } = (await bench.ask('project.get', {}))!;
    for (const { file } of teachers) expect(await hashFile(addressOf(join(folder, 'files'), file))).toBe(file);

    const [model] = await bench.ask('models.list', {});
    const student = [...readAll(addressOf(join(folder, 'files'), model.file)).keys()];
    expect(student.filter((name) => !name.startsWith('slot.')).sort()).toEqual([...(await stateOf(bench, run, 'generator')).keys()].filter((name) => !name.startsWith('slot.')).sort()); // biome-ignore format: one law
    const masks = async (): Promise<FileHash[]> => {
      await bench.ended(await bench.ask('predict.start', { model: model.id, again: true }));
      const newest = (await bench.ask('predictions.list', {})).toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, 5);
      return newest.toSorted((a, b) => (a.case < b.case ? -1 : 1)).map(({ file }) => file);
    };
    const before = await masks();
    for (const { id } of teachers) await bench.ask('teachers.remove', { teacher: id });
    expect(await masks()).toEqual(before);
    expect(before).toHaveLength(5);
  });

  test('says by curves what it learned from: weight and rate as the schedule has them, agreement, and what was kept', async () => {
    const bench = await startDistillable();
    const run = await distil(bench, await byMuduo(bench, { consistency: 0.4, ramp: 0.5 }));
    await finish(bench, run);
    const curves = await curvesOf(bench, run);
    expect(Object.keys(curves).filter((name) => !name.startsWith('generator/')).sort()).toEqual(['agreement', 'consistency', 'consistencyLoss', 'crossEntropy', 'diceLoss', 'kept', 'loss', 'rate']); // biome-ignore format: a list
    expect(Object.keys(curves).filter((name) => name.startsWith('generator/'))).toEqual(['generator/crossEntropy', 'generator/diceLoss', 'generator/loss']); // biome-ignore format: a list
    const weights = valuesOf(curves, 'consistency');
    expect(weights[0]).toBeCloseTo(0.4 * Math.exp(-5), 6);
    expect(weights.slice(6)).toEqual(Array(6).fill(0.4));
    for (const name of ['agreement', 'kept']) for (const value of valuesOf(curves, name)) expect(value >= 0 && value <= 1).toBe(true);
    const [loss, entropy, dice, unlike] = ['loss', 'crossEntropy', 'diceLoss', 'consistencyLoss'].map((name) => valuesOf(curves, name));
    expect(relativeDifference(loss.map((value, at) => value - (entropy[at] + dice[at]) / 2), unlike.map((value, at) => weights[at] * value))).toBeLessThan(1e-4); // biome-ignore format: one law
  });

  test('takes the steps of labels alone until unlabelled patches join', async () => {
    const bench = await startDistillable();
    const alone = await distil(bench, supervised);
    await finish(bench, alone);
    const joined = await distil(bench, await byMuduo(bench, { begins: 0.5 }));
    await finish(bench, joined);
    const [without, withThem] = [await curvesOf(bench, alone), await curvesOf(bench, joined)];
    expect(valuesOf(withThem, 'loss').slice(0, 6)).toEqual(valuesOf(without, 'loss').slice(0, 6));
    expect(valuesOf(withThem, 'rate')).toEqual(valuesOf(without, 'rate'));
    expect(withThem.consistency.map(({ step }) => step)).toEqual([7, 8, 9, 10, 11, 12]);
    expect(valuesOf(withThem, 'consistency')[0]).toBeCloseTo(Math.exp(-5), 6);
    expect(valuesOf(withThem, 'loss').slice(7)).not.toEqual(valuesOf(without, 'loss').slice(7));
  });

  test('takes over what an earlier run trained just so, tells it as its own, and ends as if it had not', async () => {
    const bench = await startDistillable();
    const alone = await distil(bench, await byMuduo(bench, { begins: 0.5 }));
    await finish(bench, alone);
    await forgetCommonStages(bench);
    const first = await distil(bench, await byMuduo(bench, { begins: 0.5, filter: 'none' }));
    await finish(bench, first);
    const second = await distil(bench, await byMuduo(bench, { begins: 0.5 }));
    await finish(bench, second);
    const stepsTold = (run: RunId) =>
      bench.heard.flatMap(({ name, data }) => (name === 'run.progress' && data.run === run ? [`${data.stage} ${data.step}`] : []));
    expect(stepsTold(first)).toContain('generator 12');
    expect(stepsTold(first)).toContain('student 6');
    // However many steps are told at once, none of those it took over is.
    const told = stepsTold(second);
    expect(told[0]).toBe('student 7');
    expect([7, 8, 9, 10, 11, 12].map((step) => `student ${step}`).filter((step) => told.includes(step))).toEqual(told);
    expect(await curvesOf(bench, second)).toEqual(await curvesOf(bench, alone));
    for (const name of ['generator', 'last']) expect(await stateOf(bench, second, name)).toEqual(await stateOf(bench, alone, name));
    expect(await bench.runIn(second, 'done')).toMatchObject({ step: 12, generatorStep: 12 });
  });

  test('leaves its steps on labels alone to a student that knows nothing else, which ends as if it had trained them itself', async () => {
    const bench = await startDistillable();
    const alone = await distil(bench, supervised);
    await finish(bench, alone);
    await finish(bench, await distil(bench, await byMuduo(bench, { begins: 0.5, generatorSteps: 2 })));
    const after = await distil(bench, supervised);
    await finish(bench, after);
    const told = bench.heard.flatMap(({ name, data }) => (name === 'run.progress' && data.run === after ? [data.step] : []));
    expect(told[0]).toBe(7);
    expect(await curvesOf(bench, after)).toEqual(await curvesOf(bench, alone));
    expect(await stateOf(bench, after)).toEqual(await stateOf(bench, alone));
  });

  test('does not fail where nothing can be kept for other runs', async () => {
    const bench = await startDistillable();
    const { folder } = (await bench.ask('project.get', {}))!;
    mkdirSync(join(folder, 'cache'), { recursive: true });
    writeFileSync(join(folder, 'cache', 'training'), 'a file where a folder is wanted');
    const run = await distil(bench, await byMuduo(bench, { begins: 0.5, generatorSteps: 2 }), { steps: 2 });
    await finish(bench, run);
  });

  test('is made of what its record says', async () => {
    const bench = await startDistillable();
    const method = await byMuduo(bench, { generatorSteps: 1 });
    const run = await distil(bench, method, { steps: 1 });
    await finish(bench, run);
    const record = (await bench.ask('runs.record', { run }))!;
    const cases = new Map((await bench.ask('cases.list', {})).map((one) => [one.id, one]));
    expect(record.program).toBe('0.0.0');
    expect(record.cases.map(({ name, role }) => [name, role])).toEqual([
      ['labelled 1', 'training'],
      ['labelled 2', 'training'],
      ['bare 1', 'unlabelled'],
      ['bare 2', 'unlabelled'],
    ]);
    for (const { case: id, images, label } of record.cases) {
      expect(images).toEqual(cases.get(id)!.channels.map(({ file }) => file));
      expect(label).toBe(cases.get(id)!.label?.file ?? null);
    }
    const teachers = await bench.ask('teachers.list', {});
    expect(record.teachers).toEqual(
      teachers.map(({ id, name, file, intensity }) => ({
        sees: name.slice(0, name.indexOf(' ')),
        teacher: id,
        name,
        weights: file,
        intensity,
      })),
    );
    const [{ cases: used }] = await bench.ask('runs.list', {});
    expect([used.training.length, used.validation.length, used.unlabelled.length]).toEqual([2, 0, 2]);
  });

  test('ends alike however often it was stopped or killed, in either stage', async () => {
    const bench = await startDistillable();
    const method = await byMuduo(bench, { begins: 0.4 });
    const undisturbed = await distil(bench, method);
    await finish(bench, undisturbed);
    await forgetCommonStages(bench);

    const disturbed = await distil(bench, method);
    await reach(bench, disturbed, 'generator', 3);
    await bench.ask('runs.stop', { run: disturbed });
    const inGenerator = await bench.runIn(disturbed, 'stopped', 'done', 'failed');
    expect(inGenerator).toMatchObject({ state: 'stopped', step: 0, checkpointStep: 0 });
    expect(inGenerator.generatorStep).toBeGreaterThanOrEqual(3);
    expect(await bench.ask('models.list', {})).toHaveLength(1);

    await bench.ask('runs.resume', { run: disturbed });
    await reach(bench, disturbed, 'generator', Math.min(12, inGenerator.generatorStep + 2));
    process.kill(bench.computePid(), 'SIGKILL');
    expect(await bench.runIn(disturbed, 'interrupted', 'done', 'failed')).toMatchObject({ state: 'interrupted' });

    await bench.ask('runs.resume', { run: disturbed });
    await reach(bench, disturbed, 'student', 3);
    await bench.ask('runs.stop', { run: disturbed });
    expect(await bench.runIn(disturbed, 'stopped', 'done', 'failed')).toMatchObject({ state: 'stopped', generatorStep: 12 });

    await bench.ask('runs.resume', { run: disturbed });
    await reach(bench, disturbed, 'student', 7);
    process.kill(bench.computePid(), 'SIGKILL');
    expect(await bench.runIn(disturbed, 'interrupted', 'done', 'failed')).toMatchObject({ state: 'interrupted' });
    await bench.ask('runs.resume', { run: disturbed });
    await finish(bench, disturbed);

    expect(await curvesOf(bench, disturbed)).toEqual(await curvesOf(bench, undisturbed));
    for (const name of ['generator', 'last'])
      expect(await stateOf(bench, disturbed, name)).toEqual(await stateOf(bench, undisturbed, name));
  });
});

describe('a run by mean teacher', () => {
  test('goes on with its running average where it was stopped', async () => {
    const bench = await startDistillable();
    const undisturbed = await distil(bench, byMeanTeacher);
    await finish(bench, undisturbed);
    const disturbed = await distil(bench, byMeanTeacher);
    await reach(bench, disturbed, 'student', 4);
    await bench.ask('runs.stop', { run: disturbed });
    await bench.runIn(disturbed, 'stopped');
    await bench.ask('runs.resume', { run: disturbed });
    await finish(bench, disturbed);
    expect(await curvesOf(bench, disturbed)).toEqual(await curvesOf(bench, undisturbed));
    const state = await stateOf(bench, disturbed);
    expect(state).toEqual(await stateOf(bench, undisturbed));
    const average = state.get('slot.teacher.final.weight')!;
    expect(relativeDifference(average.data as Float32Array, state.get('final.weight')!.data as Float32Array)).toBeGreaterThan(1e-3);
  });
});

test('every method starts from the same student and sees the same labels: without weight for the rest, all learn alike', async () => {
  const bench = await startDistillable();
  const { ct, pet } = await teachersOf(bench);
  const quiet = { consistency: 0, generatorSteps: 2 };
  const methods: MethodSettings[] = [
    supervised,
    { method: 'meanTeacher', meanTeacher: { ...meanTeacherDefaults, consistency: 0 } },
    await byMuduo(bench, quiet),
    await byMuduo(bench, { ...quiet, teachers: { ct, pet: null } }),
    await byMuduo(bench, { ...quiet, teachers: { ct: null, pet } }),
    await byMuduo(bench, { ...quiet, filter: 'none' }),
    await byMuduo(bench, { ...quiet, filter: { agreementAtLeast: 0.5 } }),
    await byMuduo(bench, { ...quiet, clicks: 1 }),
  ];
  const runs: RunId[] = [];
  for (const method of methods) runs.push(await distil(bench, method, { steps: 4 }));
  for (const run of runs) await finish(bench, run);
  const [expected, ...others] = await Promise.all(runs.map((run) => curvesOf(bench, run)));
  for (const name of ['crossEntropy', 'diceLoss', 'rate']) {
    for (const curves of others) expect(relativeDifference(valuesOf(curves, name), valuesOf(expected, name))).toBeLessThan(1e-4);
  }
  const agreed = others.map((curves) => 'agreement' in curves);
  expect(agreed).toEqual([false, true, false, false, true, true, true]);
  expect('generator/loss' in others[2]).toBe(false); // nobody is clicked for
});

describe('a run that learns without labels is refused', () => {
  test('where every training case has a label, or none has', async () => {
    const bench = await startDistillable();
    const cases = await bench.ask('cases.list', {});
    const move = (name: string) => bench.ask('cases.setSplit', { cases: cases.filter((one) => one.name.startsWith(name)).map(({ id }) => id), split: 'validation' }); // biome-ignore format: a helper
    const method = await byMuduo(bench);
    await move('bare');
    await expect(distil(bench, method)).rejects.toMatchObject({ code: 'RUN_NEEDS_UNLABELLED' });
    await expect(distil(bench, byMeanTeacher)).rejects.toMatchObject({ code: 'RUN_NEEDS_UNLABELLED' });
    await move('labelled');
    await expect(distil(bench, method)).rejects.toMatchObject({ code: 'RUN_NEEDS_LABELS' });
  });

  test('where its teachers may not be asked, or see something else', async () => {
    const bench = await startDistillable();
    const { ct, pet } = await teachersOf(bench);
    const refused = async (code: string, method: MethodSettings, changes = {}) => {
      await expect(distil(bench, method, changes)).rejects.toMatchObject({ code });
      await expect(bench.ask('runs.forecast', { settings: await distilling(bench, method, changes) })).rejects.toMatchObject({ code });
    };
    const method = await byMuduo(bench);
    await refused('RUN_TEACHER_LATTICE', method, { patch: [48, 48, 48] });
    await refused('RUN_TEACHER_LATTICE', method, { spacingMm: [4, 4, 4] });
    await refused('RUN_TEACHER_SEES', await byMuduo(bench, { teachers: { ct: pet, pet: null } }));
    await refused('BAD_INPUT', await byMuduo(bench, { teachers: { ct: null, pet: null } }));
    await bench.ask('teachers.update', { teacher: ct, spacingMm: 4 });
    await refused('RUN_TEACHERS_DIFFER', method);
    await bench.ask('teachers.update', { teacher: ct, spacingMm: 5, licence: { name: 'another', summary: '', where: '' } });
    await refused('TEACHER_NOT_ACCEPTED', method);
    await bench.ask('teachers.remove', { teacher: ct });
    await refused('TEACHER_GONE', method);
  });

  test('where a case holds the voxels of a test case under another name', async () => {
    const bench = await startDistillable();
    const { folder } = (await bench.ask('project.get', {}))!;
    const cases = await bench.ask('cases.list', {});
    const [bare, kept] = ['bare 1', 'test 1'].map((name) => cases.find((one) => one.name === name)!);
    await bench.close();
    const database = new Database(join(folder, 'project.sqlite'));
    database.prepare('UPDATE volumes SET file = ? WHERE id = ?').run(kept.channels[1].file, bare.channels[1].id);
    database.close();
    const again = await startBench(folder);
    const method = await byMuduo(again);
    const refusal = { code: 'RUN_TEST_VOXELS', message: expect.stringContaining('Case bare 1 holds the same voxels as test 1') };
    await expect(distil(again, method)).rejects.toMatchObject(refusal);
    await finish(again, await distil(again, supervised, { steps: 1 }));
  });
});

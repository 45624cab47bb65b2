/** Studies through the workbench, with the real compute process: planned, trained, scored, compared, stopped, gone on with, and written out. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { decode as decodePng } from 'fast-png';
import { describe, expect, test, vi } from 'vitest';
import { addressOf } from '../../src/main/files/durable';
import { alreadyTrained } from '../../src/main/services/studies/alreadyTrained';
import { setSplit } from '../../src/main/store/cases';
import { openStore } from '../../src/main/store/store';
import type { Input } from '../../src/shared/contract';
import { meanTeacherDefaults } from '../../src/shared/methods';
import type { Study, StudyId } from '../../src/shared/studies';
import { prepareDistillable, startDistillable, teachersOf } from './distillable';
import { prepareTrainable, start, startTrainable } from './trainable';
import { startBench, type TestBench } from './workbench';

prepareTrainable();
prepareDistillable();
/** Every student is a run, masks and scores: minutes on a machine that does other things. */
vi.setConfig({ testTimeout: 300_000 });

type Plan = Input<'studies.create'>['plan'];
const small = { width: 2, device: 'cpu', patch: [16, 16, 16], steps: 6, warmupSteps: 2, checkpointEvery: 2, validationCases: 0 } as const;
const labelsOnly = { name: 'Labels only', method: 'supervised' } as const;
const averaged = { name: 'Mean teacher', method: 'meanTeacher', meanTeacher: { consistency: 1 } } as const;
const plan = (changes: Partial<Plan> = {}): Plan => ({
  ...{ name: 'Labels', configurations: [labelsOnly, averaged], seeds: [1], budgets: [1, null] },
  ...changes,
  settings: { ...small, ...changes.settings } as Plan['settings'],
});

const create = (bench: TestBench, changes: Partial<Plan> = {}) => bench.ask('studies.create', { plan: plan(changes) });
const studyOf = async (bench: TestBench, id: StudyId): Promise<Study> => (await bench.ask('studies.get', { study: id })).study;
async function ended(bench: TestBench, id: StudyId): Promise<Study> {
  for (;;) {
    const study = await studyOf(bench, id);
    if (study.state !== 'running') return study;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const firstStep = (bench: TestBench) =>
  new Promise<void>((resolve) => {
    const stop = bench.listen((heard) => {
      if (heard.name !== 'run.progress') return;
      stop();
      resolve();
    });
  });

describe('a study', () => {
  test('trains every configuration with every budget, scores the last weights on the test cases, and compares', async () => {
    const bench = await startTrainable();
    const id = await create(bench);
    const study = await ended(bench, id);
    expect(study).toMatchObject({ state: 'done', problem: null, job: null, number: 1, budgets: [1, 3] });
    expect(study.runs.map(({ configuration, budget, seed, state }) => [configuration, budget, seed, state])).toEqual([
      [0, 1, 1, 'done'],
      [1, 1, 1, 'done'],
      [0, 3, 1, 'done'],
      [1, 3, 1, 'done'],
    ]);

    const names = new Map((await bench.ask('cases.list', {})).map((one) => [one.id, one.name]));
    const runs = (await bench.ask('runs.list', {})).toReversed();
    expect(runs.map(({ id: run }) => run)).toEqual(study.runs.map(({ run }) => run));
    expect(runs[0].name).toBe('Labels · Labels only, 1 label, seed 1');
    const called = (ids: readonly (typeof runs)[0]['cases']['training'][0][]) => ids.map((one) => names.get(one)).sort();
    expect(runs.map(({ cases }) => [called(cases.training), called(cases.unlabelled)])).toEqual([
      [['train 1'], []],
      [['train 1'], ['train 2', 'train 3', 'unlabelled']],
      [['train 1', 'train 2', 'train 3'], []],
      [['train 1', 'train 2', 'train 3'], ['unlabelled']],
    ]);
    // The same student from the same start: all that differs is the method, the seed and the labels.
    const builds = runs.map(({ settings: { width, patch, spacingMm, steps, rate, batch } }) => ({
      width,
      patch,
      spacingMm,
      steps,
      rate,
      batch,
    }));
    expect(new Set(builds.map((build) => JSON.stringify(build))).size).toBe(1);

    const { groups, comparisons, devices } = await bench.ask('studies.get', { study: id });
    expect(devices).toEqual([runs[0].device]);
    const scored = (await bench.ask('evaluations.list', {})).map(({ model, cases, mean }) => ({
      model,
      mean,
      cases: called(cases.map((one) => one.case)),
    }));
    expect(scored.map(({ cases }) => cases)).toEqual(Array(4).fill(['test 1', 'test 2']));
    const models = await bench.ask('models.list', {});
    expect(models.filter(({ id: model }) => scored.some((one) => one.model === model)).map(({ which, step }) => [which, step])).toEqual(
      Array(4).fill(['last', 6]),
    );
    expect(groups.map(({ configuration, budget, dice }) => [configuration, budget, dice?.cases, dice?.seeds])).toEqual([
      [0, 1, 2, 1],
      [1, 1, 2, 1],
      [0, 3, 2, 1],
      [1, 3, 2, 1],
    ]);
    expect(groups.map(({ dice }) => dice?.mean).sort()).toEqual(
      scored
        .map(({ mean }) => mean.dice)
        .sort()
        .map((mean) => expect.closeTo(mean)),
    );
    expect(comparisons).toHaveLength(2);
    expect(comparisons[1].dice).toMatchObject({
      mean: expect.closeTo(groups[3].dice!.mean - groups[2].dice!.mean),
      verdict: 'cannot tell apart',
    });

    const write = async (name: string) => {
      const job = await bench.ended(await bench.ask('studies.export', { study: id, out: join(bench.home, name) }));
      expect(job).toMatchObject({ state: 'done', result: { kind: 'export', files: [join(bench.home, name)] } });
      return readFileSync(join(bench.home, name), 'utf8');
    };
    const rows = (await write('scores.csv')).trimEnd().split('\r\n');
    expect(rows[0]).toBe(
      'method,configuration,budget,seed,case,structure,dice,hd95Mm,assdMm,surfaceDice,toleranceMm,volumeMl,referenceMl,note',
    );
    expect(rows.slice(1).map((row) => row.split(',').slice(0, 6).join(','))).toEqual([
      'supervised,Labels only,1,1,test 1,ball',
      'supervised,Labels only,1,1,test 2,ball',
      'meanTeacher,Mean teacher,1,1,test 1,ball',
      'meanTeacher,Mean teacher,1,1,test 2,ball',
      'supervised,Labels only,3,1,test 1,ball',
      'supervised,Labels only,3,1,test 2,ball',
      'meanTeacher,Mean teacher,3,1,test 1,ball',
      'meanTeacher,Mean teacher,3,1,test 2,ball',
    ]);
    const page = await write('study.html');
    expect(page).toContain('cannot tell apart');
    expect(page.match(/<svg /g)).toHaveLength(3); // two budgets' differences, and the curve over them
    expect(page).not.toMatch(/\bhref=|\bsrc="(?!data:image\/png;base64,)|NaN|undefined/);
    // Of two test cases one is most and one least in favour; each is shown by the reference and both students with one label.
    const pictures = [...page.matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(([, png]) => decodePng(Buffer.from(png, 'base64')));
    expect(pictures.map(({ width, height }) => Math.max(width, height))).toEqual(Array(6).fill(260));
    expect(page.match(/<figcaption>Reference/g)).toHaveLength(2);
    expect(page.match(/<figcaption>Mean teacher<br>Dice 0\.\d{3}/g)).toHaveLength(2);

    // A mask that somebody deleted costs its own row.
    const { folder } = (await bench.ask('project.get', {}))!;
    const [of] = [...names].find(([, name]) => name === 'test 1')!;
    for (const { file } of await bench.ask('predictions.list', { case: of }))
      rmSync(addressOf(join(folder, 'files'), file), { force: true });
    const without = await write('without.html');
    expect(without.match(/No pictures: a mask of this case/g)).toHaveLength(1);
    expect(without.match(/src="data:/g)).toHaveLength(3);
  });

  test('takes over what was trained alike, so that a further configuration is all that it trains', async () => {
    const bench = await startTrainable();
    const first = await ended(bench, await create(bench, { budgets: [2] }));
    const heavier = { name: 'Heavier', method: 'meanTeacher', meanTeacher: { consistency: 2 } } as const;
    const wider = await ended(bench, await create(bench, { name: 'Wider', configurations: [labelsOnly, averaged, heavier], budgets: [2] }));
    expect(wider).toMatchObject({ state: 'done', problem: null });
    expect(wider.runs.slice(0, 2).map(({ run }) => run)).toEqual(first.runs.map(({ run }) => run));
    expect((await bench.ask('runs.list', {})).map(({ name }) => name)).toEqual([
      'Wider · Heavier, 2 labels, seed 1',
      'Labels · Mean teacher, 2 labels, seed 1',
      'Labels · Labels only, 2 labels, seed 1',
    ]);
    const diceOf = async ({ id }: Study) => (await bench.ask('studies.get', { study: id })).groups.map(({ dice }) => dice!.mean);
    expect((await diceOf(wider)).slice(0, 2)).toEqual(await diceOf(first));

    // With a case less to learn from, a student by mean teacher is another one, and one of labels alone is the same.
    const [bare] = (await bench.ask('cases.list', {})).filter(({ name }) => name === 'unlabelled');
    await bench.ask('cases.setSplit', { cases: [bare.id], split: 'validation' });
    const fewer = await ended(bench, await create(bench, { name: 'Fewer', budgets: [2] }));
    expect(fewer.runs[0].run).toBe(first.runs[0].run);
    expect((await bench.ask('runs.list', {})).map(({ name }) => name)[0]).toBe('Fewer · Mean teacher, 2 labels, seed 1');
    expect(await bench.ask('runs.list', {})).toHaveLength(4);
  });

  test('takes nothing over where such a run could not begin today, and leaves it to that run to say why', async () => {
    const bench = await startTrainable();
    const id = await start(
      bench,
      { validationCases: 0, steps: 4, checkpointEvery: 2 },
      { method: 'meanTeacher', meanTeacher: meanTeacherDefaults },
    );
    const { settings } = await bench.runIn(id, 'done', 'failed');
    const [bare] = (await bench.ask('cases.list', {})).filter(({ name }) => name === 'unlabelled');
    const { folder } = (await bench.ask('project.get', {}))!;
    await bench.close();
    const store = await openStore(folder);
    const desk = { store: () => store, facts: { version: '0.0.0' } } as Parameters<typeof alreadyTrained>[0];
    expect(alreadyTrained(desk, settings)?.id).toBe(id);
    store.write((db) => setSplit(db, bare.id, 'test'));
    expect(alreadyTrained(desk, settings)).toBeNull();
    store.close();
  });

  test('that is stopped keeps what it has and goes on in the same runs, also after a program that was killed', async () => {
    const bench = await startTrainable();
    const { folder } = (await bench.ask('project.get', {}))!;
    const id = await create(bench, { budgets: [3], settings: { steps: 40 } });
    await firstStep(bench);
    await bench.ask('studies.stop', { study: id });
    const stopped = await ended(bench, id);
    expect(stopped).toMatchObject({ state: 'stopped', runs: [{ state: 'training' }, { state: 'waiting', run: null }] });
    await bench.close();

    // What a killed program leaves: rows that say it is still at work.
    const database = new Database(join(folder, 'project.sqlite'));
    database.exec("UPDATE studies SET state = 'running', finishedAt = NULL; UPDATE runs SET state = 'running', finishedAt = NULL");
    database.close();
    const next = await startBench(folder);
    expect(await studyOf(next, id)).toMatchObject({ state: 'interrupted', job: null });
    await next.ask('studies.resume', { study: id });
    const done = await ended(next, id);
    expect(done.runs.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(done.runs[0].run).toBe(stopped.runs[0].run);
    expect(await next.ask('runs.list', {})).toHaveLength(2);
    await expect(next.ask('studies.resume', { study: id })).rejects.toMatchObject({ code: 'STUDY_STATE' });
  });

  test('goes on without a student whose process is killed, says so at its end, and tries that one again when resumed', async () => {
    const bench = await startTrainable();
    const id = await create(bench, { budgets: [3], settings: { steps: 40 } });
    await firstStep(bench);
    process.kill(bench.computePid(), 'SIGKILL');
    const failed = await ended(bench, id);
    expect(failed).toMatchObject({ state: 'failed', problem: expect.stringMatching(/^1 of 2 students .*SIGKILL/) });
    expect(failed.runs.map(({ state }) => state)).toEqual(['failed', 'done']);
    await bench.ask('studies.resume', { study: id });
    expect(await ended(bench, id)).toMatchObject({ state: 'done', problem: null });
    expect(await bench.ask('runs.list', {})).toHaveLength(2);
  });

  test('waits for the one before it, and can be taken back while it waits', async () => {
    const bench = await startTrainable();
    const first = await create(bench, { name: 'First', settings: { steps: 100_000 } });
    const second = await create(bench, { name: 'Second' });
    await firstStep(bench);
    const third = await create(bench, { name: 'Third' });
    await bench.ask('jobs.stop', { job: (await studyOf(bench, third)).job! });
    expect(await ended(bench, third)).toMatchObject({ state: 'interrupted', job: null });
    await bench.ask('studies.stop', { study: second });
    await bench.ask('studies.stop', { study: first });
    expect([(await ended(bench, first)).state, (await ended(bench, second)).state]).toEqual(['stopped', 'stopped']);
    expect((await studyOf(bench, second)).runs.every(({ run }) => run === null)).toBe(true);
  });

  test('with teachers shows all its students what those see, and takes the first that may be asked where none is named', async () => {
    const bench = await startDistillable();
    const { ct, pet } = await teachersOf(bench);
    const muduo = { generatorSteps: 4 };
    const id = await bench.ask('studies.create', {
      plan: {
        name: 'Teachers',
        configurations: [
          labelsOnly,
          { name: 'MuDuo', method: 'muduo', muduo },
          { name: 'CT alone', method: 'muduo', muduo: { ...muduo, filter: 'none', teachers: { pet: null } } },
        ],
        seeds: [1],
        settings: { width: 2, device: 'cpu', steps: 4, warmupSteps: 2, checkpointEvery: 2, validationCases: 0 },
      },
    });
    const study = await ended(bench, id);
    expect(study).toMatchObject({ state: 'done', problem: null, budgets: [2] });
    const runs = (await bench.ask('runs.list', {})).toReversed();
    expect(runs.map(({ settings: { patch, spacingMm } }) => ({ patch, spacingMm }))).toEqual(
      Array(3).fill({ patch: [32, 32, 32], spacingMm: [5, 5, 5] }),
    );
    const asked = runs.map(({ settings }) => (settings.method === 'muduo' ? [settings.muduo.teachers, settings.muduo.filter] : null));
    expect(asked).toEqual([null, [{ ct, pet }, 'betterHalf'], [{ ct, pet: null }, 'none']]);
    const out = join(bench.home, 'teachers.html');
    await bench.ended(await bench.ask('studies.export', { study: id, out }));
    expect(readFileSync(out, 'utf8')).toContain('ct teacher');
  });

  test('that cannot work is refused before its first student begins', async () => {
    const bench = await startTrainable();
    const refused = (changes: Partial<Plan>, code: string, says: string) =>
      expect(create(bench, changes)).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
    await refused({ budgets: [2, 4] }, 'RUN_LABEL_BUDGET', '4 labelled training cases, and there are 3');
    await refused({ configurations: [labelsOnly, { name: 'MuDuo', method: 'muduo' }] }, 'BAD_INPUT', 'needs a teacher');
    await refused({ configurations: [labelsOnly, labelsOnly] }, 'BAD_INPUT', 'same name');
    await refused({ settings: { step: 3 } as Plan['settings'] }, 'BAD_INPUT', 'step');
    const cases = await bench.ask('cases.list', {});
    await bench.ask('cases.setSplit', { cases: cases.filter(({ split }) => split === 'test').map(({ id }) => id), split: 'validation' });
    await refused({}, 'STUDY_NEEDS_TEST', 'test split');
    expect([await bench.ask('runs.list', {}), await bench.ask('studies.list', {})]).toEqual([[], []]);
  });
});

/** The ledger of a MuDuo run, with the real compute process: every patch and structure is kept, counted and listed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addressOf } from '../../src/main/files/durable';
import type { FileHash, RunId } from '../../src/shared/domain';
import { confidenceOf, type Disagreement, type DisagreementOrder, disagreementOrders, type LedgerSummary } from '../../src/shared/ledger';
import { temporaryFolder } from '../folders';
import { bringCaseWithoutLarge, byMuduo, distil, prepareDistillable, startDistillable, teachersOf } from './distillable';
import type { TestBench } from './workbench';

prepareDistillable();

/** A run of six steps, with checkpoints that a stop falls between. */
const distilled = async (bench: TestBench): Promise<RunId> =>
  distil(bench, await byMuduo(bench, { generatorSteps: 2, moments: 1 }), { steps: 6, checkpointEvery: 4 });
const finish = async (bench: TestBench, run: RunId) =>
  expect(await bench.runIn(run, 'done', 'failed', 'stopped', 'interrupted')).toMatchObject({ state: 'done', problem: null });
const summaryOf = (bench: TestBench, run: RunId, windows = 1) => bench.ask('ledger.summary', { run, windows });
/** Sums over all lines and windows. */
const count = ({ lines }: LedgerSummary, what: 'seen' | 'present' | 'kept') =>
  lines.flatMap(({ tallies }) => tallies).reduce((sum, tally) => sum + (tally?.[what] ?? 0), 0);

test('what the teachers agreed on in every patch is in the ledger, as the curves say', async () => {
  const bench = await startDistillable();
  const run = await distilled(bench);
  await finish(bench, run);

  const whole = await summaryOf(bench, run);
  expect(whole.windows).toEqual([{ from: 1, to: 6 }]);
  expect(new Set(whole.lines.map(({ name }) => name))).toEqual(new Set(['bare 1', 'bare 2']));
  expect(count(whole, 'seen')).toBe(6 * 2 * 2); // steps, patches, structures
  expect(count(whole, 'present')).toBeGreaterThan(0);
  const { kept } = await bench.ask('runs.curves', { run });
  expect(count(whole, 'kept')).toBe(Math.round(kept.reduce((sum, { value }) => sum + 4 * value, 0)));

  const { folder } = (await bench.ask('project.get', {}))!;
  for (const { id, name } of await bench.ask('cases.list', {})) {
    const moments = await bench.ask('ledger.moments', { case: id });
    expect([name, moments.map(({ step }) => step)]).toEqual([name, name.startsWith('bare') ? [6] : []]);
    for (const { masks } of moments) {
      const isSeen = readFileSync(addressOf(join(folder, 'files'), masks.student!)).some((value) => value > 0);
      // Where the generator finds nothing in a crop the teachers are not asked, so both have a mask or neither has.
      expect([masks.pet === null, masks.agreed === null]).toEqual([masks.ct === null, masks.ct === null]);
      if (!isSeen) expect(masks.ct).toBe(null);
    }
  }

  const fine = await summaryOf(bench, run, 5);
  expect(fine.windows.map(({ to }) => to)).toEqual([1, 2, 3, 4, 6]);
  expect(count(fine, 'present')).toBe(count(whole, 'present'));
});

test('windows are those of the steps in which teachers were asked', async () => {
  const bench = await startDistillable();
  const run = await distil(bench, await byMuduo(bench, { begins: 0.5, generatorSteps: 2 }), { steps: 6 });
  await finish(bench, run);
  expect((await summaryOf(bench, run, 2)).windows).toEqual([
    { from: 4, to: 4 },
    { from: 5, to: 6 },
  ]);
  expect((await bench.ask('ledger.disagreements', { run })).window).toEqual({ from: 6, to: 6 });
});

test('the work list names what the teachers disagree on in the newest steps, until a person has labelled it', async () => {
  const bench = await startDistillable();
  const run = await distilled(bench);
  await finish(bench, run);
  const { window, list } = await bench.ask('ledger.disagreements', { run });
  expect(window).toEqual({ from: 5, to: 6 });
  expect(list.length).toBeGreaterThan(0);
  expect(list.map(({ agreement }) => agreement)).toEqual(list.map(({ agreement }) => agreement).toSorted((a, b) => a - b));
  for (const { name, step, lowest, agreement, kept, present } of list) {
    expect(name).toMatch(/^bare/);
    expect(step >= 5 && step <= 6 && lowest <= agreement && agreement <= 1 && kept <= present).toBe(true);
  }
  expect((await bench.ask('ledger.disagreements', { run, limit: 1 })).list).toEqual(list.slice(0, 1));
});

/** Where student and generator find the same structures soon, so that both teachers are asked about them. */
const quick = { steps: 12, rate: 0.1, warmupSteps: 0, foreground: 1, flips: false, intensity: 0, width: 4 };

test('the work list can begin where the teachers differ most or most surely, and what they agree on is a mask of its own', async () => {
  const bench = await startDistillable();
  const run = await distil(bench, await byMuduo(bench, { moments: 1, consistency: 0.01 }), quick);
  await finish(bench, run);
  const listed = async (by: DisagreementOrder) => (await bench.ask('ledger.disagreements', { run, by })).list;
  const list = await listed('agreement');
  for (const by of disagreementOrders) expect(new Set((await listed(by)).map(keyOf))).toEqual(new Set(list.map(keyOf)));
  const volumes = (await listed('volume')).map(({ difference }) => difference?.volumeMl ?? -1);
  expect(volumes).toEqual(volumes.toSorted((a, b) => b - a));
  const sure = (await listed('confidence')).map(({ difference }) => (difference && confidenceOf(difference)) ?? -1);
  expect(sure).toEqual(sure.toSorted((a, b) => b - a));
  expect(volumes[0] > 0 && sure[0] > 0 && sure[0] <= 1).toBe(true);

  const { folder } = (await bench.ask('project.get', {}))!;
  const [{ case: of, structure }] = await listed('confidence');
  const [{ step, masks }] = await bench.ask('ledger.moments', { case: of });
  const [ct, pet, agreed] = [masks.ct!, masks.pet!, masks.agreed!].map((file) => readFileSync(addressOf(join(folder, 'files'), file)));
  for (const [n, value] of agreed.entries()) {
    if (ct[n] === pet[n] && value !== ct[n]) expect.fail(`voxel ${n}: both teachers say ${ct[n]}, and together ${value}`);
    if (value > 0 && ct[n] === 0 && pet[n] === 0) expect.fail(`voxel ${n}: neither teacher says ${value}`);
  }
  const accepted = await bench.ask('ledger.accept', { run, case: of, step, source: 'agreed', structure });
  expect(accepted).toMatchObject({ origin: 'moment', made: { source: 'agreed', mask: masks.agreed } });
  expect(accepted.voxels[structure] ?? 0).toBe(agreed.filter((value) => value === structure).length);
});
const keyOf = ({ name, structure }: Disagreement) => `${name} ${structure}`;

test('a run that was killed and went on has the ledger of one that never was', async () => {
  const bench = await startDistillable();
  const undisturbed = await distilled(bench);
  await finish(bench, undisturbed);
  const disturbed = await distilled(bench);
  const isFarEnough = () => bench.heard.some((one) => one.name === 'run.progress' && one.data.run === disturbed && one.data.stage === 'student' && one.data.step >= 5); // biome-ignore format: one question
  while (!isFarEnough()) await new Promise((resolve) => setTimeout(resolve, 5));
  process.kill(bench.computePid(), 'SIGKILL');
  await bench.runIn(disturbed, 'interrupted', 'done', 'failed');
  await bench.ask('runs.resume', { run: disturbed });
  await finish(bench, disturbed);
  expect(await summaryOf(bench, disturbed, 6)).toEqual(await summaryOf(bench, undisturbed, 6));
});

test('a teacher that is asked alone is believed without agreement, so nothing is listed', async () => {
  const bench = await startDistillable();
  const { ct } = await teachersOf(bench);
  const run = await distil(bench, await byMuduo(bench, { teachers: { ct, pet: null } }), { steps: 3 });
  await finish(bench, run);
  const whole = await summaryOf(bench, run);
  expect(count(whole, 'kept')).toBe(count(whole, 'present'));
  expect(whole.lines.flatMap(({ tallies }) => tallies.map((tally) => tally?.agreement ?? null))).toEqual(Array(4).fill(null));
  expect((await bench.ask('ledger.disagreements', { run })).list).toEqual([]);
});

test('a run that asks nobody has an empty ledger', async () => {
  const bench = await startDistillable();
  const run = await distil(bench, { method: 'supervised' }, { steps: 1 });
  await finish(bench, run);
  expect(await bench.ask('ledger.summary', { run })).toEqual({ windows: [], lines: [] });
  expect(await bench.ask('ledger.disagreements', { run })).toEqual({ window: null, list: [] });
});

test('the moments of a run hold how student and teacher saw the unlabelled cases, and one structure of them can become a label', async () => {
  const bench = await startDistillable();
  const { ct } = await teachersOf(bench);
  const run = await distil(bench, await byMuduo(bench, { teachers: { ct, pet: null }, moments: 2 }), { steps: 8 });
  await finish(bench, run);
  const { folder } = (await bench.ask('project.get', {}))!;
  const read = (file: FileHash) => readFileSync(addressOf(join(folder, 'files'), file));
  const bare = (await bench.ask('cases.list', {})).filter(({ name }) => name.startsWith('bare'));
  const [{ id: model }] = await bench.ask('models.list', {});
  await bench.ended(await bench.ask('predict.start', { model, cases: bare.map(({ id }) => id) }));
  for (const { id, grid } of bare) {
    const moments = await bench.ask('ledger.moments', { case: id });
    expect(moments.map((moment) => [moment.run, moment.step])).toEqual([
      [run, 4],
      [run, 8],
    ]);
    for (const { masks } of moments) {
      const student = read(masks.student!);
      expect(student.length).toBe(grid.size[0] * grid.size[1] * grid.size[2]);
      // The teacher is asked about what the student sees, and the one that is not there is not.
      expect([masks.ct !== null, masks.pet, masks.agreed]).toEqual([student.some((value) => value > 0), null, null]);
    }
    // The case has the student's spacing, so its last moment is what the student predicts when it is done.
    const [{ file }] = await bench.ask('predictions.list', { case: id });
    expect(moments[1].masks.student).toBe(file);
  }
  expect(await bench.ended(await bench.ask('project.check', {}))).toMatchObject({ result: { report: { ok: true, problems: [] } } });

  const [{ case: of, step, masks }] = await bench.ask('ledger.moments', { case: bare[0].id });
  const accepted = await bench.ask('ledger.accept', { run, case: of, step, source: 'student', structure: 1 });
  const made = { by: 'moment', run, runNumber: 1, step, source: 'student', structure: 1, mask: masks.student };
  expect(accepted).toMatchObject({ revision: 1, origin: 'moment', state: 'draft', made });
  expect([...read(accepted.file)]).toEqual([...read(masks.student!)].map((value) => Number(value === 1)));
  await expect(bench.ask('ledger.accept', { run, case: of, step: 3, source: 'ct', structure: 1 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a finished run and its teachers look at test cases, and what they see is kept and scored', async () => {
  const bench = await startDistillable();
  const run = await distil(bench, await byMuduo(bench, { generatorSteps: 30 }), { steps: 30 });
  await finish(bench, run);
  const tested = (await bench.ask('cases.list', {})).find(({ split }) => split === 'test')!;
  expect(await bench.ask('ledger.moments', { case: tested.id })).toEqual([]);
  const job = await bench.ended(await bench.ask('ledger.look', { run }));
  expect(job).toMatchObject({ state: 'done', result: { kind: 'look', run, cases: 1 } });
  const [moment, ...others] = await bench.ask('ledger.moments', { case: tested.id });
  expect([moment.run, moment.step, others.length]).toEqual([run, 30, 0]);

  // What the student saw is what it predicts, and is scored as its evaluation is.
  const [{ id: model }] = await bench.ask('models.list', {});
  await bench.ended(await bench.ask('predict.start', { model, cases: [tested.id] }));
  const [{ file }] = await bench.ask('predictions.list', { case: tested.id });
  expect(moment.masks.student).toBe(file);
  const evaluation = await bench.ended(await bench.ask('evaluate.start', { model, cases: [tested.id] }));
  const { scores } = job.result as Extract<NonNullable<typeof job.result>, { kind: 'look' }>;
  const { structures } = (evaluation.result as Extract<NonNullable<typeof job.result>, { kind: 'evaluate' }>).summary;
  expect(scores.filter(({ source }) => source === 'student').map(({ structure, dice }) => [structure, dice])).toEqual(
    structures.map(({ structure, dice }) => [structure, dice]),
  );
  const seeing = (['student', 'ct', 'pet', 'agreed'] as const).filter((source) => moment.masks[source] !== null);
  expect([...new Set(scores.map(({ source }) => source))]).toEqual(seeing);
});

test('a structure that is seen where there is none is scored with nothing, as evaluations score it', async () => {
  const bench = await startDistillable();
  const run = await distil(bench, await byMuduo(bench, { generatorSteps: 30 }), { steps: 40 });
  await finish(bench, run);
  const tested = await bringCaseWithoutLarge(bench, join(temporaryFolder(), 'no large'));
  const job = await bench.ended(await bench.ask('ledger.look', { run, cases: [tested] }));
  const [{ masks }] = await bench.ask('ledger.moments', { case: tested });
  const { folder } = (await bench.ask('project.get', {}))!;
  expect(readFileSync(addressOf(join(folder, 'files'), masks.student!))).toContain(1);
  const { scores } = job.result as Extract<NonNullable<typeof job.result>, { kind: 'look' }>;
  expect(scores).toContainEqual({ source: 'student', structure: 1, cases: 1, dice: 0 });
});

test('only a run that asked teachers can look with them', async () => {
  const bench = await startDistillable();
  const run = await distil(bench, { method: 'supervised' }, { steps: 1 });
  await finish(bench, run);
  await expect(bench.ask('ledger.look', { run })).rejects.toThrow('Run 1 asks no teachers; only a run by MuDuo does');
});

test('moments change nothing about what a run learns', async () => {
  const bench = await startDistillable();
  const curves = [];
  for (const moments of [0, 3]) {
    const run = await distil(bench, await byMuduo(bench, { generatorSteps: 2, moments }), { steps: 6 });
    await finish(bench, run);
    curves.push(await bench.ask('runs.curves', { run }));
  }
  expect(curves[1]).toEqual(curves[0]);
});

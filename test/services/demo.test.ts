/** The demo project: made whole or not at all, through the same import as anything else, and found again afterwards. */
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../folders';
import { safetensorsFile, samMed3dWeights } from './teacherFiles';
import { openBench, startBench } from './workbench';

const small = { cases: 4, labelled: 1, test: 2 };

test('a demo is made, opened and marked; asked for again it is opened as it is', async () => {
  const bench = await startBench();
  const made = await bench.ended(await bench.ask('project.createDemo', small));
  expect(made).toMatchObject({ state: 'done', result: { kind: 'demo', report: { refused: [] } } });
  const project = await bench.ask('project.get', {});
  expect(project).toMatchObject({
    folder: join(bench.home, 'Demo'),
    isDemo: true,
    counts: { cases: 4, labelled: 1, unlabelled: 1, test: 2 },
  });
  expect(project?.structures.length).toBeGreaterThan(5);
  const cases = await bench.ask('cases.list', {});
  expect(cases[0].channels.map(({ modality, unit }) => [modality, unit])).toEqual([
    ['CT', 'HU'],
    ['PET', 'SUV'],
  ]);
  expect(cases.filter((one) => one.split === 'test').every((one) => one.label)).toBe(true);

  await bench.ask('project.open', { folder: join(bench.home, 'Projekt') });
  const again = await bench.ended(await bench.ask('project.createDemo', { ...small, seed: 9 }));
  expect(again).toMatchObject({ state: 'done', result: { report: { imported: [] } } });
  expect((await bench.ask('cases.list', {})).map((one) => one.id)).toEqual(cases.map((one) => one.id));
});

test('a demo that is stopped half way leaves the open project open, and no half of a demo', async () => {
  const bench = await startBench();
  const id = await bench.ask('project.createDemo', { ...small, cases: 40 });
  const stop = bench.listen((one) => {
    if (one.name === 'job.changed' && one.data.job.fraction > 0) void bench.ask('jobs.stop', { job: id });
  });
  expect((await bench.ended(id)).state).toBe('stopped');
  stop();
  expect((await bench.ask('project.get', {}))?.name).toBe('Projekt');
  expect(existsSync(join(bench.home, 'Demo'))).toBe(false);
  expect(readdirSync(bench.home)).toEqual(['Projekt']);
});

test('teachers that come with the program are part of the demo, and ready to be asked', async () => {
  const resources = temporaryFolder();
  mkdirSync(join(resources, 'teachers'));
  const said = {
    'understudy.family': 'sam-med3d',
    'understudy.name': 'Demo teacher',
    'understudy.modality': 'CT',
    'understudy.spacingMm': '5',
    'understudy.licence': 'Apache-2.0',
  };
  copyFileSync(safetensorsFile('demo.safetensors', samMed3dWeights(), said), join(resources, 'teachers', 'demo.safetensors'));
  const bench = await openBench(temporaryFolder(), null, resources);
  onTestFinished(() => bench.close());
  expect(await bench.ended(await bench.ask('project.createDemo', small))).toMatchObject({ state: 'done' });
  const [teacher, ...others] = await bench.ask('teachers.list', {});
  expect(teacher).toMatchObject({ name: 'Demo teacher', spacingMm: 5, checks: [{ agrees: true }] });
  expect(teacher.acceptedAt).not.toBeNull();
  expect(others).toEqual([]);
});

/** The project on the desk: opening another never loses the one that is open, and what a person changes in its lists stays changed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWorkbench } from '../../src/main/app';
import { openStore } from '../../src/main/store/store';
import { temporaryFolder } from '../folders';
import { fillSample } from '../store/sample';
import { startBench } from './workbench';

describe('a workbench', () => {
  test('without a project says so, and tells about itself all the same', async () => {
    const home = temporaryFolder();
    const empty = await openWorkbench({ main: '', renderer: '', resources: '', version: '1.2.3', isDesktop: true, home }, null);
    expect(await empty.ask('project.get', {})).toBeNull();
    await expect(empty.ask('cases.list', {})).rejects.toMatchObject({ code: 'NO_PROJECT' });
    expect(await empty.ask('app.info', {})).toMatchObject({ version: '1.2.3', isDesktop: true, demoFolder: join(home, 'Demo') });
    expect(await empty.ask('jobs.list', {})).toEqual([]);
    await empty.close();
  });

  test('keeps its project when another cannot be opened or made', async () => {
    const bench = await startBench();
    const other = await startBench();
    const locked = (await other.ask('project.get', {}))!.folder;
    await expect(bench.ask('project.open', { folder: locked })).rejects.toMatchObject({ code: 'PROJECT_LOCKED' });
    await expect(bench.ask('project.open', { folder: temporaryFolder() })).rejects.toMatchObject({ code: 'NOT_A_PROJECT' });
    await expect(bench.ask('project.create', { folder: locked, name: 'X' })).rejects.toMatchObject({ code: 'PROJECT_EXISTS' });
    expect((await bench.ask('project.get', {}))?.folder).toBe(join(bench.home, 'Projekt'));
    expect(await bench.ask('cases.list', {})).toEqual([]);
  });

  test('gives the project it leaves free, and opening the one it has changes nothing', async () => {
    const bench = await startBench();
    const first = join(bench.home, 'Projekt');
    bench.heard.length = 0;
    await bench.ask('project.open', { folder: first });
    expect(bench.heard).toEqual([]);
    await bench.ask('project.create', { folder: join(bench.home, 'Zweites'), name: 'Zweites' });
    (await openStore(first)).close();
    expect(existsSync(join(first, 'lock.json'))).toBe(false);
    expect(bench.heard).toEqual([{ name: 'project.changed', data: {} }]);
  });

  test('does not understand what the contract does not say', async () => {
    const bench = await startBench();
    await expect(bench.ask('project.open', { folder: '' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('folder'),
    });
    await expect(bench.ask('cases.setSplit', { cases: [], split: 'train' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect((await bench.handle(new Request(`http://x/bytes/${'0'.repeat(64)}`))).status).toBe(404);
  });
});

describe('what a person changes', () => {
  /** A workbench on a project with one labelled case. */
  async function startFilled() {
    const bench = await startBench();
    const folder = join(bench.home, 'Projekt');
    await bench.ask('project.create', { folder: join(bench.home, 'Leer'), name: 'Leer' });
    const store = await openStore(folder);
    const { ids } = await fillSample(store);
    store.close();
    await bench.ask('project.open', { folder });
    return { bench, ids };
  }

  test('a split stays changed, is counted, and is in the log', async () => {
    const { bench, ids } = await startFilled();
    await bench.ask('cases.setSplit', { cases: [ids.case], split: 'test' });
    expect((await bench.ask('cases.list', {}))[0].split).toBe('test');
    expect((await bench.ask('project.get', {}))?.counts).toMatchObject({ cases: 1, labelled: 0, test: 1 });
    expect((await bench.ask('project.log', { limit: 2 })).map((entry) => entry.sentence)).toContain(
      'Case Müller was moved from the train to the test split.',
    );
  });

  test('a split for several cases is changed for all or none', async () => {
    const { bench, ids } = await startFilled();
    const unknown = '00000000-0000-4000-8000-000000000000' as typeof ids.case;
    await expect(bench.ask('cases.setSplit', { cases: [ids.case, unknown], split: 'test' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await bench.ask('cases.list', {}))[0].split).toBe('train');
  });

  test('whose study a case is stays said, can be taken back, and is in the log', async () => {
    const { bench, ids } = await startFilled();
    const patientOf = async () => (await bench.ask('cases.list', {}))[0].patient;
    expect(await patientOf()).toBeNull();
    await bench.ask('cases.setPatient', { cases: [ids.case], patient: ' P7 ' });
    expect(await patientOf()).toBe('P7');
    expect((await bench.ask('project.log', { limit: 2 })).map((entry) => entry.sentence)).toContain('Case Müller is of patient P7.');
    await bench.ask('cases.setPatient', { cases: [ids.case], patient: null });
    expect(await patientOf()).toBeNull();
    await expect(bench.ask('cases.setPatient', { cases: [ids.case], patient: '  ' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('a structure’s new name also tells whose mirror image it is', async () => {
    const { bench } = await startFilled();
    const mirrors = async (name: string) =>
      (await bench.ask('structures.update', { index: 2, name, colour: '#010203' })).map(({ colour, mirror }) => [colour, mirror]);
    expect(await mirrors('spleen')).toEqual([
      ['#e69f00', null],
      ['#010203', null],
    ]);
    expect(await mirrors('Kidney (right)')).toEqual([
      ['#e69f00', 2],
      ['#010203', 1],
    ]);
    await expect(bench.ask('structures.update', { index: 9, name: 'x', colour: '#010203' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a forecast for a project without labels is refused like a run', async () => {
    const bench = await startBench();
    const settings = await bench.ask('runs.defaults', {});
    await expect(bench.ask('runs.forecast', { settings })).rejects.toMatchObject({ code: 'RUN_NEEDS_LABELS' });
    await expect(bench.ask('runs.start', { settings })).rejects.toMatchObject({ code: 'RUN_NEEDS_LABELS' });
  });
});

/** The project's folder: created whole or not at all, opened by one program at a time, never written by accident. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { listCases } from '../../src/main/store/cases';
import { newestEvaluations } from '../../src/main/store/evaluations';
import { appendEvent, listEvents } from '../../src/main/store/events';
import { curvesOf, insertMetrics } from '../../src/main/store/metrics';
import { newestFormat } from '../../src/main/store/migrate';
import { getModel } from '../../src/main/store/models';
import { listPredictions } from '../../src/main/store/predictions';
import { getProject } from '../../src/main/store/project';
import { getRun, markInterrupted, noteCheckpoint, noteStep, rewindToCheckpoint, setRunState } from '../../src/main/store/runs';
import { createStore, openStore } from '../../src/main/store/store';
import { listStructures } from '../../src/main/store/structures';
import { temporaryFolder } from '../folders';
import { fillSample, grid, insertSampleEvaluation, settings, student } from './sample';

const project = { name: 'Größe', isDemo: false };

describe('a project', () => {
  test('comes back from the disk as it was written', async () => {
    const folder = join(temporaryFolder(), 'Projekt Ä');
    const store = await createStore(folder, project);
    const { ids, image, mask, original } = await fillSample(store);
    store.write((db) => insertSampleEvaluation(db, ids));
    store.close();

    const again = await openStore(folder);
    expect(getProject(again.read, folder)).toMatchObject({
      folder,
      name: 'Größe',
      isDemo: false,
      counts: { cases: 1, labelled: 1, drafts: 0, unlabelled: 0, test: 0, runs: 1 },
    });
    expect(listCases(again.read)).toEqual([
      expect.objectContaining({
        id: ids.case,
        name: 'Müller',
        split: 'train',
        grid,
        label: expect.objectContaining({ id: ids.label, case: ids.case, revision: 1, file: mask.hash, voxels: { 1: 20, 2: 20 } }),
        channels: [
          expect.objectContaining({
            modality: 'CT',
            unit: 'HU',
            file: image.hash,
            source: {
              fileName: 'ä.nii.gz',
              original: original.hash,
              grid,
              orientation: 'LPS',
              form: 'sform',
              warnings: ['sform and qform differ'],
            },
          }),
        ],
      }),
    ]);
    expect(listStructures(again.read).map(({ index, mirror }) => [index, mirror])).toEqual([
      [1, 2],
      [2, 1],
    ]);
    expect(getRun(again.read, ids.run)).toMatchObject({
      number: 1,
      name: 'First',
      settings,
      cases: { training: [ids.case], validation: [] },
    });
    expect(getModel(again.read, ids.model)).toMatchObject({ spec: student, validationDice: 0.5 });
    expect(listPredictions(again.read, { case: ids.case })).toHaveLength(1);
    expect(
      newestEvaluations(again.read)[0].cases[0].structures.map((score) => [score.structure, score.dice, score.hd95Mm, score.note]),
    ).toEqual([
      [1, 0.25, 4, null],
      [2, 0, null, 'prediction empty'],
    ]);
    again.close();
  });

  test('is not made where one is already', async () => {
    const folder = temporaryFolder();
    (await createStore(folder, project)).close();
    await expect(createStore(folder, project)).rejects.toMatchObject({ code: 'PROJECT_EXISTS' });
  });

  test('is not found in a folder without one, nor in a database of another program', async () => {
    const folder = temporaryFolder();
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'NOT_A_PROJECT' });
    const other = new Database(join(folder, 'project.sqlite'));
    other.exec('CREATE TABLE recipes (name TEXT)');
    other.close();
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'NOT_A_PROJECT' });
    writeFileSync(join(folder, 'project.sqlite'), 'this is not a database, but it is long enough to be looked at as one'.repeat(20));
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'NOT_A_PROJECT' });
  });

  test('loses the temporary files of writes that never finished when it is opened, and no others', async () => {
    const folder = temporaryFolder();
    const store = await createStore(folder, project);
    await fillSample(store);
    store.close();
    const filesBefore = readdirSync(join(folder, 'files'), { recursive: true }).sort();
    mkdirSync(join(folder, 'runs/r'), { recursive: true });
    for (const part of ['files/incoming-1.part', 'files/aa.part', 'runs/r/last.safetensors.1.part']) writeFileSync(join(folder, part), 'x');
    writeFileSync(join(folder, 'runs/r/last.safetensors'), 'x');
    (await openStore(folder)).close();
    expect(readdirSync(join(folder, 'files'), { recursive: true }).sort()).toEqual(filesBefore);
    expect(readdirSync(join(folder, 'runs/r'))).toEqual(['last.safetensors']);
  });
});

describe('the lock', () => {
  test('refuses a second opening with a sentence that says who has it, and is gone with the first', async () => {
    const folder = temporaryFolder();
    const store = await createStore(folder, project);
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'PROJECT_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    store.close();
    expect(existsSync(join(folder, 'lock.json'))).toBe(false);
    (await openStore(folder)).close();
  });

  test('is given back when opening fails', async () => {
    const folder = temporaryFolder();
    (await createStore(folder, project)).close();
    const database = new Database(join(folder, 'project.sqlite'));
    database.pragma('user_version = 99');
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'PROJECT_TOO_NEW' });
    database.pragma(`user_version = ${newestFormat}`);
    database.close();
    (await openStore(folder)).close();
  });
});

describe('writing', () => {
  test('is undone whole when anything in the transaction throws', async () => {
    const store = await createStore(temporaryFolder(), project);
    expect(() =>
      store.write((db) => {
        appendEvent(db, 'project', 'never happened');
        throw new Error('half way');
      }),
    ).toThrow('half way');
    expect(listEvents(store.read, 10).map((entry) => entry.sentence)).toEqual(['Project Größe was created.']);
    store.close();
  });

  test('through a reader is impossible', async () => {
    const store = await createStore(temporaryFolder(), project);
    expect(() => store.read.all("INSERT INTO events (at, kind, sentence) VALUES ('', '', '') RETURNING id")).toThrow();
    store.close();
  });

  test('cannot change or remove a line of the event log', async () => {
    const store = await createStore(temporaryFolder(), project);
    expect(() => store.write((db) => db.run("UPDATE events SET sentence = 'other'"))).toThrow('append-only');
    expect(() => store.write((db) => db.run('DELETE FROM events'))).toThrow('append-only');
    expect(listEvents(store.read, 10)).toHaveLength(1);
    store.close();
  });

  test('a row that refers to nothing is refused', async () => {
    const store = await createStore(temporaryFolder(), project);
    expect(() => store.write((db) => insertMetrics(db, 'no such run' as never, [{ curve: 'loss', step: 1, value: 1 }]))).toThrow(
      'FOREIGN KEY',
    );
    store.close();
  });
});

describe('a run that the program left behind', () => {
  test('is marked when the project is opened again, and goes back to its checkpoint', async () => {
    const store = await createStore(temporaryFolder(), project);
    const { ids } = await fillSample(store);
    store.write((db) => {
      setRunState(db, ids.run, 'running');
      noteCheckpoint(db, ids.run, 'last', { step: 5, validationDice: null, trainedSeconds: 12 });
      noteStep(db, ids.run, 7);
      insertMetrics(
        db,
        ids.run,
        [4, 5, 6, 7].map((step) => ({ curve: 'loss', step, value: 1 / step })),
      );
    });
    store.write((db) => markInterrupted(db));
    expect(getRun(store.read, ids.run)).toMatchObject({
      state: 'interrupted',
      step: 7,
      checkpointStep: 5,
      problem: expect.stringContaining('step 5'),
    });
    store.write((db) => rewindToCheckpoint(db, ids.run));
    expect(getRun(store.read, ids.run)).toMatchObject({ step: 5, trainedSeconds: 12 });
    expect(curvesOf(store.read, ids.run)).toEqual({ loss: [4, 5].map((step) => ({ step, value: 1 / step })) });
    store.close();
  });
});

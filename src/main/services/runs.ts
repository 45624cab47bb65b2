/** Runs: defaults, forecast, start, stop, resume, curves. The training itself is the trainer's. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Handlers } from '../../shared/contract';
import type { RunId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { getCases, listCases } from '../store/cases';
import { appendEvent } from '../store/events';
import { curvesOf } from '../store/metrics';
import { getRun, insertRun, listRuns, rewindToCheckpoint, setRunState } from '../store/runs';
import { runFolder } from '../store/store';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import { fastest } from './devices';
import { chooseCases, refuseTestCases } from './trainingCases';
import { trainingDefaults } from './trainingDefaults';

type RunHandlers = Pick<
  Handlers,
  'runs.list' | 'runs.defaults' | 'runs.forecast' | 'runs.start' | 'runs.stop' | 'runs.resume' | 'runs.curves'
>;

export const runHandlers = (desk: Desk): RunHandlers => ({
  'runs.list': () => listRuns(desk.store().read),

  'runs.defaults': () => {
    const { read } = desk.store();
    return trainingDefaults(listCases(read), (listRuns(read)[0]?.number ?? 0) + 1);
  },

  'runs.forecast': async ({ settings }) => {
    const { read } = desk.store();
    // The forecast times real steps on the thread that trains: it would wait for the run, and disturb it.
    if (desk.trainer().running) fail('RUN_BUSY');
    const [first] = getCases(read, [chooseCases(listCases(read), settings)[0].id]);
    const outcome = await desk.compute.run('forecast', {
      settings,
      channels: first.channels.length,
      structures: listStructures(read).length,
      threads: availableParallelism(),
      // Nothing is tried for a forecast: until devices have been, the processor stands for the fastest.
      device: settings.device === 'auto' ? fastest(desk.devices.known) : settings.device,
    });
    if (outcome.state === 'stopped') throw new Error('forecast: stopped, though nobody can stop it');
    return outcome.result;
  },

  'runs.start': ({ settings }) => {
    const store = desk.store();
    const cases = chooseCases(listCases(store.read), settings);
    const id = randomUUID() as string as RunId;
    store.write((db) => {
      const number = insertRun(db, { id, settings, cases });
      const training = cases.filter((one) => one.role === 'training').length;
      appendEvent(db, 'run', `Run ${number} was queued with ${training} training and ${cases.length - training} validation cases.`);
    });
    desk.announce('run.changed', { run: id });
    desk.trainer().wake();
    return id;
  },

  'runs.stop': ({ run: id }) => {
    const store = desk.store();
    const run = getRun(store.read, id);
    if (desk.trainer().stop(id)) return;
    if (run.state !== 'queued') fail('RUN_STATE', 'stopped', run.state);
    store.write((db) => setRunState(db, id, 'stopped'));
    desk.announce('run.changed', { run: id });
  },

  'runs.resume': ({ run: id }) => {
    const store = desk.store();
    const run = getRun(store.read, id);
    if (run.state === 'queued' || run.state === 'running' || run.state === 'done') fail('RUN_STATE', 'resumed', run.state);
    refuseTestCases(getCases(store.read, [...run.cases.training, ...run.cases.validation]));
    const checkpoint = join(runFolder(store, id), 'last.safetensors');
    if (run.checkpointStep > 0 && !existsSync(checkpoint)) fail('FILE_DAMAGED', checkpoint, 'it is gone');
    store.write((db) => {
      rewindToCheckpoint(db, id);
      setRunState(db, id, 'queued');
      appendEvent(db, 'run', `Run ${run.number} goes on from step ${run.checkpointStep}.`);
    });
    desk.announce('run.changed', { run: id });
    desk.trainer().wake();
  },

  'runs.curves': ({ run }) => {
    const { read } = desk.store();
    return curvesOf(read, getRun(read, run).id);
  },
});

/** Runs: defaults, forecast, start, stop, resume, curves. The training itself is the trainer's. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Handlers } from '../../shared/contract';
import type { RunId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Device, TrainSettings } from '../../shared/runs';
import { getCases, listCases } from '../store/cases';
import { appendEvent } from '../store/events';
import { curvesOf } from '../store/metrics';
import { getRun, goesOn, insertRun, listRuns, recordOf, rewindToCheckpoint, setRunState } from '../store/runs';
import { runFolder } from '../store/store';
import { listStructures } from '../store/structures';
import { listTeachers } from '../store/teachers';
import type { Desk } from './desk';
import { storedTeacher, teachersOfRun } from './runTeachers';
import { casesOfRun, refuseTestCases } from './trainingCases';
import { trainingDefaults } from './trainingDefaults';

type RunHandlers = Pick<
  Handlers,
  'runs.list' | 'runs.defaults' | 'runs.forecast' | 'runs.start' | 'runs.stop' | 'runs.resume' | 'runs.curves' | 'runs.record'
>;

export const runHandlers = (desk: Desk): RunHandlers => ({
  'runs.list': () => listRuns(desk.store().read),

  'runs.defaults': ({ method }) => {
    const { read } = desk.store();
    return trainingDefaults(listCases(read), (listRuns(read)[0]?.number ?? 0) + 1, method, listTeachers(read));
  },

  'runs.forecast': async ({ settings }) => {
    const { read } = desk.store();
    const [first] = getCases(read, [casesOfRun(listCases(read), settings)[0].id]);
    const { ct, pet } = teachersOfRun(desk.store(), settings, first);
    const planned = {
      settings,
      channels: first.channels.length,
      structures: listStructures(read).length,
      device: (await deviceFor(desk, settings)) ?? fail('RUN_BUSY', untried),
      teachers: { ct: storedTeacher(desk.store(), ct), pet: storedTeacher(desk.store(), pet) },
    };
    const trainer = desk.trainer();
    // A forecast times real steps on the thread that trains: it would wait for a run, and disturb it.
    const outcome = trainer.running
      ? await desk.compute.run('estimate', { ...planned, beside: paceOn(desk, planned.device) })
      : await desk.compute.run('forecast', { ...planned, threads: availableParallelism() });
    if (outcome.state === 'stopped') throw new Error('forecast: stopped, though nobody can stop it');
    return outcome.result;
  },

  'runs.start': async ({ settings }) => {
    const store = desk.store();
    if (settings.precision === 'mixed') await deviceFor(desk, settings);
    const cases = casesOfRun(listCases(store.read), settings);
    teachersOfRun(store, settings, getCases(store.read, [cases[0].id])[0]);
    const id = randomUUID() as string as RunId;
    store.write((db) => {
      const number = insertRun(db, { id, settings, cases });
      const [training, validation, unlabelled] = (['training', 'validation', 'unlabelled'] as const).map(
        (role) => cases.filter((one) => one.role === role).length,
      );
      const without = unlabelled > 0 ? `, ${unlabelled} unlabelled` : '';
      appendEvent(db, 'run', `Run ${number} was queued with ${training} training${without} and ${validation} validation cases.`);
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
    const { training, validation, unlabelled } = run.cases;
    const used = getCases(store.read, [...training, ...validation, ...unlabelled]);
    refuseTestCases(used, listCases(store.read));
    teachersOfRun(store, run.settings, used[0]);
    const checkpoint = join(runFolder(store, id), 'last.safetensors');
    if (run.checkpointStep > 0 && !existsSync(checkpoint)) fail('FILE_DAMAGED', checkpoint, 'it is gone');
    store.write((db) => {
      rewindToCheckpoint(db, id);
      setRunState(db, id, 'queued');
      appendEvent(db, 'run', `Run ${run.number} was resumed: it ${goesOn(run)}.`);
    });
    desk.announce('run.changed', { run: id });
    desk.trainer().wake();
  },

  'runs.curves': ({ run }) => {
    const { read } = desk.store();
    return curvesOf(read, getRun(read, run).id);
  },

  'runs.record': ({ run }) => recordOf(desk.store().read, run),
});

const untried = 'what it should train on has not been tried, and cannot be until that run has ended.';

/** The device a run would use, null where that cannot be known now. Only mixed precision is worth trying all for, and nothing can be tried beside a run. */
const deviceFor = (desk: Desk, settings: TrainSettings): Device | null | Promise<Device> =>
  settings.precision === 'mixed' && !desk.trainer().running ? desk.devices.choose(settings) : desk.devices.guess(settings);

/** The run that trains now, as fast as it would be on another device. @throws RUN_BUSY before its first steps, and where that is not known */
function paceOn(desk: Desk, device: Device) {
  const pace = desk.trainer().pace ?? fail('RUN_BUSY', 'it has only begun. Ask again in a moment.');
  return { ...pace, stepSeconds: pace.stepSeconds / (desk.devices.speedUp(device, pace.device) ?? fail('RUN_BUSY', untried)) };
}

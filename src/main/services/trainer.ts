/** Trains a project's runs, one at a time: takes the longest waiting one, hands it to the compute process, and writes down what comes back. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Case, CaseId, RunId } from '../../shared/domain';
import { AppError, appError, sentenceOf } from '../../shared/errors';
import { onLabelsAlone } from '../../shared/methods';
import type { CommonSettings, Device, Run } from '../../shared/runs';
import type { Compute } from '../compute/host';
import type { PlannedRun } from '../compute/jobData';
import type { Spec } from '../compute/protocol';
import { casesByName, listCases } from '../store/cases';
import { appendEvent } from '../store/events';
import { labelsOfRun } from '../store/labels';
import { getRun, goesOn, markInterrupted, nextQueued, noteRecord, setRunState, trainedOf } from '../store/runs';
import { runFolder, type Store } from '../store/store';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import type { DeviceList } from './devices';
import { type PaceMeter, paceMeter } from './paceMeter';
import { modelsOf } from './runModels';
import { recordFrom } from './runRecord';
import { runRecorder } from './runRecorder';
import { storedTeacher, teachersOfRun } from './runTeachers';
import { storedCase } from './stored';
import { refuseTestCases } from './trainingCases';

export interface Trainer {
  /** Looks for a waiting run; call it after queuing one. */
  wake(): void;
  /** Asks the running run to stop at its next step, with a checkpoint. False if that run is not the running one. */
  stop(run: RunId): boolean;
  /** The run that trains now, if any. */
  readonly running: RunId | null;
  /** What that run costs, by its plan and its pace; null before its first steps. */
  readonly pace: (PlannedRun & { stepSeconds: number }) | null;
  /** Stops the running run and waits until all of it is written. */
  close(): Promise<void>;
}
type Bench = { store: Store; compute: Compute; devices: DeviceList; program: string } & Pick<Desk, 'announce'>;

const noTeachers = { ct: null, pet: null };
/** How long to wait before trying again to write a state that the disk did not take. */
const retryMs = 2_000;

/** Marks what an earlier program left behind and starts taking runs. */
export function startTrainer(bench: Bench): Trainer {
  let current: { run: RunId; pace: PaceMeter; stopper: AbortController; ended: Promise<void> } | null = null;
  let closing = false;
  bench.store.write((db) => {
    for (const number of markInterrupted(db)) {
      appendEvent(db, 'run', `Run ${number} was interrupted: Understudy ended before it was finished.`);
    }
  });

  function wake(): void {
    if (current || closing) return;
    const run = nextQueued(bench.store.read);
    if (!run) return;
    const stopper = new AbortController();
    const pace = paceMeter();
    const ended = train(bench, run, pace, stopper.signal, () => closing).finally(() => {
      current = null;
      wake();
    });
    current = { run: run.id, pace, stopper, ended };
  }

  return {
    wake,
    get running() {
      return current?.run ?? null;
    },
    get pace() {
      return current?.pace.known ?? null;
    },
    stop(run) {
      if (current?.run !== run) return false;
      current.stopper.abort();
      return true;
    },
    async close() {
      closing = true;
      current?.stopper.abort();
      await current?.ended;
    },
  };
}

/** One stretch of training, from its start or its last checkpoint to its end. Never rejects: how it ended is in the run's row. */
async function train(bench: Bench, run: Run, pace: PaceMeter, signal: AbortSignal, isClosing: () => boolean): Promise<void> {
  const { store, announce } = bench;
  const stopper = new AbortController();
  const recorder = runRecorder(bench, run, () => stopper.abort());
  let end: { state: Run['state']; problem: string | null };
  try {
    store.write((db) => setRunState(db, run.id, 'running'));
    announce('run.changed', { run: run.id });
    const spec = specOf(bench, run, await bench.devices.choose(run.settings));
    const { device, structures, training, teachers } = spec;
    const outcome = await bench.compute.run('train', spec, {
      signal: AbortSignal.any([signal, stopper.signal]),
      onProgress(progress) {
        recorder.hear(progress);
        const student = { settings: run.settings, channels: training[0].channels.length, structures: structures.length, device, teachers };
        const generator = { ...student, settings: onLabelsAlone<CommonSettings>(run.settings), channels: 1, teachers: noTeachers };
        pace.hear(progress, progress.kind === 'steps' && progress.stage === 'generator' ? generator : student);
      },
    });
    recorder.close();
    const added = await modelsOf(store, run.id);
    if (added > 0) announce('models.changed', {});
    const onClosing = isClosing() ? `Stopped because the project was closed. Resume ${goesOn(getRun(store.read, run.id))}.` : null;
    end = outcome.state === 'done' ? { state: 'done', problem: null } : { state: 'stopped', problem: onClosing };
  } catch (error) {
    recorder.abandon();
    end = endOf(error);
  }
  await settle(bench, run, end, isClosing);
  announce('run.changed', { run: run.id });
}

/** A dead process interrupts a run, anything else fails it. Both can be resumed. */
function endOf(error: unknown): { state: Run['state']; problem: string } {
  if (error instanceof AppError) return { state: error.code === 'COMPUTE_DIED' ? 'interrupted' : 'failed', problem: error.message };
  console.error(error); // a bug: the log keeps it whole, the person gets a sentence
  return { state: 'failed', problem: appError('JOB_FAILED', 'The run', sentenceOf(error)).message };
}

/** Writes the end of a run. A full disk must not lose it while the program lives; after that, opening the project marks the run. */
async function settle(
  { store }: Bench,
  run: Run,
  { state, problem }: { state: Run['state']; problem: string | null },
  isClosing: () => boolean,
) {
  for (;;) {
    try {
      store.write((db) => {
        setRunState(db, run.id, state, problem);
        appendEvent(db, 'run', `Run ${run.number} (${run.name}): ${problem ?? (state === 'done' ? 'Finished.' : 'Stopped.')}`);
      });
      return;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (isClosing()) return;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }
}

/** The job as the compute process gets it. Cases and label revisions are those the run was started with. */
function specOf({ store, program }: Bench, run: Run, device: Device): Spec<'train'> {
  const labels = new Map(labelsOfRun(store.read, run.id).map((label) => [label.case, label]));
  const { cases } = run;
  const inRole = (ids: readonly CaseId[]) => casesByName(store.read, ids);
  const [training, validation, unlabelled] = [cases.training, cases.validation, cases.unlabelled].map(inRole);
  refuseTestCases([...training, ...validation, ...unlabelled], listCases(store.read));
  const teachers = teachersOfRun(store, run.settings, training[0]);
  store.write((db) => noteRecord(db, run.id, recordFrom({ program, training, validation, unlabelled, labels, teachers })));
  const stored = (one: Case) => storedCase(store, one, labels.get(one.id));
  const known = trainedOf(store.read, run.id)?.student.structures;
  const folder = runFolder(store, run.id);
  return {
    folder,
    common: join(store.folder, 'cache', 'training'),
    settings: run.settings,
    structures: listStructures(store.read)
      .filter(({ index }) => !known || known.includes(index)) // a resumed run keeps the outputs it began with
      .map(({ index, mirror }) => ({ index, mirror })),
    training: training.map(stored),
    validation: validation.map(stored),
    // A label a draft has meanwhile must not be seen.
    unlabelled: unlabelled.map((one) => storedCase(store, one, null)),
    teachers: { ct: storedTeacher(store, teachers.ct), pet: storedTeacher(store, teachers.pet) },
    store: store.files,
    resume: getRun(store.read, run.id).checkpointStep > 0 ? join(folder, 'last.safetensors') : null,
    threads: availableParallelism(),
    device,
    program,
  };
}

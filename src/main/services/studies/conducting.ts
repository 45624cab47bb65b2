/** Trains and scores the students of a study one after the other; each step is in the database before the next begins, so that any end is a place to go on from. */
import { counted } from '../../../shared/counts';
import type { Job, JobId, ModelId, RunId } from '../../../shared/domain';
import { AppError, fail, isCode } from '../../../shared/errors';
import { stepsAlone } from '../../../shared/methods';
import type { Run, TrainSettings } from '../../../shared/runs';
import type { StudyId, StudyRun } from '../../../shared/studies';
import { listCases } from '../../store/cases';
import { newestEvaluationOf } from '../../store/evaluations';
import { appendEvent } from '../../store/events';
import { listModels } from '../../store/models';
import { getRun } from '../../store/runs';
import type { Reader } from '../../store/store';
import { getStudy, noteStudyRun, type StoredStudy } from '../../store/studies';
import type { Desk } from '../desk';
import { evaluateHandlers } from '../evaluating';
import { type JobControl, JobStopped } from '../jobs';
import { predictHandlers } from '../predicting';
import { runHandlers } from '../runs';
import { alreadyTrained } from './alreadyTrained';
import { studyPace } from './pace';
import { testCases } from './planning';

/** Share of a student's time that goes into training; the rest is its masks and scores. */
const trainingShare = 0.9;

/** @throws JobStopped, STUDY_FAILED once every student was tried, and what keeps progress from being written down */
export async function conduct(desk: Desk, id: StudyId, control: JobControl): Promise<void> {
  const { read } = desk.store();
  const study = getStudy(read, id);
  const waiting = inTurn(study).filter(({ state }) => state !== 'done');
  const there = new Set(waiting.filter((student) => !student.run && alreadyTrained(desk, settingsOf(study, student))));
  const pace = studyPace(waiting, study, (student) => there.has(student));
  for (const student of waiting) {
    if (control.signal.aborted) throw new JobStopped();
    const title = titleOf(study, student);
    const tell = (fraction: number, what: string) => control.progress(pace.shareDone(fraction), `${title}: ${what}`);
    tell(0, 'starting');
    await oneStudent(desk, study, student, { signal: control.signal, tell });
    pace.next();
  }
  const { runs } = getStudy(read, id);
  const failed = runs.filter(({ state }) => state === 'failed');
  if (failed.length > 0) fail('STUDY_FAILED', failed.length, runs.length, failed[0].problem ?? '');
}

/**
 * Seed by seed and budget by budget; of each, first those that begin on labels alone and go on otherwise: what they leave behind, students of labels
 * alone need not train again.
 */
export function inTurn({ runs, configurations }: Pick<StoredStudy, 'runs' | 'configurations'>): StudyRun[] {
  const settingsOf = ({ configuration }: StudyRun) => configurations[configuration].settings;
  const leaves = (run: StudyRun) => stepsAlone(settingsOf(run)) > 0;
  return runs.toSorted((a, b) => {
    const isTogether = a.seed === b.seed && a.budget === b.budget;
    return (isTogether ? Number(leaves(b)) - Number(leaves(a)) : 0) || a.position - b.position;
  });
}

/** `Labels only, 5 labels, seed 1`. */
export const titleOf = ({ configurations }: Pick<StoredStudy, 'configurations'>, { configuration, budget, seed }: StudyRun): string =>
  `${configurations[configuration].name}, ${counted(budget, 'label')}, seed ${seed}`;

interface Watch {
  signal: AbortSignal;
  tell(fraction: number, what: string): void;
}

/** A student that fails is noted with its sentence, and the others go on without it. */
async function oneStudent(desk: Desk, study: StoredStudy, student: StudyRun, watch: Watch): Promise<void> {
  const note = (change: Parameters<typeof noteStudyRun>[3]) => {
    desk.store().write((db) => noteStudyRun(db, study.id, student.position, change));
    desk.announce('study.changed', { study: study.id });
  };
  try {
    const run = await train(desk, study, student, watch, (id) => note({ state: 'training', run: id }));
    note({ state: 'scoring' });
    note({ state: 'done', evaluation: await score(desk, run, watch) });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    note({ state: 'failed', problem: error.message });
  }
}

/** A configuration with a student's own seed and budget. */
const settingsOf = (study: StoredStudy, student: StudyRun): TrainSettings => ({
  ...study.configurations[student.configuration].settings,
  name: `${study.name} · ${titleOf(study, student)}`.slice(0, 120),
  seed: student.seed,
  labelledCases: student.budget,
});

/** The student's run, begun, gone on with or found, and its end waited for. @throws JobStopped, JOB_FAILED, and what starting it throws */
async function train(desk: Desk, study: StoredStudy, student: StudyRun, watch: Watch, note: (run: RunId) => void): Promise<Run> {
  const runs = runHandlers(desk);
  const known = student.run && getRun(desk.store().read, student.run);
  if (known?.state === 'done') return known;
  let id = known?.id;
  if (!known) {
    const settings = settingsOf(study, student);
    const there = alreadyTrained(desk, settings);
    if (there) tellTakenOver(desk, study, student, there);
    id = there?.id ?? (await runs['runs.start']({ settings }));
  } else if (known.state !== 'queued' && known.state !== 'running') await runs['runs.resume']({ run: known.id });
  note(id!);
  const run = await endOfRun(desk, id!, watch);
  if (run.state === 'stopped') throw new JobStopped();
  if (run.state !== 'done') fail('JOB_FAILED', `Run ${run.number}`, run.problem ?? run.state);
  return run;
}

function tellTakenOver(desk: Desk, study: StoredStudy, student: StudyRun, { number }: Run): void {
  desk.store().write((db) => appendEvent(db, 'study', `Study ${study.name}: run ${number} is taken over as ${titleOf(study, student)}.`));
}

/** Masks and scores of the test cases by the student's weights; answers with the evaluation's id. */
async function score(desk: Desk, run: Run, watch: Watch): Promise<string> {
  const { read } = desk.store();
  const model = weightsOf(read, run);
  const cases = testCases(listCases(read)).map(({ id }) => id);
  const following = (from: number, what: string) => ({
    signal: watch.signal,
    tell: (fraction: number) => watch.tell(trainingShare + (1 - trainingShare) * (from + fraction / 2), what),
  });
  const predicting = await predictHandlers(desk)['predict.start']({ model, cases, again: false });
  await endOfJob(desk, predicting, following(0, 'labelling the test cases'));
  const evaluating = await evaluateHandlers(desk)['evaluate.start']({ model, cases });
  await endOfJob(desk, evaluating, following(0.5, 'comparing with the references'));
  return newestEvaluationOf(read, model)!;
}

/** The last weights; where validation cases chose, those they chose. Test cases never have a say. */
function weightsOf(db: Reader, run: Run): ModelId {
  const models = listModels(db).filter((model) => model.run === run.id);
  const chosen = run.cases.validation.length > 0 ? models[0] : models.toSorted((a, b) => b.step - a.step)[0];
  return chosen?.id ?? fail('NOT_FOUND', `model of run ${run.number}`);
}

/** Waits until a run is over, and asks it to stop when the study is. */
function endOfRun(desk: Desk, id: RunId, { signal, tell }: Watch): Promise<Run> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const stop = () => {
      const { state } = getRun(desk.store().read, id);
      if (state === 'queued' || state === 'running') void runHandlers(desk)['runs.stop']({ run: id });
    };
    const look = () => {
      const run = getRun(desk.store().read, id);
      if (run.state === 'queued' || run.state === 'running') return;
      deafen();
      signal.removeEventListener('abort', stop);
      resolve(run);
    };
    const deafen = desk.listen((heard) => {
      if (heard.name === 'run.changed' && heard.data.run === id) look();
      if (heard.name !== 'run.progress' || heard.data.run !== id) return;
      const { stage, step, steps, secondsLeft } = heard.data;
      const spent = (performance.now() - startedMs) / 1000;
      const fraction = secondsLeft === null ? 0 : spent / (spent + secondsLeft || 1);
      tell(trainingShare * fraction, `${stage === 'generator' ? 'prompt generator, ' : ''}step ${step} of ${steps}`);
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    look();
  });
}

/** Waits for a job, and asks it to stop when the study is. @throws JobStopped, and the job's own failure */
async function endOfJob(desk: Desk, id: JobId, { signal, tell }: { signal: AbortSignal; tell(fraction: number): void }): Promise<void> {
  const job = await new Promise<Job>((resolve) => {
    const stop = () => desk.jobs.stop(id);
    const look = () => {
      const now = desk.jobs.get(id);
      tell(now.fraction);
      if (now.state === 'queued' || now.state === 'running') return;
      deafen();
      signal.removeEventListener('abort', stop);
      resolve(now);
    };
    const deafen = desk.listen((heard) => {
      if (heard.name === 'job.changed' && heard.data.job.id === id) look();
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    look();
  });
  if (job.state === 'stopped') throw new JobStopped();
  if (job.state === 'failed') throw new AppError(isCode(job.code) ? job.code : 'JOB_FAILED', job.message);
}

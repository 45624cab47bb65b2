/** The list of jobs: anything longer than a second that is not a run. It lives in memory; what a job saves is in the project. */
import { randomUUID } from 'node:crypto';
import type { Job, JobId, JobKind, JobResult } from '../../shared/domain';
import { AppError, appError, fail, sentenceOf } from '../../shared/errors';
import { thinned } from './thinned';

/** What a job's work is given. */
export interface JobControl {
  readonly signal: AbortSignal;
  /** Says how far it is, 0…1, and what it is doing. */
  progress(fraction: number, message?: string): void;
  /** Remembers a result that stands even if the rest fails or is stopped. */
  keep(result: JobResult): void;
}
/** Ends a job as stopped from inside its work. */
export class JobStopped extends Error {}

/** `project`: works on the open project and must end before another is opened. `desk`: may itself change the project. */
export type JobScope = 'project' | 'desk';

export interface JobList {
  /** Starts work, after other jobs of the same kind. */
  start(job: { kind: JobKind; title: string; scope?: JobScope }, work: (control: JobControl) => Promise<JobResult>): JobId;
  /** Newest first. */
  list(): Job[];
  /** @throws NOT_FOUND */
  get(id: JobId): Job;
  /** Asks a job to stop; one that has ended stays as it is. @throws NOT_FOUND */
  stop(id: JobId): void;
  /** Asks every job (of a scope) to stop and waits until they have. */
  stopAll(scope?: JobScope): Promise<void>;
}

interface Entry {
  job: Job;
  scope: JobScope;
  stopper: AbortController;
  ended: Promise<void>;
}
/** Ended jobs beyond this many are forgotten, oldest first. */
const remembered = 200;

export function jobList(changed: (job: Job) => void): JobList {
  const entries = new Map<JobId, Entry>();
  const lanes = new Map<JobKind, Promise<void>>();

  const entryOf = (id: JobId): Entry => entries.get(id) ?? fail('NOT_FOUND', `job ${id}`);
  function forget(): void {
    const ended = [...entries.values()].filter((entry) => !isActive(entry.job));
    for (const { job } of ended.slice(0, Math.max(0, ended.length - remembered))) entries.delete(job.id);
  }

  return {
    start({ kind, title, scope = 'project' }, work) {
      const id = randomUUID() as string as JobId;
      const job: Job = { id, kind, title, state: 'queued', fraction: 0, secondsLeft: null, message: 'Waiting', code: null, result: null };
      const stopper = new AbortController();
      const lane = kind === 'demo' ? 'import' : kind;
      const before = lanes.get(lane) ?? Promise.resolve();
      // One that is stopped while it waits ends at once: the job before it may be waiting for just that.
      const ended = Promise.race([before, aborted(stopper.signal)]).then(() => perform(job, stopper.signal, work, changed));
      lanes.set(
        lane,
        Promise.all([before, ended]).then(() => undefined),
      );
      entries.set(id, { job, scope, stopper, ended });
      forget();
      changed(snapshot(job));
      return id;
    },
    list: () => [...entries.values()].map((entry) => snapshot(entry.job)).reverse(),
    get: (id) => snapshot(entryOf(id).job),
    stop: (id) => entryOf(id).stopper.abort(),
    async stopAll(scope) {
      const active = [...entries.values()].filter((entry) => isActive(entry.job) && (!scope || entry.scope === scope));
      for (const entry of active) entry.stopper.abort();
      await Promise.all(active.map((entry) => entry.ended));
    },
  };
}

const aborted = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
const isActive = (job: Job) => job.state === 'queued' || job.state === 'running';
const snapshot = (job: Job): Job => ({ ...job });

/** Runs the work and writes its course into `job`. Never rejects: a job's failure is its state. */
async function perform(
  job: Job,
  signal: AbortSignal,
  work: (control: JobControl) => Promise<JobResult>,
  changed: (job: Job) => void,
): Promise<void> {
  const tell = thinned(200, () => changed(snapshot(job)));
  const startedMs = performance.now();
  try {
    if (signal.aborted) throw new JobStopped();
    Object.assign(job, { state: 'running', message: '' } satisfies Partial<Job>);
    tell.now();
    job.result = await work({
      signal,
      progress(fraction, message) {
        job.fraction = Math.min(1, Math.max(job.fraction, fraction));
        job.secondsLeft = secondsLeft(performance.now() - startedMs, job.fraction);
        if (message !== undefined) job.message = message;
        tell.soon();
      },
      keep(result) {
        job.result = result;
      },
    });
    if (signal.aborted) throw new JobStopped();
    Object.assign(job, { state: 'done', fraction: 1 } satisfies Partial<Job>);
  } catch (error) {
    if (error instanceof JobStopped) Object.assign(job, { state: 'stopped', message: 'Stopped.' } satisfies Partial<Job>);
    else {
      if (!(error instanceof AppError)) console.error(error); // a bug: the log keeps it whole, the person gets a sentence
      const failure = error instanceof AppError ? error : appError('JOB_FAILED', job.title, sentenceOf(error));
      Object.assign(job, { state: 'failed', message: failure.message, code: failure.code } satisfies Partial<Job>);
    }
  }
  job.secondsLeft = null;
  tell.now();
}

/** Time left if it goes on as it went so far; null while too little is known. */
function secondsLeft(elapsedMs: number, fraction: number): number | null {
  if (fraction < 0.02 || elapsedMs < 1000) return null;
  return Math.round(((elapsedMs / 1000) * (1 - fraction)) / fraction);
}

/** Follows jobs and runs to their end: announcements say that something changed, the question says what. */
import type { Job, JobId, JobKind, JobResult, RunId } from '../../../shared/domain';
import { AppError, fail, isCode } from '../../../shared/errors';
import type { Announcement } from '../../../shared/events';
import type { Run } from '../../../shared/runs';
import type { Session } from './session';

export type ResultOf<K extends JobKind> = Extract<JobResult, { kind: K }>;

/**
 * Waits for a job; Ctrl-C stops it.
 * @throws the job's own failure, or JOB_FAILED when it was stopped.
 */
export async function followJob<K extends JobKind>(session: Session, kind: K, id: JobId, onChange: (job: Job) => void = () => undefined) {
  const { workbench, signal } = session;
  const stop = () => void workbench.ask('jobs.stop', { job: id });
  const job = await until<Job>(session, stop, async (announcement) => {
    if (announcement && !(announcement.name === 'job.changed' && announcement.data.job.id === id)) return null;
    const now = await workbench.ask('jobs.get', { job: id });
    if (now.state === 'queued' || now.state === 'running') {
      onChange(now);
      return null;
    }
    return now;
  });
  if (job.state === 'failed') throw new AppError(isCode(job.code) ? job.code : 'JOB_FAILED', job.message);
  if (job.state === 'stopped') fail('JOB_FAILED', job.title, signal.aborted ? 'it was stopped by Ctrl-C.' : 'it was stopped.');
  if (job.result?.kind !== kind) throw new Error(`follow: a ${kind} job ended with a ${job.result?.kind} result`);
  return job.result as ResultOf<K>;
}

export type RunProgress = Extract<Announcement, { name: 'run.progress' }>['data'];

/** Waits until a run is over, however it ends; Ctrl-C asks it to stop at its next step. */
export async function followRun(
  session: Session,
  id: RunId,
  hear: { onProgress(progress: RunProgress): void; onChange(run: Run): void },
): Promise<Run> {
  const { workbench } = session;
  const stop = () => void workbench.ask('runs.stop', { run: id });
  return until<Run>(session, stop, async (announcement) => {
    if (announcement?.name === 'run.progress' && announcement.data.run === id) hear.onProgress(announcement.data);
    if (announcement && !(announcement.name === 'run.changed' && announcement.data.run === id)) return null;
    const run = (await workbench.ask('runs.list', {})).find((one) => one.id === id) ?? fail('NOT_FOUND', `run ${id}`);
    hear.onChange(run);
    return run.state === 'queued' || run.state === 'running' ? null : run;
  });
}

/** Looks once now and again at every announcement, one look at a time, until a look finds the end. */
function until<T>(
  { workbench, signal }: Session,
  stop: () => void,
  look: (announcement: Announcement | null) => Promise<T | null>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let turn: Promise<void> = Promise.resolve();
    let isOver = false;
    const end = (settle: () => void) => {
      isOver = true;
      deafen();
      signal.removeEventListener('abort', stop);
      settle();
    };
    const next = (announcement: Announcement | null) => {
      turn = turn.then(async () => {
        if (isOver) return;
        try {
          const found = await look(announcement);
          if (found !== null) end(() => resolve(found));
        } catch (error) {
          end(() => reject(error));
        }
      });
    };
    const deafen = workbench.listen(next);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    next(null);
  });
}

/** A job with a bar: begun, followed, and taken off the screen whatever happens. */
import type { Job, JobId, JobKind } from '../../../shared/domain';
import { progressBar } from '../launch/progressBar.mjs';
import { followJob, type ResultOf } from './follow';
import type { Session } from './session';

export type Bar = ReturnType<typeof progressBar>;

/** How a job moves a bar. */
export const moves = (bar: Bar) => (job: Job) => bar.update({ fraction: job.fraction, secondsLeft: job.secondsLeft, message: job.message });

/** Follows one job under a bar of its own. @throws like `followJob` */
export async function jobWithBar<K extends JobKind>(
  session: Session,
  kind: K,
  title: string,
  start: () => Promise<JobId>,
): Promise<ResultOf<K>> {
  const bar = progressBar([{ name: 'only', title, seconds: 0 }]);
  bar.begin('only');
  try {
    return await followJob(session, kind, await start(), moves(bar));
  } finally {
    bar.close();
  }
}

/** The last heard progress of each run. A run's row says what is certain; this says what it does this second. */
import type { Events } from '../../shared/contract';
import type { Run, RunId } from '../../shared/domain';
import { onEvent } from '../answers';
import { shared } from './shared';

export type RunProgress = Events['run.progress'];

const latest = shared<ReadonlyMap<RunId, RunProgress>>(new Map());
onEvent('run.progress', (progress) => latest.set(new Map(latest.get()).set(progress.run, progress)));

/** Step, time left and activity of a run: live while it runs, from its row otherwise. */
export function useRunProgress(run: Run | undefined): { step: number; steps: number; secondsLeft: number | null; busy: string | null } {
  const heard = latest.use().get(run?.id as RunId);
  if (!run) return { step: 0, steps: 0, secondsLeft: null, busy: null };
  if (run.state !== 'running' || !heard) return { step: run.step, steps: run.settings.steps, secondsLeft: null, busy: null };
  return { step: Math.max(heard.step, run.step), steps: heard.steps, secondsLeft: heard.secondsLeft, busy: heard.busy };
}

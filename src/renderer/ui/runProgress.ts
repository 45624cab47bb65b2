/** The last heard progress of each run. A run's row says what is certain; this says what it does this second. */
import type { RunId } from '../../shared/domain';
import type { Events } from '../../shared/events';
import type { Run } from '../../shared/runs';
import { onEvent } from '../answers';
import { shared } from './shared';

export type RunProgress = Events['run.progress'];

const latest = shared<ReadonlyMap<RunId, RunProgress>>(new Map());
onEvent('run.progress', (progress) => latest.set(new Map(latest.get()).set(progress.run, progress)));

interface Standing {
  /** What is trained: a method's prompt generator, or the student. Steps are its own. */
  stage: RunProgress['stage'];
  step: number;
  steps: number;
  secondsLeft: number | null;
  busy: string | null;
}

/** Step, time left and activity of a run: live while it runs, from its row otherwise. */
export function useRunProgress(run: Run | undefined): Standing {
  const heard = latest.use().get(run?.id as RunId);
  if (!run) return { stage: 'student', step: 0, steps: 0, secondsLeft: null, busy: null };
  if (run.state !== 'running' || !heard) {
    return { stage: 'student', step: run.step, steps: run.settings.steps, secondsLeft: null, busy: null };
  }
  const { stage, step, steps, secondsLeft, busy } = heard;
  return { stage, step: stage === 'student' ? Math.max(step, run.step) : step, steps, secondsLeft, busy };
}

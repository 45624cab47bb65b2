/** All that runs now, each with its progress and a way to stop it. */
import type { Job } from '../../../shared/domain';
import type { Run } from '../../../shared/runs';
import { ask } from '../../api';
import { go } from '../../place';
import { Action } from '../../ui/Action';
import { JobProgress } from '../../ui/JobProgress';
import { timeLeft, whole } from '../../ui/numbers';
import { ProgressBar } from '../../ui/ProgressBar';
import { useRunProgress } from '../../ui/runProgress';
import { Sheet } from '../../ui/Sheet';
import { titleOf } from '../runs/runStates';

export function ActivitySheet({ jobs, run, onClose }: { jobs: readonly Job[]; run: Run | undefined; onClose: () => void }) {
  const { step, steps, secondsLeft } = useRunProgress(run);
  return (
    <Sheet title="What runs now" onClose={onClose}>
      {run && (
        <div className="stack">
          <div className="row">
            <button
              type="button"
              className="linklike grow"
              onClick={() => {
                onClose();
                go('runs', run.id);
              }}
            >
              <strong>{titleOf(run)}</strong>
            </button>
            <Action size="small" onAct={() => ask('runs.stop', { run: run.id })}>
              Stop
            </Action>
          </div>
          <ProgressBar fraction={step / steps} label={`Run ${run.number}`} />
          <p className="quiet">
            Step {whole(step)} of {whole(steps)}, {timeLeft(secondsLeft)}. Stopping keeps a checkpoint.
          </p>
        </div>
      )}
      {jobs.map((job) => (
        <JobProgress key={job.id} job={job} />
      ))}
      {!run && jobs.length === 0 && <p className="quiet">Nothing runs.</p>}
    </Sheet>
  );
}

/** How fast a run trains, heard from its reports. */
import type { PlannedRun, TrainingStage } from '../compute/jobData';
import type { Progress } from '../compute/protocol';

export interface PaceMeter {
  hear(progress: Progress<'train'>, planned: PlannedRun): void;
  /** The run and the seconds of one of its steps; null before its first. */
  readonly known: (PlannedRun & { stepSeconds: number }) | null;
}

/** Seconds and steps of some stretches. */
interface Tally {
  seconds: number;
  steps: number;
}
const nothing = (): Tally => ({ seconds: 0, steps: 0 });

/**
 * Stretches with validating or saving in them count only where there are no others, and only those of the stage that is heard of last: a prompt
 * generator has another pace than a student. `now` in milliseconds.
 */
export function paceMeter(now = () => performance.now()): PaceMeter {
  let [pure, interrupted]: Tally[] = [nothing(), nothing()];
  let stage: TrainingStage | null = null;
  let last = { at: now(), isPure: false };
  let run: PlannedRun | null = null;
  return {
    hear(progress, planned) {
      run = planned;
      if (progress.kind === 'steps') {
        const isNew = stage !== null && stage !== progress.stage;
        if (isNew) [pure, interrupted] = [nothing(), nothing()];
        stage = progress.stage;
        const tally = last.isPure && !isNew ? pure : interrupted;
        tally.seconds += (now() - last.at) / 1000;
        tally.steps += progress.steps;
        last = { at: now(), isPure: true };
      } else if (progress.kind === 'started') last = { at: now(), isPure: false };
      else last.isPure = false;
    },
    get known() {
      const { seconds, steps } = pure.steps > 0 ? pure : interrupted;
      return run && steps > 0 ? { ...run, stepSeconds: seconds / steps } : null;
    },
  };
}

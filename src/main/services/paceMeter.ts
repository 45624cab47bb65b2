/** How fast a run trains, heard from its reports. */
import type { PlannedRun, Progress } from '../compute/protocol';

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

/** Stretches with validating or saving in them count only where there are no others. `now` in milliseconds. */
export function paceMeter(now = () => performance.now()): PaceMeter {
  const pure: Tally = { seconds: 0, steps: 0 };
  const interrupted: Tally = { seconds: 0, steps: 0 };
  let last = { at: now(), isPure: false };
  let run: PlannedRun | null = null;
  return {
    hear(progress, planned) {
      run = planned;
      if (progress.kind === 'steps') {
        const tally = last.isPure ? pure : interrupted;
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

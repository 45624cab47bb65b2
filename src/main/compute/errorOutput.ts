/**
 * What a compute process prints as errors, on its way to the terminal. While devices are tried, drivers and the runtime print what they lack;
 * the device's report says that in a sentence, so it is kept back and shown only if something breaks.
 */

/** How long after a trial the last lines of it may still arrive. */
const lateMs = 500;
/** Characters kept back at most: the newest. */
const mostKept = 64 * 1024;

export interface ErrorOutput {
  hear(text: string): void;
  beginTrial(): void;
  /** What was printed during the trial is forgotten. */
  endTrial(): void;
  /** Something broke, and what is printed may say why: shows what was kept back and all that comes. */
  broke(): void;
}

export function errorOutput(show: (text: string) => void): ErrorOutput {
  let trials = 0;
  let kept = '';
  let isBroken = false;
  return {
    hear(text) {
      if (trials === 0 || isBroken) show(text);
      else kept = (kept + text).slice(-mostKept);
    },
    beginTrial() {
      trials++;
    },
    endTrial() {
      const end = () => {
        trials--;
        if (trials === 0) kept = '';
      };
      setTimeout(end, lateMs).unref();
    },
    broke() {
      isBroken = true;
      if (kept !== '') show(kept);
      kept = '';
    },
  };
}

/** How far a study is, in time: its students take very different times, and one that takes over what another left takes the least. */
import { stepsAlone } from '../../../shared/methods';
import type { TrainSettings } from '../../../shared/runs';
import type { StudyRun } from '../../../shared/studies';
import type { StoredStudy } from '../../store/studies';

/** What a step costs beside one of a student on labels alone, roughly; used only until a configuration has been trained once. */
const roughly = { generatorStep: 0.5, stepWithUnlabelled: 2.5 };

export interface StudyPace {
  /** Share of the study's time that has passed, 0 … 1, once the student that is being made is `fraction` of the way. */
  shareDone(fraction: number): number;
  /** The student is made: the next one begins. */
  next(): void;
}

/**
 * Expects a student to take as long as those of its configuration took on average, and before there was any, as long as its steps weigh beside
 * those of the others.
 * @param waiting the students to be made, in their order
 * @param isThere whether one was trained before the study began: it takes no time worth counting
 * @param now in milliseconds
 */
export function studyPace(
  waiting: readonly StudyRun[],
  { configurations }: Pick<StoredStudy, 'configurations'>,
  isThere: (run: StudyRun) => boolean = () => false,
  now = () => performance.now(),
): StudyPace {
  const settingsOf = (run: StudyRun) => configurations[run.configuration].settings;
  const there = waiting.map(isThere);
  const weights = waiting.map((run, at) =>
    there[at]
      ? 0
      : weightOf(
          settingsOf(run),
          waiting
            .slice(0, at)
            .filter((other) => other.seed === run.seed && other.budget === run.budget)
            .map(settingsOf),
        ),
  );
  const spent: number[] = [];
  let began = now();

  const weighedUntil = (fraction: number) => sum(weights.slice(0, spent.length)) + fraction * weights[spent.length];

  /** Milliseconds. */
  function expected(at: number, fraction: number): number {
    if (there[at]) return 0;
    const alike = spent.filter((_, i) => !there[i] && waiting[i].configuration === waiting[at].configuration);
    if (alike.length > 0) return sum(alike) / alike.length;
    const soFar = now() - began;
    return (weights[at] * (sum(spent) + soFar)) / weighedUntil(fraction);
  }
  return {
    shareDone(fraction) {
      const current = spent.length;
      if (current === waiting.length) return 1;
      const passed = sum(spent) + now() - began;
      // Nothing that weighs anything is made yet: nobody knows.
      if (weighedUntil(fraction) === 0) return 0;
      const others = waiting.map((_, at) => (at > current ? expected(at, fraction) : 0));
      const left = (1 - fraction) * expected(current, fraction) + sum(others);
      return passed / (passed + left || 1);
    },
    next() {
      spent.push(now() - began);
      began = now();
    },
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Steps that a student takes itself, in steps on labels alone, where `before` are of its seed and budget and leave theirs behind. */
function weightOf(settings: TrainSettings, before: readonly TrainSettings[]): number {
  const isWithUnlabelled = settings.method !== 'supervised';
  const alone = isWithUnlabelled ? stepsAlone(settings) : settings.steps;
  const left = Math.max(0, ...before.map(stepsAlone));
  const asksPet = (of: TrainSettings) => of.method === 'muduo' && of.muduo.teachers.pet !== null;
  const generator = settings.method === 'muduo' && asksPet(settings) && !before.some(asksPet) ? settings.muduo.generatorSteps : 0;
  const together = settings.steps - alone;
  return roughly.generatorStep * generator + Math.max(0, alone - left) + roughly.stepWithUnlabelled * together;
}

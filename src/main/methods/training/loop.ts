/** The one training loop: batch, step, report, validate, save. Knows no method, no network and no database. */
import { fail } from '../../../shared/errors';

/** Mean Dice of whole validation cases, and per structure index. */
export interface Validation {
  meanDice: number;
  dice: Record<number, number>;
}

/** What the loop itself must remember across a stop, besides weights and step: saved with every checkpoint. */
export interface LoopMemory {
  bestDice: number | null;
  /** Losses summed since the last report, and over how many steps. */
  sums: Record<string, number>;
  counted: number;
}
export const freshMemory: LoopMemory = { bestDice: null, sums: {}, counted: 0 };

/** What a loop needs; every method brings its own inputs and step. `T` is whatever one step takes. */
export interface LoopParts<T, Saved> {
  /** Steps already done (0 for a fresh run) and steps to do in all. */
  done: number;
  steps: number;
  memory: LoopMemory;
  inputs(step: number): Promise<T>;
  /** One optimiser step; answers the losses by name, the total as `loss`. */
  update(inputs: T): Promise<Record<string, number>>;
  /** Scores the current weights on whole cases; null where there are no validation cases. */
  validate: (() => Promise<Validation>) | null;
  /** Name of a weight or optimiser state that is not finite, or null: asked before every save, for a finite loss may still lead to such a step. */
  broken(): string | null;
  save(which: 'last' | 'best', step: number, memory: LoopMemory): Promise<Saved>;
  validateEvery: number;
  checkpointEvery: number;
  /** True once a person asked to stop; looked at between steps. */
  stopped(): boolean;
  onSteps(report: { step: number; steps: number; losses: Record<string, number>; secondsLeft: number; busy: string }): void;
  onValidation(step: number, validation: Validation): void;
}
export interface LoopEnd<Saved> {
  step: number;
  last: Saved;
  best: Saved | null;
  stopped: boolean;
}

/** Losses are reported as means over this many steps: a fixed count, so that the same run always gives the same curve. */
export const reportEvery = (steps: number): number => Math.min(10, Math.max(1, Math.round(steps / 200)));

/**
 * Trains until all steps are done or a stop is asked for; either way the last weights are saved.
 * @throws LOSS_NOT_FINITE naming step and terms, WEIGHTS_NOT_FINITE; weights that are not finite, or come from such a loss, are never saved
 */
export async function trainingLoop<T, Saved>(parts: LoopParts<T, Saved>): Promise<LoopEnd<Saved>> {
  const { steps, validate } = parts;
  const window = reportEvery(steps);
  const clock = stopwatch();
  let { bestDice, sums, counted } = structuredClone(parts.memory);
  let best: Saved | null = null;
  let last: Saved | null = null;
  let savedAt = -1;
  let step = parts.done;
  const save = (which: 'last' | 'best') => {
    const broken = parts.broken();
    if (broken !== null) fail('WEIGHTS_NOT_FINITE', step, broken);
    return clock.time('saving', () => parts.save(which, step, { bestDice, sums, counted }));
  };

  while (step < steps && !parts.stopped()) {
    const inputs = await clock.time('waiting', () => parts.inputs(step + 1));
    const losses = await clock.time('training', () => parts.update(inputs));
    step++;
    const astray = offending(losses);
    if (astray) fail('LOSS_NOT_FINITE', step, astray);
    for (const [term, value] of Object.entries(losses)) sums[term] = (sums[term] ?? 0) + value;
    counted++;
    if (step % window === 0 || step === steps) {
      const means = Object.fromEntries(Object.entries(sums).map(([term, sum]) => [term, sum / counted]));
      parts.onSteps({
        step,
        steps: counted,
        losses: means,
        secondsLeft: clock.secondsLeft(step - parts.done, steps - step),
        busy: clock.busy(),
      });
      sums = {};
      counted = 0;
    }
    if (validate && (step % parts.validateEvery === 0 || step === steps)) {
      const validation = await clock.time('validating', validate);
      parts.onValidation(step, validation);
      if (bestDice === null || validation.meanDice > bestDice) {
        bestDice = validation.meanDice;
        best = await save('best');
      }
    }
    if (step % parts.checkpointEvery === 0) {
      last = await save('last');
      savedAt = step;
    }
  }
  if (last === null || savedAt !== step) last = await save('last');
  return { step, last, best, stopped: step < steps };
}

/** The terms that are not finite, in words; the total is blamed only where all its terms are. Null where everything is finite. */
function offending(losses: Readonly<Record<string, number>>): string | null {
  const astray = Object.entries(losses).filter(([, value]) => !Number.isFinite(value));
  const terms = astray.filter(([term]) => term !== 'loss');
  const named = (terms.length > 0 ? terms : astray).map(([term, value]) => `${term} was ${Number.isNaN(value) ? 'not a number' : value}`);
  return named.length > 0 ? named.join(', ') : null;
}

type Phase = 'waiting' | 'training' | 'validating' | 'saving';

function stopwatch() {
  const spent: Record<Phase, number> = { waiting: 0, training: 0, validating: 0, saving: 0 };
  const total = () => spent.waiting + spent.training + spent.validating + spent.saving;
  return {
    async time<R>(phase: Phase, work: () => Promise<R>): Promise<R> {
      const start = performance.now();
      try {
        return await work();
      } finally {
        spent[phase] += performance.now() - start;
      }
    },
    /** Everything so far, validation and saving included, spread over what is left. */
    secondsLeft: (done: number, left: number) => (total() / done / 1000) * left,
    busy: () =>
      (['training', 'waiting', 'validating', 'saving'] as const)
        .map((phase) => [phase, Math.round((100 * spent[phase]) / (total() || 1))] as const)
        .filter(([, share]) => share > 0)
        .map(([phase, share]) => `${phase} ${share} %`)
        .join(' · '),
  };
}

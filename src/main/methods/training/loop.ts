/** The one training loop: batch, lesson, step, report, validate, save. Knows no method, no network and no database. */
import { fail } from '../../../shared/errors';
import { stopwatch } from './stopwatch';

/** Mean Dice of whole validation cases, and per structure index. */
export interface Validation {
  meanDice: number;
  dice: Record<number, number>;
}
/** Means of a stretch of steps, by term. */
export interface StretchReport {
  /** The last step of the stretch, and how many it was. */
  step: number;
  steps: number;
  losses: Record<string, number>;
}

/** What the loop itself must remember across a stop, besides weights and step: saved with every checkpoint. */
export interface LoopMemory {
  bestDice: number | null;
  /** Terms summed since the last report, and over how many steps each; a step may lack a term. */
  sums: Record<string, number>;
  counts: Record<string, number>;
  /** Steps since the last report. */
  counted: number;
  /** What was told since the checkpoint before this one. Told again on resuming, so that no curve has a hole where a message was lost. */
  recent: { stretches: StretchReport[]; validations: { step: number; validation: Validation }[] };
}
export const freshMemory: LoopMemory = { bestDice: null, sums: {}, counts: {}, counted: 0, recent: { stretches: [], validations: [] } };

/** What a loop needs. `Batch` is what the loader gives, `Lesson` whatever one step takes. */
export interface LoopParts<Batch, Lesson, Saved> {
  /** What is trained, as it is called where time is told. */
  trained: string;
  /** Steps already done (0 for a fresh run) and steps to do in all. */
  done: number;
  steps: number;
  /** The step this loop ends with, for a run of several: by default the last. */
  until?: number;
  memory: LoopMemory;
  inputs(step: number): Promise<Batch>;
  /** What a method makes of a batch before its step; others may be asked here. */
  lesson(batch: Batch, step: number): Lesson | Promise<Lesson>;
  /** One optimiser step; answers the losses by name, the total as `loss`, and any other number worth a curve. */
  update(lesson: Lesson): Promise<Record<string, number>>;
  /** Scores the current weights on whole cases; null where there are no validation cases. */
  validate: (() => Promise<Validation>) | null;
  /** Looks at cases for a person's sake after some steps, and changes nothing; absent where nobody does. */
  look?(step: number): Promise<void>;
  /** Name of a weight or optimiser state that is not finite, or null: asked before every save, for a finite loss may still lead to such a step. */
  broken(): string | null;
  save(which: 'last' | 'best', step: number, memory: LoopMemory): Promise<Saved>;
  validateEvery: number;
  checkpointEvery: number;
  /** True once a person asked to stop; looked at between steps. */
  stopped(): boolean;
  onSteps(report: StretchReport & { secondsLeft: number; busy: string }): void;
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
export async function trainingLoop<Batch, Lesson, Saved>(parts: LoopParts<Batch, Lesson, Saved>): Promise<LoopEnd<Saved>> {
  const { steps, validate, until = steps } = parts;
  const window = reportEvery(steps);
  const clock = stopwatch(parts.trained);
  const memory = structuredClone(parts.memory);
  let best: Saved | null = null;
  let last: Saved | null = null;
  let savedAt = -1;
  let step = parts.done;
  const save = (which: 'last' | 'best') => {
    const broken = parts.broken();
    if (broken !== null) fail('WEIGHTS_NOT_FINITE', step, broken);
    return clock.time('saving', () => parts.save(which, step, memory));
  };
  const saveLast = async () => {
    last = await save('last');
    savedAt = step;
    memory.recent = { stretches: [], validations: [] };
  };

  while (step < until && !parts.stopped()) {
    const batch = await clock.time('waiting', () => parts.inputs(step + 1));
    const lesson = await clock.time('teachers', async () => parts.lesson(batch, step + 1));
    const losses = await clock.time('training', () => parts.update(lesson));
    step++;
    const astray = offending(losses);
    if (astray) fail('LOSS_NOT_FINITE', step, astray);
    add(memory, losses);
    if (step % window === 0 || step === steps) {
      const stretch: StretchReport = { step, steps: memory.counted, losses: meansOf(memory) };
      parts.onSteps({ ...stretch, secondsLeft: clock.secondsLeft(step - parts.done, until - step), busy: clock.busy() });
      memory.recent.stretches.push(stretch);
      Object.assign(memory, { sums: {}, counts: {}, counted: 0 });
    }
    if (validate && (step % parts.validateEvery === 0 || step === steps)) {
      const validation = await clock.time('validating', validate);
      parts.onValidation(step, validation);
      memory.recent.validations.push({ step, validation });
      if (memory.bestDice === null || validation.meanDice > memory.bestDice) {
        memory.bestDice = validation.meanDice;
        best = await save('best');
      }
    }
    if (parts.look) await clock.time('looking', async () => parts.look?.(step));
    if (step % parts.checkpointEvery === 0) await saveLast();
  }
  if (savedAt !== step) await saveLast();
  return { step, last: last as Saved, best, stopped: step < until };
}

function add(memory: LoopMemory, terms: Readonly<Record<string, number>>): void {
  memory.counted++;
  for (const [term, value] of Object.entries(terms)) {
    memory.sums[term] = (memory.sums[term] ?? 0) + value;
    memory.counts[term] = (memory.counts[term] ?? 0) + 1;
  }
}
const meansOf = ({ sums, counts }: LoopMemory): Record<string, number> =>
  Object.fromEntries(Object.entries(sums).map(([term, sum]) => [term, sum / counts[term]]));

/** The terms that are not finite, in words; the total is blamed only where all its terms are. Null where everything is finite. */
function offending(losses: Readonly<Record<string, number>>): string | null {
  const astray = Object.entries(losses).filter(([, value]) => !Number.isFinite(value));
  const terms = astray.filter(([term]) => term !== 'loss');
  const named = (terms.length > 0 ? terms : astray).map(([term, value]) => `${term} was ${Number.isNaN(value) ? 'not a number' : value}`);
  return named.length > 0 ? named.join(', ') : null;
}

/**
 * Gradient accumulation: several micro-batches, each a run of the same graph, for one update. For a loss that is a mean over samples this is the update of
 * one batch as large as all of them, up to rounding; batch statistics and ratios over a batch are those of each micro-batch.
 */
import type { Gradients } from './clipping';
import { type Input, input, type Value } from './graph';
import { add, constantLike, greater, mul, where } from './ops/elementwise';
import { type Step, slot, type Update } from './optimisers';

export interface Accumulated {
  /** Means over the micro-batches so far: what clipping and optimisers should be given. */
  gradients: Map<Input, Value>;
  /** Wraps a step so that it is taken only when due; what was gathered is kept until then. */
  whenDue(step: Step): Step;
  /** The same for a value kept besides parameters, such as a running average of them. */
  keptUntilDue(update: Update): Update;
}

/** What tells a run whether to take the step: a float scalar, 0 while gathering, one over the number of micro-batches gathered when due. */
export const shareInput = (): Input => input('share', 'float32', []);

/** What to feed at micro-batch t of `total`, both counted from 0; the last ones may be fewer than `count`. */
export function share(t: number, count: number, total: number): number {
  const gathered = (t % count) + 1;
  return gathered === count || t === total - 1 ? 1 / gathered : 0;
}

/** Adds each gradient to a slot and says when the sum is due. */
export function accumulated(gradients: Gradients, share: Value): Accumulated {
  const due = greater(share, 0);
  const sums = new Map(
    [...gradients].map(([parameter, g]) => {
      const before = slot('sum', parameter);
      return [parameter, { before, sum: add(before, g) }];
    }),
  );
  const keptUntilDue = ({ before, after }: Update): Update => ({ before, after: where(due, after, before) });
  return {
    gradients: new Map([...sums].map(([parameter, { sum }]) => [parameter, mul(sum, share)])),
    keptUntilDue,
    whenDue({ parameter, slots }) {
      const gathered = sums.get(parameter.before);
      if (!gathered) throw new Error(`accumulated: no gradient of ${parameter.before.name} was gathered`);
      const { before, sum } = gathered;
      const cleared = where(due, constantLike(sum, 0), sum);
      return { parameter: keptUntilDue(parameter), slots: [...slots.map(keptUntilDue), { before, after: cleared }] };
    },
  };
}

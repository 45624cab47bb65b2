/** The second law of every op: each form of it gives the same result and, where it is for training, gradients, here on the CPU. */
import { describe, expect, test } from 'vitest';
import { families } from './cases';
import { strays } from './laws';

describe.each(['cpu', 'gpu', 'plain'] as const)('in the %s form', (form) => {
  // Seconds on a machine of its own; where others keep it busy, it should still end.
  test.each(Object.entries(families))(
    '%s give what their definitions say',
    async (_, cases) => {
      expect(await strays(cases, 'cpu', form, 1e-5)).toEqual([]);
    },
    400_000,
  );
});

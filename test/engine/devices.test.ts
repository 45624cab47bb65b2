/** The second law of every op: each form of it gives the same result and gradients, here on the CPU. */
import { describe, expect, test } from 'vitest';
import { families } from './cases';
import { strays } from './laws';

describe.each(['cpu', 'gpu'] as const)('in the form for a %s', (form) => {
  // Seconds on a machine of its own; where others keep it busy, it should still end.
  test.each(Object.entries(families))(
    '%s give what their definitions say',
    async (_, cases) => {
      expect(await strays(cases, 'cpu', form, 1e-5)).toEqual([]);
    },
    400_000,
  );
});

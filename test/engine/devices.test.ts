/** The second law of every op: each form of it gives the same result and gradients, here on the CPU. */
import { describe, expect, test } from 'vitest';
import { everyCase } from './cases';
import { deviceError, prepare } from './laws';

describe.each(['cpu', 'gpu'] as const)('in the form for a %s', (form) => {
  test.each(everyCase)('$name gives what its definition says', async (op) => {
    expect(await deviceError(prepare(op), 'cpu', form)).toBeLessThan(1e-5);
  });
});

/** The second law of every op: each form of it gives the same result and gradients, here on the CPU. */
import { beforeAll, describe, expect, test } from 'vitest';
import { everyCase } from './cases';
import { deviceErrors } from './laws';

test('no two cases have the same name', () => {
  expect(new Set(everyCase.map(({ name }) => name)).size).toBe(everyCase.length);
});

describe.each(['cpu', 'gpu'] as const)('in the form for a %s', (form) => {
  let errors: Map<string, number>;
  beforeAll(async () => {
    // A model of many hundred cases takes the runtime far longer to tidy up than many models of a few.
    errors = new Map();
    for (let from = 0; from < everyCase.length; from += 20) {
      for (const [name, error] of await deviceErrors(everyCase.slice(from, from + 20), 'cpu', form)) errors.set(name, error);
    }
  });
  test.each(everyCase)('$name gives what its definition says', ({ name }) => {
    expect(errors.get(name)).toBeLessThan(1e-5);
  });
});

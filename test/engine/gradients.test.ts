/** The first law of every op: its gradient is what finite differences measure, in double precision. */
import { expect, test } from 'vitest';
import { defineOp } from '../../src/main/engine/graph';
import { everyCase } from './cases';
import { gradientError, prepare } from './laws';

test.each(everyCase)('$name has the gradient that finite differences measure', (op) => {
  expect(gradientError(prepare(op))).toBeLessThan(1e-6);
});

test('a wrong gradient would be found', () => {
  const forgetful = defineOp('Exp', { shape: ([x]) => x.dims, grad: (g) => [g] });
  expect(gradientError(prepare({ name: 'forgetful', shapes: [[3]], build: (x) => forgetful(x) }))).toBeGreaterThan(0.01);
});

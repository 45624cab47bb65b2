/** The first law of every op: its gradient is what finite differences measure, in double precision. */
import { expect, test } from 'vitest';
import { gradients } from '../../src/main/engine/backward';
import { defineOp, inOrder, input, type Value } from '../../src/main/engine/graph';
import { conv } from '../../src/main/engine/ops/convolution';
import { constantLike, mul } from '../../src/main/engine/ops/elementwise';
import { maxPool } from '../../src/main/engine/ops/pooling';
import { sumAll } from '../../src/main/engine/ops/reduce';
import { everyCase, families } from './cases';
import { gradientError, prepare } from './laws';

test('the law is tested on thousands of cases, some of them empty', () => {
  expect(everyCase.length).toBeGreaterThan(3000);
  expect(everyCase.filter(({ shapes }) => shapes.flat().includes(0)).length).toBeGreaterThan(100);
  expect(new Set(everyCase.map(({ name }) => name)).size).toBe(everyCase.length);
});

test.each(Object.entries(families))(
  '%s have the gradients that finite differences measure',
  (_, cases) => {
    const wrong = cases.flatMap((op) => {
      const error = gradientError(prepare(op));
      return error < 1e-6 ? [] : [`${op.name} is off by ${error}`];
    });
    expect(wrong).toEqual([]);
  },
  400_000,
);

test('a wrong gradient would be found', () => {
  const forgetful = defineOp('Exp', { shape: ([x]) => x.dims, grad: (g) => [g] });
  expect(gradientError(prepare({ name: 'forgetful', shapes: [[3]], build: (x) => forgetful(x) }))).toBeGreaterThan(0.01);
});

test('only steps, whole numbers and what is taken as given stop a gradient', () => {
  const stopped = new Set<string>();
  for (const { shapes, build } of everyCase) {
    const result = build(...shapes.map((dims, i) => input(`x${i}`, 'float32', dims)));
    for (const node of inOrder([result])) {
      if (node.kind !== 'node' || node.dtype !== 'float32') continue;
      const back = node.op.rule.grad(constantLike(node, 1), node, node.inputs, node.attributes);
      for (const [i, value] of node.inputs.entries()) {
        if (!back[i] && value.dtype === 'float32' && value.kind !== 'constant') stopped.add(node.op.onnx);
      }
    }
  }
  expect([...stopped].sort()).toEqual(['Ceil', 'Floor', 'Round', 'Sign']);
});

test('a gradient that is not defined names the op and its arguments', () => {
  const x = input('x', 'float32', [1, 1, 4, 4]);
  const w = input('w', 'float32', [1, 1, 3, 3]);
  const twice = (y: Value, at: Value) => gradients(sumAll(gradients(sumAll(mul(y, y)), [at]).get(at) as Value), [x]);
  expect(() => twice(conv(x, w, null), w)).toThrow('ConvWeightGradient: no gradient is defined for its arguments g and x');
  expect(() => twice(maxPool(x, [2, 2]), x)).toThrow('MaxPoolGradient: no gradient is defined for its arguments g and x');
});

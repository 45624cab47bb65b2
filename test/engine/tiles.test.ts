/** Convolutions whose kernel is their stride: gradients by blocks instead of by zeros between voxels. */
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { conv } from '../../src/main/engine/ops/convolution';
import { deviceErrors, gradientError, prepare } from './laws';

const build = (strides: number[]) => (x: Value, w: Value, b: Value) => conv(x, w, b, { strides });
const cases = [
  { spatial: [6], kernel: [3] },
  { spatial: [4, 6], kernel: [2, 2] },
  { spatial: [4, 3], kernel: [4, 1] },
  { spatial: [4, 2, 6], kernel: [2, 2, 2] },
  { spatial: [3, 4, 2], kernel: [1, 2, 2] },
].map(({ spatial, kernel }) => ({
  op: 'conv',
  name: `conv of ${spatial} by blocks of ${kernel}`,
  shapes: [[2, 3, ...spatial], [4, 3, ...kernel], [4]],
  build: build(kernel),
}));

describe.each(cases)('$name', (op) => {
  test('has the gradient that finite differences measure', () => {
    expect(gradientError(prepare(op))).toBeLessThan(1e-6);
  });
  test.each(['cpu', 'gpu'] as const)('gives what its definition says in the form for a %s', async (form) => {
    expect((await deviceErrors([op], 'cpu', form)).get(op.name)).toBeLessThan(1e-5);
  });
  test('puts no zeros between voxels', () => {
    const { inputs, cotangent, gradients } = prepare(op);
    const outputs = Object.fromEntries(gradients.map((value, i) => [`g${i}`, value]));
    const model = buildModel({ name: 'blocks', inputs: [...inputs, cotangent], outputs, form: 'cpu' });
    expect(model.nodes.map((node) => node.op)).not.toContain('Pad');
  });
});

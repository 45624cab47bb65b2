/** Transposed convolution against PyTorch, in every form it is written in: results and gradients. Cases come from the file. */
import { expect, test } from 'vitest';
import { pullBack } from '../../src/main/engine/backward';
import { type Form, type Input, input } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { convTranspose } from '../../src/main/engine/ops/convolutionTransposed';
import { Session } from '../../src/main/engine/session';
import { expectClose, golden, part } from '../golden';

interface Variant {
  stride: number | number[];
  padding: number | number[];
  output_padding: number | number[];
  groups: number;
}
const all = golden('ops/conv_transpose');
const variants = all.metadata.variants as Record<string, Variant>;
const each = (value: number | number[], axes: number) => (Array.isArray(value) ? value : Array<number>(axes).fill(value));

function build(name: string) {
  const feeds = new Map([...part(all, `in.${name}.`), ...part(all, `param.${name}.`)]);
  const inputs = new Map([...feeds].map(([key, { dims }]) => [key, input(key, 'float32', dims)]));
  const [x, weight, bias, cotangent] = ['x', 'weight', 'bias', 'cot_y'].map((key) => inputs.get(key) as Input);
  const { stride, padding, output_padding: outputPadding, groups } = variants[name];
  const axes = x.dims.length - 2;
  const options = { strides: each(stride, axes), before: each(padding, axes), outputPadding: each(outputPadding, axes), groups };
  const y = convTranspose(x, weight, bias ?? null, options);
  return { feeds, inputs: [...inputs.values()], parameters: [weight, bias].filter(Boolean), x, y, cotangent };
}
async function run(name: string, form: Form) {
  const { feeds, inputs, parameters, x, y, cotangent } = build(name);
  const slopes = form === 'plain' ? new Map() : pullBack([[y, cotangent]], [x, ...parameters]);
  const outputs = { 'out.y': y, ...Object.fromEntries([...slopes].map(([to, slope]) => [`grad.${to.name}`, slope])) };
  const model = buildModel({ name, inputs, outputs, form });
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return { ops: model.nodes.map(({ op }) => op), results: new Map(Object.entries(results)) };
}

test.each(Object.keys(variants))('%s has the reference result as one ONNX op', async (name) => {
  const { ops, results } = await run(name, 'plain');
  expect(ops).toEqual(['ConvTranspose']);
  expectClose(results, new Map([['out.y', part(all, `out.${name}.`).get('y')!]]), { relative: 1e-6 });
});

test.each(Object.keys(variants).flatMap((name) => (['cpu', 'gpu'] as const).map((form) => [name, form] as const)))(
  '%s has the reference result and gradients from other ops, for a %s',
  async (name, form) => {
    const { ops, results } = await run(name, form);
    expect(ops).not.toContain('ConvTranspose');
    const gradients = [...part(all, `grad.${name}.`), ...part(all, `grad_in.${name}.`)];
    const wanted = new Map([
      ['out.y', part(all, `out.${name}.`).get('y')!],
      ...gradients.map(([key, value]) => [`grad.${key}`, value] as const),
    ]);
    expectClose(results, wanted, { relative: 2e-6 });
  },
);

test('what does not fit is refused by name', () => {
  const [x, w] = [input('x', 'float32', [1, 4, 3, 3]), input('w', 'float32', [4, 2, 2, 2])];
  expect(() => convTranspose(input('x', 'float32', [1, 3, 3, 3]), w, null)).toThrow('3 input channels, weights expect 4');
  expect(() => convTranspose(x, w, null, { groups: 3 })).toThrow('4 input channels in 3 groups');
  expect(() => convTranspose(x, w, input('b', 'float32', [2]), { groups: 2 })).toThrow('bias [2] for 4 output channels');
  expect(() => convTranspose(x, w, null, { strides: [2, 2], outputPadding: [2, 0] })).toThrow('less than the strides');
});

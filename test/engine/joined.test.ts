/** Updates of many short vectors as one: fewer nodes, the same numbers, no large value kept for longer. */
import { expect, test } from 'vitest';
import { gradients } from '../../src/main/engine/backward';
import { type Input, input, scalar, type Value } from '../../src/main/engine/graph';
import { joined } from '../../src/main/engine/joined';
import { lowered, type Outputs } from '../../src/main/engine/lowering';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { conv } from '../../src/main/engine/ops/convolution';
import { mul } from '../../src/main/engine/ops/elementwise';
import { batchNorm } from '../../src/main/engine/ops/layers';
import { meanAll } from '../../src/main/engine/ops/reduce';
import { adam, ema, type Step, sgd } from '../../src/main/engine/optimisers';
import { Session } from '../../src/main/engine/session';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { random } from '../../src/shared/random';

const widths = [3, 5, 2];
const rate = input('rate', 'float32', []);
const corrections = { first: input('first', 'float32', []), second: input('second', 'float32', []) };

/** Convolutions with a bias and batch norm, one after another; what one step makes of everything kept, and all that it reads. */
function chain(rule: (p: Input, g: Value) => Step): { outputs: Outputs; inputs: Input[] } {
  const kept: Input[] = [];
  const given = (name: string, dims: number[]) => {
    const made = input(name, 'float32', dims);
    kept.push(made);
    return made;
  };
  const image = input('image', 'float32', [2, 2, 6, 6]);
  const [learned, running]: [Input[], [Input, Value][]] = [[], []];
  let x: Value = image;
  for (const [level, width] of widths.entries()) {
    const [weight, bias, scale, shift] = [
      given(`${level}.weight`, [width, x.dims[1], 3, 3]),
      ...['bias', 'scale', 'shift'].map((name) => given(`${level}.${name}`, [width])),
    ];
    learned.push(weight, bias, scale, shift);
    const before = { mean: given(`${level}.mean`, [width]), variance: given(`${level}.variance`, [width]) };
    const { y, running: after } = batchNorm(conv(x, weight, bias, { before: [1, 1] }), scale, shift, before);
    running.push([before.mean, after.mean], [before.variance, after.variance]);
    x = mul(y, y);
  }
  const loss = meanAll(mul(x, x));
  const slopes = gradients(loss, learned);
  const steps = learned.map((p) => rule(p, slopes.get(p) as Value));
  const slots = steps.flatMap((step) => step.slots);
  const averaged = learned.map((p, i): [Input, Value] => [given(`average ${p.name}`, [...p.dims]), steps[i].parameter.after]);
  return {
    outputs: {
      loss,
      ...Object.fromEntries([...steps.map((step) => step.parameter), ...slots].map(({ before, after }) => [`next ${before.name}`, after])),
      ...Object.fromEntries(running.map(([before, after]) => [`next ${before.name}`, after])),
      ...Object.fromEntries(averaged.map(([before, after]) => [`next ${before.name}`, ema(before, after, 0.9)])),
    },
    inputs: [image, rate, corrections.first, corrections.second, ...kept, ...slots.map(({ before }) => before)],
  };
}

async function answers(outputs: Outputs, inputs: readonly Input[], finish?: (outputs: Outputs) => Outputs) {
  const model = buildModel({ name: 'chain', inputs, outputs, form: 'cpu', ...(finish && { finish }) });
  const stream = random(5);
  const feeds = Object.fromEntries(
    inputs.map(({ name, dims }): [string, Tensor] => [
      name,
      tensor(
        dims,
        Float32Array.from({ length: sizeOf(dims) }, () => 0.1 + stream.uniform()),
      ),
    ]),
  );
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run(feeds);
  await session.release();
  return { model, results: new Map(Object.entries(results)) };
}

const rules = {
  'SGD with momentum and decay': (p: Input, g: Value) => sgd(p, g, { rate, momentum: 0.9, weightDecay: 1e-2 }),
  'AdamW that spares vectors': (p: Input, g: Value) =>
    adam(p, g, { rate, corrections, weightDecay: p.dims.length > 1 ? 1e-2 : 0, decay: 'decoupled' }),
};
for (const [name, rule] of Object.entries(rules)) {
  test(`${name} gives the same bits whether vectors are joined or not, from fewer nodes`, async () => {
    const { outputs, inputs } = chain(rule);
    const apart = await answers(outputs, inputs);
    const together = await answers(outputs, inputs, joined);
    expect(together.results).toEqual(apart.results);
    expect(together.model.nodes.length).toBeLessThan(0.85 * apart.model.nodes.length);
  });
}

/** Where the parts of what was joined come from. */
const partsOf = (outputs: Outputs) =>
  Object.entries(joined(lowered(outputs, 'cpu'))).flatMap(([name, value]) =>
    value.kind === 'node' && value.op.onnx === 'Split' ? [name] : [],
  );

test('gains and statistics of norms are joined; biases, whose gradients nothing else asks for, and matrices are not', () => {
  const { outputs } = chain(rules['SGD with momentum and decay']);
  const levels = widths.map((_, level) => level);
  const expected = levels.flatMap((level) =>
    ['scale', 'shift', 'mean', 'variance']
      .map((name) => `next ${level}.${name}`)
      .concat(['scale', 'shift'].flatMap((name) => [`next momentum.${level}.${name}`, `next average ${level}.${name}`])),
  );
  expect(partsOf(outputs).sort()).toEqual(expected.sort());
});

test('vectors are joined only with those that are computed by the same numbers', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => input(name, 'float32', [3]));
  expect(partsOf({ x: mul(a, 2), y: mul(b, 3), z: mul(c, 2) })).toEqual(['x', 'z']);
  expect(partsOf({ x: mul(a, rate), y: mul(b, corrections.first), z: mul(c, rate) })).toEqual(['x', 'z']);
  expect(partsOf({ x: mul(a, a), y: mul(a, b), z: mul(c, b) })).toEqual(['y', 'z']);
  expect(partsOf({ x: mul(a, scalar(2)) })).toEqual([]);
});

/** A step at work: the same numbers every time, state that survives a stop, and inputs that do not fit are named. */
import { describe, expect, test } from 'vitest';
import { gradients } from '../../src/main/engine/backward';
import { input, scalar } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { mul, sub } from '../../src/main/engine/ops/elementwise';
import { meanAll } from '../../src/main/engine/ops/reduce';
import { reshape } from '../../src/main/engine/ops/shape';
import { softmax } from '../../src/main/engine/ops/softmax';
import { sgd } from '../../src/main/engine/optimisers';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { planStep, TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters, parameterInputs, trainedInputs } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';

const network = unet3d({ inChannels: 1, classes: 2, widths: [2, 2, 4, 4, 8] });
const side = 32;
const plan = supervisedStep({ network, patch: [side, side, side], batch: 1, momentum: 0.9, weightDecay: 1e-4, dropout: 0.3 });
const cpu = { device: 'cpu', threads: 1 } as const;
const start = () => initialParameters(network, random(1));

/** A bright ball in noise, at another place in every step; masks as the plan asks for them. */
function batch(step: number): Record<string, Tensor> {
  const stream = random(7).fork(step);
  const centre = [0, 1, 2].map(() => stream.uniform(10, 22));
  const label = new Uint8Array(side ** 3);
  const image = new Float32Array(side ** 3);
  for (let at = 0; at < label.length; at++) {
    const place = [Math.floor(at / side ** 2), Math.floor(at / side) % side, at % side];
    label[at] = Number(place.reduce((sum, p, axis) => sum + (p - centre[axis]) ** 2, 0) < 64);
    image[at] = label[at] + 0.3 * stream.normal();
  }
  const inputs: Record<string, Tensor> = {
    image: tensor([1, 1, side, side, side], image),
    label: { dims: [1, side, side, side], data: label },
    rate: tensor([], [0.05]),
  };
  for (const [name, { dims, keep }] of Object.entries(plan.inputs)) {
    if (keep) inputs[name] = { dims, data: Uint8Array.from({ length: sizeOf(dims) }, () => Number(stream.uniform() < keep)) };
  }
  return inputs;
}
async function losses(step: TrainingStep, from: number, to: number): Promise<number[]> {
  const list: number[] = [];
  for (let t = from; t < to; t++) list.push((await step.run(batch(t))).loss);
  return list;
}

test('training learns, repeats bit by bit, and goes on after a stop as if there had been none', async () => {
  const whole = await TrainingStep.open(plan, start(), cpu);
  const curve = await losses(whole, 0, 14);
  expect(curve[13]).toBeLessThan(0.75 * curve[0]);

  const first = await TrainingStep.open(plan, start(), cpu);
  const before = await losses(first, 0, 7);
  const saved = first.state();
  await losses(first, 7, 8);
  const second = await TrainingStep.open(plan, saved, cpu);
  const after = await losses(second, 7, 14);
  expect([...before, ...after]).toEqual(curve);
  expect([...second.parameters()]).toEqual([...whole.parameters()]);
  expect([...saved.keys()].filter((name) => name.startsWith('momentum.'))).toHaveLength(plan.parameters.length);
  for (const step of [whole, first, second]) await step.close();
});

test('inputs and parameters that do not fit are named', async () => {
  const missing = start();
  missing.delete('final.bias');
  await expect(TrainingStep.open(plan, missing, cpu)).rejects.toThrow('no values for the parameter final.bias');
  await expect(TrainingStep.open(plan, start().set('final.bias', tensor([3], [0, 0, 0])), cpu)).rejects.toThrow(
    'final.bias has shape [3], expected [2]',
  );
  const step = await TrainingStep.open(plan, start(), cpu);
  await expect(step.run({})).rejects.toThrow('the input image is missing');
  await expect(step.run({ ...batch(0), label: tensor([1, side, side, side], new Float32Array(side ** 3)) })).rejects.toThrow(
    'label is float32 [1, 32, 32, 32], expected uint8 [1, 32, 32, 32]',
  );
  await step.close();
});

test('a step says what it will cost', () => {
  const wider = supervisedStep({
    network: unet3d({ inChannels: 1, classes: 2, widths: [4, 4, 8, 8, 16] }),
    patch: [side, side, side],
    batch: 2,
    momentum: 0.9,
    weightDecay: 0,
    dropout: 0,
  });
  expect(wider.cost.flops / plan.cost.flops).toBeGreaterThan(5);
  expect(wider.cost.peakBytes).toBeGreaterThan(2 * 4 * side ** 3 * 4 * 3);
  expect(wider.cost.peakBytes / plan.cost.peakBytes).toBeGreaterThan(2);
});

test('what is hidden from the runtime of a shape is also how many axes it has', () => {
  const x = input('x', 'float32', [2, 3]);
  const model = buildModel({
    name: 'hidden',
    inputs: [x],
    outputs: { y: reshape(x, [6]), z: reshape(x, [1, 6]) },
    form: 'cpu',
    hideShapes: true,
  });
  const [short, long] = model.initializers;
  // What has lengths of one name is held for equally long.
  expect(model.inputs).toEqual([
    { name: 'x', dtype: 'float32', dims: [2, 3] },
    { name: short.name, dtype: 'int64', dims: ['1 axes'] },
    { name: long.name, dtype: 'int64', dims: ['2 axes'] },
  ]);
});

describe('a step answers with values of any shape besides its numbers', () => {
  const theta = parameterInputs(network);
  const image = input('image', 'float32', [1, 1, side, side, side]);
  const probabilities = softmax(network.forward(theta, image), 1);
  const away = sub(probabilities, scalar(0.25));
  const loss = meanAll(mul(away, away));
  const slopes = gradients(loss, trainedInputs(network, theta));
  const graph = {
    name: 'even',
    inputs: [image],
    steps: [...slopes].map(([p, g]) => sgd(p, g, { rate: scalar(1), momentum: 0.9, weightDecay: 0 })),
    reports: { loss },
  };
  const answering = planStep({ ...graph, results: { probabilities } });
  const lossOf = ({ data }: Tensor) => {
    let sum = 0;
    for (const p of data) sum += (Number(p) - 0.25) ** 2;
    return sum / data.length;
  };

  test.each([{}, { recompute: true }, { precision: 'mixed' }] as const)('laid out as %o', async (layout) => {
    const step = await TrainingStep.open(answering.layOut(layout), start(), cpu);
    expect(() => step.result('probabilities')).toThrow('probabilities was asked for before the first step');
    const seen: number[] = [];
    for (let t = 0; t < 3; t++) {
      const { loss } = await step.run({ image: batch(t).image });
      const result = step.result('probabilities');
      expect(result.dims).toEqual([1, 2, side, side, side]);
      expect(lossOf(result)).toBeCloseTo(loss, 6);
      seen.push(loss);
    }
    expect(new Set(seen).size).toBe(3);
    expect(() => step.result('loss')).toThrow('the plan has no result loss');
    await step.close();
  });

  test('what they take is counted, and a plan without them has none', () => {
    const silent = planStep(graph);
    expect([silent.results, answering.results]).toEqual([[], ['probabilities']]);
    expect(answering.cost.borderBytes - silent.cost.borderBytes).toBe(2 * side ** 3 * 4);
    expect(answering.cost.nodes).toBe(silent.cost.nodes);
  });

  test('what rests on a gradient, or has the name of a report, is refused', () => {
    const [slope] = slopes.values();
    expect(() => planStep({ ...graph, results: { slope } })).toThrow('the result slope rests on a gradient');
    expect(() => planStep({ ...graph, results: { loss } })).toThrow('loss names a report and a result');
  });
});

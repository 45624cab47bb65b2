/** A step at work: the same numbers every time, state that survives a stop, and inputs that do not fit are named. */
import { expect, test } from 'vitest';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters } from '../../src/main/networks/network';
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

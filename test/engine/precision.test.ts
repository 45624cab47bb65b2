/** Mixed precision: nearly the same step, one that still learns, and an overflow that harms nothing. */
import { expect, test } from 'vitest';
import { decodeModel } from '../../src/main/engine/onnx/decode';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';
import { relativeDifference } from '../golden';

const network = unet3d({ inChannels: 1, classes: 2, widths: [2, 2, 4, 4, 8] });
const side = 16;
const full = supervisedStep({ network, patch: [side, side, side], batch: 1, momentum: 0.9, weightDecay: 0, dropout: 0 });
const mixed = full.layOut({ precision: 'mixed' });
const cpu = { device: 'cpu', threads: 1 } as const;
const start = () => initialParameters(network, random(1));

/** A bright ball in noise, at another place in every step. */
function batch(step: number): Record<string, Tensor> {
  const stream = random(7).fork(step);
  const centre = [0, 1, 2].map(() => stream.uniform(5, 11));
  const label = new Uint8Array(side ** 3);
  const image = new Float32Array(side ** 3);
  for (let at = 0; at < label.length; at++) {
    const place = [Math.floor(at / side ** 2), Math.floor(at / side) % side, at % side];
    label[at] = Number(place.reduce((sum, p, axis) => sum + (p - centre[axis]) ** 2, 0) < 25);
    image[at] = label[at] + 0.3 * stream.normal();
  }
  return { image: tensor([1, 1, side, side, side], image), label: { dims: [1, side, side, side], data: label }, rate: tensor([], [0.05]) };
}

/** How far the step moved every parameter. */
function moves(after: ReadonlyMap<string, Tensor>): Map<string, Float32Array> {
  return new Map([...start()].map(([name, { data }]) => [name, data.map((x, i) => Number(after.get(name)?.data[i]) - x)]));
}

test('convolutions run in 16 bits, parameters cross the border in 32', () => {
  const { nodes, inputs } = decodeModel(mixed.model);
  expect(nodes.filter(({ op, attributes }) => op === 'Cast' && attributes.to === 10).length).toBeGreaterThan(10);
  expect(inputs.filter(({ dtype }) => dtype === 'float16')).toEqual([]);
  expect(mixed.slots.map(({ name }) => name)).toEqual(expect.arrayContaining(['loss scale.offset', 'loss scale.quiet']));
});

test('one step moves the weights as in 32 bits to a few hundredths', async () => {
  const [a, b] = [await TrainingStep.open(full, start(), cpu), await TrainingStep.open(mixed, start(), cpu)];
  const [exact, near] = [await a.run(batch(0)), await b.run(batch(0))];
  expect(Math.abs(near.loss / exact.loss - 1)).toBeLessThan(2e-3);
  const [expected, came] = [moves(a.parameters()), moves(b.parameters())];
  for (const [name, move] of expected) {
    if (!name.endsWith('weight')) continue; // a bias before a normalisation has no gradient but rounding
    expect(relativeDifference(came.get(name) as Float32Array, move), name).toBeLessThan(0.05);
  }
  await Promise.all([a.close(), b.close()]);
});

test('fifty steps learn', async () => {
  const step = await TrainingStep.open(mixed, start(), cpu);
  const losses: number[] = [];
  for (let t = 0; t < 50; t++) losses.push((await step.run(batch(t))).loss);
  await step.close();
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(losses.slice(-5))).toBeLessThan(0.7 * mean(losses.slice(0, 5)));
});

test('a step that overflows halves the scale and changes nothing else; after enough quiet ones the scale doubles', async () => {
  const step = await TrainingStep.open(mixed, start(), cpu);
  const broken = batch(0);
  await step.run({ ...broken, image: tensor([1, 1, side, side, side], new Float32Array(sizeOf([side, side, side])).fill(1e30)) });
  const after = step.state();
  for (const [name, { data }] of start()) expect([...(after.get(name)?.data ?? [])], name).toEqual([...data]);
  expect(Number(after.get('loss scale.offset')?.data[0])).toBe(-(2 ** 15));
  await step.close();

  const quiet = await TrainingStep.open(mixed, new Map([...after, ['loss scale.quiet', tensor([], [199])]]), cpu);
  await quiet.run(batch(0));
  expect(Number(quiet.state().get('loss scale.offset')?.data[0])).toBe(0);
  expect(Number(quiet.state().get('loss scale.quiet')?.data[0])).toBe(0);
  await quiet.close();
});

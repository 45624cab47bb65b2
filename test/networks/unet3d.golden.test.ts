/** The 3D U-Net as it is used: exported, trained by the supervised step, and with dropout. Its gradients are among those of all students. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { input } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { inferenceModel } from '../../src/main/networks/inference';
import { Pass, parameterInputs } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { expectClose, golden, part, relativeDifference } from '../golden';

interface Config {
  filters: number[];
  n_classes: number;
  in_channels: number;
  dropout_p: number;
  input: [number, number, number, number, number];
}
const io = golden('students/muduo_unet3d.io');
const config = io.metadata.config as Config;
const parameters = part(golden('students/muduo_unet3d.params'), 'param.');
const spec = { inChannels: config.in_channels, classes: config.n_classes, widths: config.filters };
const network = unet3d(spec);
const reference = (name: string) => io.tensors.get(name) as Tensor;
const image = reference('in.x');
const label = { dims: reference('in.label').dims, data: Uint8Array.from(reference('in.label').data, Number) };
const cpu = { device: 'cpu', threads: 1 } as const;

test.each(['fixed', 'any'] as const)('inference with %s batch gives the reference logits', async (batch) => {
  const model = inferenceModel(network, parameters, { image: image.dims, batch, activation: 'none' });
  const session = await Session.create(model, cpu);
  const { logits } = await session.run({ image });
  expect(relativeDifference(logits.data, reference('out.eval.logits').data)).toBeLessThan(2e-5);
  await session.release();
});

describe('one training step', () => {
  const shared = { network, patch: config.input.slice(2) as [number, number, number], batch: config.input[0] };
  const optimiser = golden('students/muduo_unet3d.after_sgd').metadata.optimizer as { lr: number; momentum: number; weight_decay: number };
  const plan = supervisedStep({ ...shared, momentum: optimiser.momentum, weightDecay: optimiser.weight_decay, dropout: 0 });
  const rate = tensor([], [optimiser.lr]);
  let step: TrainingStep;
  beforeAll(async () => {
    step = await TrainingStep.open(plan, parameters, cpu);
  });
  afterAll(() => step.close());

  test('reports the reference losses and arrives at the reference parameters', async () => {
    const reports = await step.run({ image, label, rate });
    expect(reports.loss).toBeCloseTo(Number(reference('out.train.loss').data[0]), 6);
    expect(reports.crossEntropy).toBeCloseTo(Number(reference('out.train.loss_ce').data[0]), 5);
    expect(reports.diceLoss).toBeCloseTo(Number(reference('out.train.loss_dice').data[0]), 6);
    expectClose(step.parameters(), part(golden('students/muduo_unet3d.after_sgd'), 'after.'), { relative: 2e-6 });
  });
});

test('given dropout masks give the reference logits', async () => {
  const [x, first, second] = [
    input('image', 'float32', image.dims),
    ...['1', '2'].map((n) => input(`dropout${n}`, 'float32', reference(`in.dropout${n}_mask`).dims)),
  ];
  const theta = parameterInputs(network);
  const masks = new Map([first, second].map((mask) => [mask.name, mask]));
  const logits = network.forward(theta, x, Pass.training({ share: config.dropout_p, masks }));
  const model = buildModel({ name: 'dropout', inputs: [x, first, second, ...theta.values()], outputs: { logits }, form: 'cpu' });
  const session = await Session.create(encodeModel(model), cpu);
  const results = await session.run({
    image,
    dropout1: reference('in.dropout1_mask'),
    dropout2: reference('in.dropout2_mask'),
    ...Object.fromEntries(parameters),
  });
  expect(relativeDifference(results.logits.data, reference('out.train_dropout.logits').data)).toBeLessThan(2e-5);
  await session.release();
});

/** Values made again in the backward pass: less memory, the same numbers. */
import { expect, test } from 'vitest';
import { sizeOf, type Tensor, zeros } from '../../src/main/engine/tensor';
import { type StepPlan, TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';
import { expectClose } from '../golden';

const network = unet3d({ inChannels: 1, classes: 2, widths: [2, 4, 8, 16, 32] });
const patch = [32, 32, 32] as const;
const kept = supervisedStep({ network, patch, batch: 1, momentum: 0.9, weightDecay: 1e-4, dropout: 0.3 });
const remade = kept.layOut({ recompute: true });

function batch(plan: StepPlan): Record<string, Tensor> {
  const stream = random(3);
  return Object.fromEntries(
    Object.entries(plan.inputs).map(([name, { dims, dtype, keep = 0.5 }]) => {
      const data = zeros(dtype, sizeOf(dims));
      for (let i = 0; i < data.length; i++) {
        data[i] = dtype === 'uint8' ? Number(stream.uniform() < keep) : name === 'rate' ? 0.05 : stream.normal();
      }
      return [name, { dims, data }];
    }),
  );
}

async function twoSteps(plan: StepPlan) {
  const step = await TrainingStep.open(plan, initialParameters(network, random(1)), { device: 'cpu', threads: 1 });
  const losses = [await step.run(batch(plan)), await step.run(batch(plan))].map(({ loss }) => loss);
  const state = step.state();
  await step.close();
  return { losses, state };
}

test('making values again needs far less memory and not even a half more arithmetic', () => {
  expect(remade.cost.peakBytes).toBeLessThan(0.8 * kept.cost.peakBytes);
  expect(remade.cost.flops).toBeGreaterThan(kept.cost.flops);
  expect(remade.cost.flops).toBeLessThan(1.5 * kept.cost.flops);
});

test('making values again changes no number beyond rounding', async () => {
  const [first, second] = [await twoSteps(kept), await twoSteps(remade)];
  expect(second.losses[0]).toBe(first.losses[0]);
  expect(second.losses[1]).toBeCloseTo(first.losses[1], 5);
  expectClose(second.state, first.state, { relative: 1e-4, absolute: 1e-7 });
});

// The order in which values are made again hangs on the patch, and with it which of them find a place another has left.
test.each([
  [2, [16, 16, 96]],
  [2, [16, 32, 128]],
  [3, [16, 16, 32]],
  [3, [16, 16, 64]],
])('with %i classes, patches of %j are made again too', async (classes, sides) => {
  const oblong = unet3d({ inChannels: 2, classes, widths: [1, 2, 4, 8, 16] });
  const plan = supervisedStep({ network: oblong, patch: sides, batch: 1, momentum: 0.9, weightDecay: 1e-4, dropout: 0.3 });
  const again = plan.layOut({ recompute: true });
  const step = await TrainingStep.open(again, initialParameters(oblong, random(1)), { device: 'cpu', threads: 1 });
  expect((await step.run(batch(again))).loss).toBeGreaterThan(0);
  await step.close();
});

/** A run whose rate is too high, with a real network, a real step and real files: it ends, says why, and what it saved is still good. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../../src/main/engine/tensor';
import { TrainingStep } from '../../../src/main/engine/trainStep';
import { supervisedStep } from '../../../src/main/methods/supervised';
import { readRun, saveRun } from '../../../src/main/methods/training/checkpoint';
import { freshMemory, trainingLoop } from '../../../src/main/methods/training/loop';
import { initialParameters } from '../../../src/main/networks/network';
import { unet3d } from '../../../src/main/networks/unet3d';
import type { StudentSpec } from '../../../src/shared/domain';
import { random } from '../../../src/shared/random';
import { temporaryFolder } from '../../folders';

const network = unet3d({ inChannels: 1, classes: 2, widths: [1, 1, 2, 2, 2] });
const side = 16;
const plan = supervisedStep({ network, patch: [side, side, side], batch: 1, momentum: 0.9, weightDecay: 0, dropout: 0 });
const slots = new Set(plan.slots.map(({ name }) => name));

function inputsAt(t: number, rate: number): Record<string, Tensor> {
  const stream = random(3).fork(t);
  const image = Float32Array.from({ length: side ** 3 }, () => stream.normal());
  return {
    image: tensor([1, 1, side, side, side], image),
    label: { dims: [1, side, side, side], data: Uint8Array.from(image, (value) => Number(value > 0.5)) },
    rate: tensor([], [rate]),
  };
}

/** Trains with rate 0.01 up to step 9, then with `rate`. */
async function run(path: string, rate: number, checkpointEvery: number) {
  const step = await TrainingStep.open(plan, initialParameters(network, random(1)), { device: 'cpu', threads: 1 });
  const good = new Map<number, ReadonlyMap<string, Tensor>>();
  const saved: number[] = [];
  const ending = await trainingLoop({
    trained: 'student',
    done: 0,
    steps: 30,
    memory: freshMemory,
    inputs: async (t) => inputsAt(t, t < 9 ? 0.01 : rate),
    lesson: (inputs) => inputs,
    update: (inputs) => step.run(inputs),
    validate: null,
    validateEvery: 30,
    broken: () => step.firstNotFinite(),
    async save(_which, at, memory) {
      const state = step.state();
      good.set(at, state);
      saved.push(at);
      const of = (kind: 'slots' | 'parameters') => new Map([...state].filter(([name]) => slots.has(name) === (kind === 'slots')));
      // A run's file also says what its student is for; the loop does not care.
      await saveRun(path, {
        spec: {} as StudentSpec,
        step: at,
        trainedSeconds: 0,
        memory,
        parameters: of('parameters'),
        slots: of('slots'),
      });
    },
    checkpointEvery,
    stopped: () => false,
    onSteps: () => {},
    onValidation: () => {},
  }).then(
    () => null,
    (error: Error & { code: string }) => error,
  );
  await step.close();
  return { ending, saved, good };
}

async function expectSound(path: string, step: number, state: ReadonlyMap<string, Tensor>) {
  const kept = await readRun(path);
  expect(kept.step).toBe(step);
  const all = new Map([...kept.parameters, ...kept.slots]);
  expect(new Map([...all].map(([name, { data }]) => [name, data]))).toEqual(new Map([...state].map(([name, { data }]) => [name, data])));
  for (const { data } of all.values()) expect((data as Float32Array).every(Number.isFinite)).toBe(true);
}

test('a rate that makes the loss diverge ends the run at the step that shows it, naming the term, and keeps the checkpoint before', async () => {
  const path = join(temporaryFolder(), 'last.safetensors');
  const { ending, saved, good } = await run(path, 1e38, 4);
  expect(ending).toMatchObject({ code: 'LOSS_NOT_FINITE' });
  expect(ending?.message).toMatch(/^At step 10 the loss was no finite number any more \((crossEntropy|diceLoss) was/);
  expect(saved).toEqual([4, 8]);
  await expectSound(path, 8, good.get(8) as ReadonlyMap<string, Tensor>);
});

test('a step with a finite loss whose weights overflow does not replace the good checkpoint', async () => {
  const path = join(temporaryFolder(), 'last.safetensors');
  const { ending, saved, good } = await run(path, Number.POSITIVE_INFINITY, 3);
  expect(ending).toMatchObject({ code: 'WEIGHTS_NOT_FINITE' });
  expect(ending?.message).toMatch(/^Step 9 left \S+ with values that are no finite numbers/);
  expect(saved).toEqual([3, 6]);
  await expectSound(path, 6, good.get(6) as ReadonlyMap<string, Tensor>);
});

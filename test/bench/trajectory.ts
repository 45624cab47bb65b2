/**
 * The same training in two programs: the 3D U-Net here and in PyTorch, from the same weights on the same batches, 50 updates each. Measures how far
 * the losses come apart, and fails beyond 1e-3.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '../../src/main/checkpoints/safetensors';
import { gradients } from '../../src/main/engine/backward';
import { input } from '../../src/main/engine/graph';
import { add, mul } from '../../src/main/engine/ops/elementwise';
import { softmax } from '../../src/main/engine/ops/softmax';
import { adam, adamCorrections, adamScalars } from '../../src/main/engine/optimisers';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { planStep, type StepPlan, TrainingStep } from '../../src/main/engine/trainStep';
import { crossEntropy } from '../../src/main/methods/losses/crossEntropy';
import { diceLoss } from '../../src/main/methods/losses/dice';
import { oneHot } from '../../src/main/methods/losses/target';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters, parameterInputs } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';

const steps = 50;
const allowed = 1e-3;
const [batch, side, width] = [2, 32, 4];
const spec = { inChannels: 2, classes: 3, widths: [1, 2, 4, 8, 16].map((times) => times * width) };
const network = unet3d(spec);
const sgdSettings = { momentum: 0.9, weightDecay: 1e-4 };
const adamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
const optimisers = {
  sgd: {
    rate: 0.01,
    settings: sgdSettings,
    plan: () => supervisedStep({ network, patch: [side, side, side], batch, ...sgdSettings, dropout: 0 }),
    scalars: () => ({}),
  },
  adamw: { rate: 1e-3, settings: adamSettings, plan: adamStep, scalars: (t: number) => adamScalars(t, adamSettings) },
};

export default async function* measure() {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-trajectory-'));
  try {
    const start = initialParameters(network, random(1));
    const batches = Array.from({ length: steps }, (_, t) => batchAt(t));
    const named = batches.flatMap(({ image, label }, t) => [[`image.${t}`, image] as const, [`label.${t}`, label] as const]);
    await writeSafetensors(join(folder, 'start.safetensors'), start);
    await writeSafetensors(join(folder, 'batches.safetensors'), new Map(named));
    for (const [name, { rate, settings, plan, scalars }] of Object.entries(optimisers)) {
      const what = `3D U-Net ${width}…${16 * width}, batch ${batch} × ${side}³, ${steps} steps of ${name}: worst relative difference of the loss`;
      const theirs = pytorch(folder, { steps, classes: spec.classes, optimiser: name, rate, ...settings });
      if (!theirs) {
        yield { name: what, value: Number.NaN, unit: '', note: 'no PyTorch at /usr/bin/python3' };
        continue;
      }
      const ours = await train(plan(), start, (t) => ({ ...batches[t], rate: tensor([], [rate]), ...asTensors(scalars(t)) }));
      const apart = ours.map((loss, t) => Math.abs(loss - theirs[t]) / Math.abs(theirs[t]));
      const worst = Math.max(...apart);
      const [first, last] = [ours[0], ours[steps - 1]].map((loss) => loss.toFixed(3));
      yield { name: what, value: worst, unit: '', note: `at step ${apart.indexOf(worst) + 1}; the loss falls from ${first} to ${last}` };
      if (!(worst <= allowed)) throw new Error(`${name}: the losses differ by up to ${worst}, ${allowed} is allowed`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function train(
  plan: StepPlan,
  start: ReadonlyMap<string, Tensor>,
  inputsAt: (t: number) => Record<string, Tensor>,
): Promise<number[]> {
  const step = await TrainingStep.open(plan, start, { device: 'cpu', threads: 1 });
  const losses: number[] = [];
  for (let t = 0; t < steps; t++) losses.push((await step.run(inputsAt(t))).loss);
  await step.close();
  return losses;
}

/** Two balls of different brightness in noise, at places of their own in every sample. */
function batchAt(t: number): { image: Tensor; label: Tensor } {
  const stream = random(5).fork(t);
  const voxels = side ** 3;
  const image = new Float32Array(batch * spec.inChannels * voxels);
  const label = new Uint8Array(batch * voxels);
  for (let n = 0; n < batch; n++) {
    const centres = [1, 2].map(() => [0, 1, 2].map(() => stream.uniform(6, side - 6)));
    for (let at = 0; at < voxels; at++) {
      const place = [Math.floor(at / side ** 2), Math.floor(at / side) % side, at % side];
      const inside = centres.findIndex((centre) => Math.hypot(...place.map((p, axis) => p - centre[axis])) < 6);
      label[n * voxels + at] = inside + 1;
      for (let channel = 0; channel < spec.inChannels; channel++) {
        image[(n * spec.inChannels + channel) * voxels + at] = (inside === channel ? 1 : 0) + 0.5 * stream.normal();
      }
    }
  }
  return { image: tensor([batch, spec.inChannels, side, side, side], image), label: { dims: [batch, side, side, side], data: label } };
}

/** The supervised step with AdamW in place of momentum. */
function adamStep(): StepPlan {
  const theta = parameterInputs(network);
  const image = input('image', 'float32', [batch, spec.inChannels, side, side, side]);
  const label = input('label', 'uint8', [batch, side, side, side]);
  const rate = input('rate', 'float32', []);
  const corrections = adamCorrections();
  const logits = network.forward(theta, image);
  const target = oneHot(label, spec.classes);
  const dice = diceLoss(softmax(logits, 1), target, { denominator: 'squared', over: 'batch', smooth: 1e-5 });
  const loss = mul(add(crossEntropy(logits, target), dice), 0.5);
  const slopes = gradients(loss, [...theta.values()]);
  return planStep({
    name: 'adamw',
    inputs: [image, label, rate, corrections.first, corrections.second],
    steps: [...slopes].map(([p, slope]) => adam(p, slope, { rate, corrections, ...adamSettings, decay: 'decoupled' })),
    reports: { loss },
  });
}

const asTensors = (scalars: Record<string, number>) =>
  Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, tensor([], [value])]));

/** The losses of the same training there, or null where there is no PyTorch. */
function pytorch(folder: string, settings: object): number[] | null {
  const has = (() => {
    try {
      execFileSync('/usr/bin/python3', ['-c', 'import torch'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  if (!has) return null;
  const script = join(import.meta.dirname, 'trajectory.py');
  return JSON.parse(execFileSync('/usr/bin/python3', [script, folder, JSON.stringify(settings)], { encoding: 'utf8' }));
}

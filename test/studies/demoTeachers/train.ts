/** Runs the recipes: bodies made on the way, one practice step after another, a checkpoint every few minutes, and half-precision weights at the end. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSafetensors, writeSafetensors } from '../../../src/main/checkpoints/safetensors';
import type { Tensor } from '../../../src/main/engine/tensor';
import { TrainingStep } from '../../../src/main/engine/trainStep';
import { type AssortedBody, assortedBody } from '../../../src/main/imaging/phantom/assorted';
import { practice } from '../../../src/main/methods/practice/practice';
import { practiceRounds } from '../../../src/main/methods/practice/rounds';
import { volumeScene } from '../../../src/main/methods/practice/volumeScenes';
import { initialParameters } from '../../../src/main/networks/network';
import { samParameters } from '../../../src/main/networks/sam/spec';
import { random } from '../../../src/shared/random';
import { type PracticeRecipe, recipes } from './recipes';

/** Bodies at hand at any time, and steps after which the oldest makes room for a new one. */
const kept = 120;
const renewEvery = 4;
const reportEvery = 50;
const checkpointEvery = 250;

export default async function train(root: string, args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: Object.keys(recipes).join(',') },
      work: { type: 'string', default: join(tmpdir(), 'understudy-demo-teachers') },
      threads: { type: 'string', default: String(availableParallelism()) },
      steps: { type: 'string' },
    },
  });
  await mkdir(values.work, { recursive: true });
  for (const name of values.only.split(',')) {
    const recipe = recipes[name];
    if (!recipe) throw new Error(`There is no recipe ${name}; there are ${Object.keys(recipes).join(', ')}.`);
    const steps = values.steps ? Number(values.steps) : recipe.steps;
    const weights = await practised(name, { ...recipe, steps }, values.work, Number(values.threads));
    await mkdir(join(root, 'resources/teachers'), { recursive: true });
    await writeSafetensors(join(root, `resources/teachers/demo-${name}.safetensors`), halved(weights), recipe.metadata);
  }
}

async function practised(name: string, recipe: PracticeRecipe, work: string, threads: number): Promise<Map<string, Tensor>> {
  const { config, steps, rounds, seed } = recipe;
  const settings = { ...practice.defaults, rate: recipe.rate, steps };
  const plan = practice.plan(config, settings);
  const checkpoint = join(work, `${name}.safetensors`);
  const before = existsSync(checkpoint) ? await readSafetensors(checkpoint) : null;
  const begun = before ? Number(before.metadata.step) : 0;
  const start =
    (before?.tensors as Map<string, Tensor> | undefined) ??
    initialParameters({ parameters: samParameters(config.spec) }, random(seed).fork('weights'));
  const step = await TrainingStep.open(plan, start, { device: 'cpu', threads });

  const born = (t: number) => Math.floor(t / renewEvery);
  const bodies: AssortedBody[] = Array.from({ length: kept }, (_, n) => assortedBody(seed, born(begun) + n));
  const asked = practiceRounds(config, rounds, seed * 1_000_003 + begun, (stream) =>
    volumeScene(bodies, recipe.modality === 'PET' ? 'PET' : 'CT', config.spec.imageSide, stream),
  );
  let sums: Record<string, number> = {};
  const began = performance.now();
  for (let t = begun; t < steps; t++) {
    const scalars = Object.entries(practice.schedule(t, settings)).map(([key, value]) => [key, { dims: [], data: Float32Array.of(value) }]);
    const reports = await step.run({ ...asked.feeds(), ...Object.fromEntries(scalars) });
    if (!Number.isFinite(reports.loss)) throw new Error(`${name}: the loss of step ${t + 1} is ${reports.loss}`);
    asked.hear((result) => step.result(result));
    for (const [key, value] of Object.entries(reports)) sums[key] = (sums[key] ?? 0) + value / reportEvery;
    if ((t + 1) % renewEvery === 0) bodies[born(t) % kept] = assortedBody(seed, born(t) + kept);
    if ((t + 1) % reportEvery === 0) {
      const seconds = (performance.now() - began) / 1000;
      const left = (seconds / (t + 1 - begun)) * (steps - t - 1);
      const row = { step: t + 1, ...Object.fromEntries(Object.entries(sums).map(([key, value]) => [key, Number(value.toFixed(4))])) };
      const curve = join(work, `${name}.jsonl`);
      await writeFile(curve, `${JSON.stringify(row)}\n`, { flag: 'a' });
      console.log(`${name} ${JSON.stringify(row)} ${Math.round(seconds)} s, ${Math.round(left)} s left`);
      sums = {};
    }
    if ((t + 1) % checkpointEvery === 0 || t + 1 === steps) await writeSafetensors(checkpoint, step.state(), { step: String(t + 1) });
  }
  const weights = new Map([...step.parameters()].map(([key, { dims, data }]) => [key, { dims, data: data.slice() }]));
  await step.close();
  return weights;
}

/** In half precision, as bits: half the size, and a change of at most a two-thousandth of each number. */
const halved = (weights: ReadonlyMap<string, Tensor>) =>
  new Map(
    [...weights].map(([name, { dims, data }]) => [name, { dims, data: new Uint16Array(Float16Array.from(data as Float32Array).buffer) }]),
  );

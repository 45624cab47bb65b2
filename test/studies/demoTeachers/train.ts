/** Runs the recipes: bodies made on the way, one step after another, a checkpoint every few minutes, and half-precision weights at the end. */
import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSafetensors, writeSafetensors } from '../../../src/main/checkpoints/safetensors';
import type { Tensor } from '../../../src/main/engine/tensor';
import { TrainingStep } from '../../../src/main/engine/trainStep';
import { type AssortedBody, assortedBody } from '../../../src/main/imaging/phantom/assorted';
import { features } from './features';
import { prompted } from './promptable';
import { type FeatureRecipe, type PracticeRecipe, recipes } from './recipes';

/** A teacher in training: its step, where it starts, and what each step is fed. */
export interface Course {
  steps: number;
  plan: Parameters<typeof TrainingStep.open>[0];
  start(bodies: readonly AssortedBody[]): ReadonlyMap<string, Tensor>;
  scalars(t: number): Record<string, number>;
  /** Begins at step `begun`, with bodies that change as training goes on. */
  lessons(
    begun: number,
    bodies: readonly AssortedBody[],
  ): {
    feeds(): Record<string, Tensor>;
    hear(result: (name: string) => Tensor): void;
  };
  /** The parameters that leave, by official name. */
  finished(parameters: ReadonlyMap<string, Tensor>): Map<string, Tensor>;
}

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
      out: { type: 'string', default: join(root, 'resources/teachers') },
      threads: { type: 'string', default: String(availableParallelism()) },
      steps: { type: 'string' },
    },
  });
  for (const folder of [values.work, values.out]) await mkdir(folder, { recursive: true });
  for (const name of values.only.split(',')) {
    if (!recipes[name]) throw new Error(`There is no recipe ${name}; there are ${Object.keys(recipes).join(', ')}.`);
    const recipe = { ...recipes[name], ...(values.steps && { steps: Number(values.steps), again: [] }) };
    const place = { name, seed: recipe.seed, work: values.work, threads: Number(values.threads) };
    const file = (of: string) => join(values.out, `demo-${of}.safetensors`);
    const from = recipe.trained === 'practice' && recipe.from;
    let weights = from ? ((await readSafetensors(file(from))).tensors as Map<string, Tensor>) : null;
    let begins = 0;
    for (const course of coursesOf(recipe)) {
      weights = await attended(course, begins, weights, place);
      begins += course.steps;
    }
    await writeSafetensors(file(name), halved(weights as Map<string, Tensor>), recipe.metadata);
  }
}

/** One after another, each from the weights that the one before it left. What weighs more for a network that knows nothing, does so in the first alone. */
function coursesOf(recipe: PracticeRecipe | FeatureRecipe): Course[] {
  if (recipe.trained === 'self-distillation') return [features(recipe)];
  const first = prompted(recipe, recipe.from ? { positiveWeight: 1 } : {});
  return [first, ...(recipe.again ?? []).map((course) => prompted({ ...recipe, ...course }, { positiveWeight: 1 }))];
}

interface Place {
  name: string;
  seed: number;
  /** Folder of checkpoints and curves. */
  work: string;
  threads: number;
}

/**
 * A course from its beginning, or from its last checkpoint; nothing but the weights where that lies behind it.
 * @param begins steps of the courses before it
 * @param weights that it begins with, or null for new ones
 */
async function attended(
  course: Course,
  begins: number,
  weights: ReadonlyMap<string, Tensor> | null,
  { name, seed, work, threads }: Place,
): Promise<Map<string, Tensor>> {
  const checkpoint = join(work, `${name}.safetensors`);
  const before = existsSync(checkpoint) ? await readSafetensors(checkpoint) : null;
  const begun = before ? Number(before.metadata.step) : 0;
  const ends = begins + course.steps;
  const state = before?.tensors as Map<string, Tensor> | undefined;
  if (state && begun >= ends) return course.finished(asShipped(state, course.plan));
  const born = (t: number) => Math.floor(t / renewEvery);
  const bodies = Array.from({ length: kept }, (_, n) => assortedBody(seed, born(begun) + n));
  const start = state && begun > begins ? state : weights ? asShipped(weights, course.plan) : course.start(bodies);
  const step = await TrainingStep.open(course.plan, start, { device: 'cpu', threads });
  const lessons = course.lessons(begun, bodies);
  const began = performance.now();
  let sums: Record<string, number> = {};
  for (let t = begun; t < ends; t++) {
    const scalars = Object.entries(course.scalars(t - begins)).map(([key, value]) => [key, { dims: [], data: Float32Array.of(value) }]);
    const reports = await step.run({ ...lessons.feeds(), ...Object.fromEntries(scalars) });
    if (!Number.isFinite(reports.loss)) throw new Error(`${name}: the loss of step ${t + 1} is ${reports.loss}`);
    lessons.hear((result) => step.result(result));
    for (const [key, value] of Object.entries(reports)) sums[key] = (sums[key] ?? 0) + value / reportEvery;
    if ((t + 1) % renewEvery === 0) bodies[born(t) % kept] = assortedBody(seed, born(t) + kept);
    if ((t + 1) % reportEvery === 0) {
      const seconds = (performance.now() - began) / 1000;
      const left = (seconds / (t + 1 - begun)) * (ends - t - 1);
      const row = JSON.stringify({
        step: t + 1,
        ...Object.fromEntries(Object.entries(sums).map(([key, value]) => [key, Number(value.toFixed(4))])),
      });
      await appendFile(join(work, `${name}.jsonl`), `${row}\n`);
      console.log(`${name} ${row} ${Math.round(seconds)} s, ${Math.round(left)} s left`);
      sums = {};
    }
    if ((t + 1) % checkpointEvery === 0 || t + 1 === ends) await writeSafetensors(checkpoint, step.state(), { step: String(t + 1) });
  }
  const finished = course.finished(step.parameters());
  await step.close();
  return finished;
}

/** The parameters alone, rounded as they are in a file that is shipped: a course begins the same from there. */
const asShipped = (weights: ReadonlyMap<string, Tensor>, { parameters }: Course['plan']) =>
  new Map(
    parameters.map(({ name, dims }) => {
      const { data } = weights.get(name) as Tensor;
      return [name, { dims, data: Float32Array.from(Float16Array.from(data as Float32Array)) }];
    }),
  );

/** In half precision, as bits: half the size, and a change of at most a two-thousandth of each number. */
const halved = (weights: ReadonlyMap<string, Tensor>) =>
  new Map(
    [...weights].map(([name, { dims, data }]) => [name, { dims, data: new Uint16Array(Float16Array.from(data as Float32Array).buffer) }]),
  );

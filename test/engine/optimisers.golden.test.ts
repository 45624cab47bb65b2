/** Optimisers, running averages and clipping against PyTorch: trajectories of several steps. Which variants there are, the reference file says. */
import { describe, expect, test } from 'vitest';
import { clippedByNorm } from '../../src/main/engine/clipping';
import { type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { adam, adamCorrections, adamScalars, ema, type Step, sgd } from '../../src/main/engine/optimisers';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { averageKeep } from '../../src/main/methods/schedules';
import { expectClose, golden, part } from '../golden';

interface Variant {
  lr: number;
  momentum?: number;
  weight_decay?: number;
  nesterov?: boolean;
  betas?: [number, number];
  eps?: number;
  decay?: number;
  max_norm?: number;
}
const all = golden('ops/optim');
const variants = all.metadata.variants as Record<string, Variant>;
const rate = input('rate', 'float32', []);
const corrections = adamCorrections();

async function run(outputs: Record<string, Value>, feeds: ReadonlyMap<Input, Tensor>): Promise<Map<string, Tensor>> {
  const model = buildModel({ name: 'optimiser', inputs: [...feeds.keys()], outputs, form: 'cpu' });
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run(Object.fromEntries([...feeds].map(([{ name }, value]) => [name, value])));
  await session.release();
  return new Map(Object.entries(results));
}

type Rule = (p: Input, g: Value, v: Variant) => Step;
const bySgd: Rule = (p, g, { momentum = 0, weight_decay: weightDecay, nesterov }) => sgd(p, g, { rate, momentum, weightDecay, nesterov });
const byAdam =
  (decay: 'l2' | 'decoupled'): Rule =>
  (p, g, { betas, eps: epsilon, weight_decay: weightDecay }) =>
    adam(p, g, { rate, corrections, beta1: betas?.[0], beta2: betas?.[1], epsilon, weightDecay, decay });

/** Feeds the stored gradients one after another and gathers the parameter after each. */
async function trajectory(name: string, rule: Rule): Promise<Map<string, Tensor>> {
  const variant = variants[name];
  const start = part(all, `param.${name}.`).get('p') as Tensor;
  const [p, g] = [input('p', 'float32', start.dims), input('g', 'float32', start.dims)];
  const step = rule(p, g, variant);
  const kept = [step.parameter, ...step.slots];
  const [beta1, beta2] = variant.betas ?? [];
  let state = new Map<Input, Tensor>(
    kept.map(({ before }) => [before, before === p ? start : tensor(before.dims, new Float32Array(start.data.length))]),
  );
  const came = new Map<string, Tensor>();
  for (const [t, gradient] of [...part(all, `in.${name}.grad`).values()].entries()) {
    const scalars = adamScalars(t, { beta1, beta2 });
    const feeds = new Map(state).set(g, gradient).set(rate, tensor([], [variant.lr]));
    for (const correction of [corrections.first, corrections.second]) feeds.set(correction, tensor([], [scalars[correction.name]]));
    const results = await run(Object.fromEntries(kept.map(({ before, after }) => [`next ${before.name}`, after])), feeds);
    state = new Map(kept.map(({ before }) => [before, results.get(`next ${before.name}`) as Tensor]));
    came.set(`p${t}`, state.get(p) as Tensor);
  }
  return came;
}

async function average(name: string): Promise<Map<string, Tensor>> {
  const students = [...part(all, `in.${name}.student`).values()];
  const [mean, now, keep] = [
    input('mean', 'float32', students[0].dims),
    input('now', 'float32', students[0].dims),
    input('keep', 'float32', []),
  ];
  let teacher = part(all, `param.${name}.`).get('teacher') as Tensor;
  const came = new Map<string, Tensor>();
  for (const [t, student] of students.entries()) {
    const feeds = new Map([
      [mean, teacher],
      [now, student],
      [keep, tensor([], [averageKeep(t, variants[name].decay as number)])],
    ]);
    teacher = (await run({ y: ema(mean, now, keep) }, feeds)).get('y') as Tensor;
    came.set(`teacher${t}`, teacher);
  }
  return came;
}

async function clip(name: string): Promise<Map<string, Tensor>> {
  const given = new Map([...part(all, `in.${name}.`)].map(([key, value]) => [input(key, 'float32', value.dims), value]));
  const { gradients, norm } = clippedByNorm(new Map([...given.keys()].map((g) => [g, g])), variants[name].max_norm as number);
  return run({ norm, ...Object.fromEntries([...gradients].map(([{ name: key }, g]) => [`clipped ${key}`, g])) }, given);
}

const rules: Record<string, Rule> = {
  sgd: bySgd,
  'sgd_m09_wd1e-4': bySgd,
  'sgd_nesterov_wd3e-5': bySgd,
  adam: byAdam('l2'),
  adam_wd: byAdam('l2'),
  adamw: byAdam('decoupled'),
  'adamw_wd.1_b.9_.95': byAdam('decoupled'),
};

describe('as PyTorch has it', () => {
  const names = Object.keys(variants);
  test.each(names.filter((name) => !['ema', 'clip_grad_norm'].includes(name)))('%s', async (name) => {
    expect(Object.keys(rules)).toContain(name);
    const wanted = part(all, `after.${name}.`);
    expect(wanted.size).toBeGreaterThan(1);
    expectClose(await trajectory(name, rules[name]), wanted, { relative: 1e-6 });
  });
  test.each(names.filter((name) => name === 'ema'))('%s', async (name) => {
    expectClose(await average(name), part(all, `after.${name}.`), { relative: 1e-6 });
  });
  test.each(names.filter((name) => name === 'clip_grad_norm'))('%s', async (name) => {
    const wanted = [...part(all, `out.${name}.`)].map(([key, value]) => [key === 'norm' ? key : `clipped ${key}`, value] as const);
    expectClose(await clip(name), new Map(wanted), { relative: 1e-6 });
  });
});

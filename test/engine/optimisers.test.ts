/** Optimisers at work in a step: together, gathered over micro-batches, within bounds, and away from what is frozen. */
import { describe, expect, test } from 'vitest';
import { accumulated, share, shareInput } from '../../src/main/engine/accumulation';
import { gradients } from '../../src/main/engine/backward';
import { clippedByNorm, clippedByValue } from '../../src/main/engine/clipping';
import { constant, type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { add, relu } from '../../src/main/engine/ops/elementwise';
import { linear } from '../../src/main/engine/ops/layers';
import { adam, adamCorrections, adamScalars, ema, type Step, sgd } from '../../src/main/engine/optimisers';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { planStep, TrainingStep } from '../../src/main/engine/trainStep';
import { crossEntropy } from '../../src/main/methods/losses/crossEntropy';
import { oneHot } from '../../src/main/methods/losses/target';
import { random } from '../../src/shared/random';
import { relativeDifference } from '../golden';
import { evaluate } from './reference';

const cpu = { device: 'cpu', threads: 1 } as const;
const [features, hidden, classes] = [5, 7, 3];
const shapes = { 'one.weight': [hidden, features], 'one.bias': [hidden], 'two.weight': [classes, hidden], 'two.bias': [classes] };
const noise = (name: string, dims: readonly number[], seed = 1) => {
  const stream = random(seed).fork(name);
  return tensor(
    dims,
    Float32Array.from({ length: dims.reduce((product, side) => product * side, 1) }, () => stream.normal()),
  );
};
const start = new Map(Object.entries(shapes).map(([name, dims]) => [name, noise(name, dims)]));
const asInputs = (prefix = '') => new Map(Object.entries(shapes).map(([name, dims]) => [name, input(prefix + name, 'float32', dims)]));

/** Two layers and the cross-entropy of what they make of `x` [N, features], label [N]. */
function lossOf(parameters: ReadonlyMap<string, Value>, x: Value, label: Value): Value {
  const layer = (name: string, value: Value) =>
    linear(value, parameters.get(`${name}.weight`) as Value, parameters.get(`${name}.bias`) as Value);
  return crossEntropy(layer('two', relu(layer('one', x))), oneHot(label, classes));
}
/** Sample n of a data set without end. */
const sample = (n: number) => ({ x: noise(`sample ${n}`, [features]).data, label: random(2).fork(`${n}`).integer(classes) });
function batch(from: number, count: number): Record<string, Tensor> {
  const samples = Array.from({ length: count }, (_, i) => sample(from + i));
  const x = Float32Array.from(samples.flatMap((one) => [...one.x]));
  return { x: tensor([count, features], x), label: { dims: [count], data: Uint8Array.from(samples, (one) => one.label) } };
}
const scalars = (values: Record<string, number>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, tensor([], [value])]));
const data = (count: number) => [input('x', 'float32', [count, features]), input('label', 'uint8', [count])] as const;
const values = (step: TrainingStep) => new Map([...step.parameters()].map(([name, { data }]) => [name, Array.from(data, Number)]));

describe('gradient accumulation', () => {
  const rate = input('rate', 'float32', []);
  const corrections = adamCorrections();
  // Adam does not see a gradient of the wrong size, and clipping hides one that is too long: so plain momentum too, and a bound that cuts only some.
  const longest = 3;
  const optimise = (bounded: ReadonlyMap<Input, Value>, wrap: (step: Step) => Step) =>
    [...bounded].map(([p, g]) =>
      wrap(
        p.name.startsWith('one')
          ? adam(p, g, { rate, corrections, weightDecay: 0.01, decay: 'decoupled' })
          : sgd(p, g, { rate, momentum: 0.9, weightDecay: 0.01 }),
      ),
    );
  /** A step over `count` samples; gathered over micro-batches if asked. Keeps a running average of the last bias as well. */
  function open(
    count: number,
    how: 'at once' | 'gathered',
    from: ReadonlyMap<string, Tensor> = new Map(start).set('mean', noise('mean', [classes])),
  ) {
    const theta = asInputs();
    const [x, label] = data(count);
    const loss = lossOf(theta, x, label);
    const slopes = gradients(loss, [...theta.values()]);
    const part = shareInput();
    const gathered = accumulated(slopes, part);
    const { gradients: bounded, norm } = clippedByNorm(how === 'at once' ? slopes : gathered.gradients, longest);
    const steps = optimise(bounded, how === 'at once' ? (step) => step : gathered.whenDue);
    const mean = input('mean', 'float32', [classes]);
    const bias = steps.find(({ parameter }) => parameter.before.name === 'two.bias') as Step;
    const average = { before: mean, after: ema(mean, bias.parameter.after, 0.9) };
    const plan = planStep({
      name: how,
      inputs: [x, label, rate, corrections.first, corrections.second, ...(how === 'gathered' ? [part] : [])],
      steps,
      averages: [how === 'at once' ? average : gathered.keptUntilDue(average)],
      reports: { loss, norm },
    });
    return TrainingStep.open(plan, from, cpu);
  }

  test('of three micro-batches of four is one batch of twelve, for several updates, clipped and with momenta', async () => {
    const [big, small] = [await open(12, 'at once'), await open(4, 'gathered')];
    const norms: number[] = [];
    for (let update = 0; update < 5; update++) {
      const schedule = scalars({ rate: 0.02, ...adamScalars(update) });
      norms.push((await big.run({ ...batch(12 * update, 12), ...schedule })).norm);
      for (let part = 0; part < 3; part++) {
        const before = values(small);
        await small.run({ ...batch(12 * update + 4 * part, 4), ...schedule, ...scalars({ share: share(3 * update + part, 3, 15) }) });
        if (part < 2) expect(values(small)).toEqual(before);
        else expect(values(small)).not.toEqual(before);
      }
      for (const [name, { data }] of big.parameters()) {
        expect(relativeDifference((small.parameters().get(name) as Tensor).data, data)).toBeLessThan(2e-6);
      }
    }
    expect([Math.min(...norms) < longest, Math.max(...norms) > longest]).toEqual([true, true]);
    for (const step of [big, small]) await step.close();
  });

  test('that is stopped half-way to an update and resumed goes on bit by bit as if it had not been', async () => {
    const run = async (step: TrainingStep, from: number, to: number) => {
      const curve: number[] = [];
      for (let t = from; t < to; t++) {
        const inputs = scalars({ rate: 0.02, ...adamScalars(Math.floor(t / 3)), share: share(t, 3, 11) });
        curve.push((await step.run({ ...batch(4 * t, 4), ...inputs })).loss);
      }
      return curve;
    };
    const whole = await open(4, 'gathered');
    const curve = await run(whole, 0, 11);
    const first = await open(4, 'gathered');
    const before = await run(first, 0, 5);
    const second = await open(4, 'gathered', first.state());
    expect([...before, ...(await run(second, 5, 11))]).toEqual(curve);
    expect(new Map([...second.state()])).toEqual(new Map([...whole.state()]));
    for (const step of [whole, first, second]) await step.close();
  });

  test('takes the last update of a run over as many micro-batches as are left', () => {
    expect(Array.from({ length: 7 }, (_, t) => share(t, 3, 7))).toEqual([0, 0, 1 / 3, 0, 0, 1 / 3, 1]);
  });
});

test('two optimisers in one step do to their parameters what each does alone, at rates of their own', async () => {
  const slow = input('slow', 'float32', []);
  const fast = input('fast', 'float32', []);
  const corrections = adamCorrections('second');
  const [first, second] = [asInputs('first.'), asInputs('second.')];
  const [x, label] = data(6);
  const losses = { first: lossOf(first, x, label), second: lossOf(second, x, label) };
  const stepsOf = (loss: Value) => ({
    first: () => {
      const slopes = gradients(loss, [...first.values()]);
      return [...first.values()].map((p) => sgd(p, slopes.get(p) as Value, { rate: slow, momentum: 0.9, nesterov: true }));
    },
    second: () => {
      const slopes = gradients(loss, [...second.values()]);
      return [...second.values()].map((p) => adam(p, slopes.get(p) as Value, { rate: fast, corrections }));
    },
  });
  const inputsOf = { first: [slow], second: [fast, corrections.first, corrections.second] };
  const under = (prefix: string) => new Map([...start].map(([name, value]) => [prefix + name, value]));
  const alone = (which: 'first' | 'second') => {
    const loss = losses[which];
    const plan = planStep({ name: which, inputs: [x, label, ...inputsOf[which]], steps: stepsOf(loss)[which](), reports: { loss } });
    return TrainingStep.open(plan, under(`${which}.`), cpu);
  };
  const sum = add(losses.first, losses.second);
  const both = stepsOf(sum);
  const plan = planStep({
    name: 'both',
    inputs: [x, label, ...inputsOf.first, ...inputsOf.second],
    steps: [...both.first(), ...both.second()],
    reports: { sum },
  });
  const together = await TrainingStep.open(plan, new Map([...under('first.'), ...under('second.')]), cpu);
  const apart = { first: await alone('first'), second: await alone('second') };
  for (let t = 0; t < 5; t++) {
    const rates = { slow: 0.1 / (t + 1), fast: t < 2 ? 0 : 0.01 * t };
    const second = { fast: rates.fast, ...adamScalars(t, {}, 'second') };
    await together.run({ ...batch(6 * t, 6), ...scalars({ slow: rates.slow, ...second }) });
    await apart.first.run({ ...batch(6 * t, 6), ...scalars({ slow: rates.slow }) });
    await apart.second.run({ ...batch(6 * t, 6), ...scalars(second) });
    expect(values(together)).toEqual(new Map([...values(apart.first), ...values(apart.second)]));
    if (t < 2) expect(values(apart.second)).toEqual(new Map([...under('second.')].map(([name, { data }]) => [name, Array.from(data)])));
  }
  for (const step of [together, apart.first, apart.second]) await step.close();
});

describe('frozen parameters, as constants of the graph', () => {
  const rate = input('rate', 'float32', []);
  const [x, label] = data(6);
  const graph = (frozen: readonly string[]) => {
    const trained = new Map([...asInputs()].filter(([name]) => !frozen.some((layer) => name.startsWith(layer))));
    const all = new Map<string, Value>([...start].map(([name, value]) => [name, trained.get(name) ?? constant(value, name)]));
    const loss = lossOf(all, x, label);
    const slopes = gradients(loss, [...trained.values()]);
    const steps = [...trained.values()].map((p) => sgd(p, slopes.get(p) as Value, { rate, momentum: 0.9 }));
    return { name: 'frozen', inputs: [x, label, rate], steps, reports: { loss } };
  };
  const modelOf = (frozen: readonly string[]) => {
    const { name, inputs, steps } = graph(frozen);
    const kept = steps.flatMap((step) => [step.parameter, ...step.slots]);
    const outputs = Object.fromEntries(kept.map(({ before, after }) => [`next ${before.name}`, after]));
    return buildModel({ name, inputs: [...inputs, ...kept.map(({ before }) => before)], outputs, form: 'plain' });
  };
  const products = (frozen: readonly string[]) => modelOf(frozen).nodes.filter(({ op }) => op === 'MatMul').length;

  test('cost no gradient: a product for every layer forward, one for each trained weight, one for each layer that a gradient must cross', () => {
    expect(products([])).toBe(2 + 2 + 1);
    expect(products(['one'])).toBe(2 + 1 + 0);
    expect(products(['two'])).toBe(2 + 1 + 1);
  });

  test('stay what they are, while the rest learns', async () => {
    const plan = planStep(graph(['one']));
    expect(plan.parameters.map(({ name }) => name)).toEqual(['two.weight', 'two.bias']);
    for (const name of ['one.weight', 'one.bias']) {
      const kept = modelOf(['one']).initializers.find((initializer) => initializer.name === name);
      expect(kept?.data).toEqual(start.get(name)?.data);
    }
    const step = await TrainingStep.open(plan, start, cpu);
    const curve: number[] = [];
    for (let t = 0; t < 20; t++) curve.push((await step.run({ ...batch(0, 6), rate: tensor([], [0.1]) })).loss);
    expect(curve[19]).toBeLessThan(0.7 * curve[0]);
    // The frozen layer still answers as it did: the loss follows from it and the trained layer.
    const now = new Map([...start, ...step.parameters()]);
    const feeds = new Map<Value, Float64Array>(
      Object.entries(batch(0, 6)).map(([name, { data }]) => [name === 'x' ? x : label, Float64Array.from(data, Number)]),
    );
    const loss = lossOf(new Map([...now].map(([name, value]) => [name, constant(value)])), x, label);
    const report = await step.run({ ...batch(0, 6), rate: tensor([], [0]) });
    expect(report.loss).toBeCloseTo(evaluate([loss], feeds)[0].data[0], 5);
    await step.close();
  });
});

describe('bounds', () => {
  const [a, b] = [input('a', 'float32', [3]), input('b', 'float32', [])];
  const feeds = new Map([
    [a, Float64Array.of(3, 0, -4)],
    [b, Float64Array.of(12)],
  ]);
  const given = new Map<Input, Value>([
    [a, a],
    [b, b],
  ]);
  const bounded = (gradients: ReadonlyMap<Input, Value>) =>
    evaluate([...gradients.values()], feeds).flatMap(({ data }) => Array.from(data));
  test('by length scale all gradients alike, and leave shorter ones as they are', () => {
    const { gradients: cut, norm } = clippedByNorm(given, 1.3);
    expect(evaluate([norm], feeds)[0].data[0]).toBe(13);
    for (const [i, value] of bounded(cut).entries()) expect(value).toBeCloseTo([0.3, 0, -0.4, 1.2][i], 5);
    expect(bounded(clippedByNorm(given, 14).gradients)).toEqual([3, 0, -4, 12]);
  });
  test('by value cut each number off', () => expect(bounded(clippedByValue(given, 3.5))).toEqual([3, 0, -3.5, 3.5]));
});

test('decoupled decay shrinks a parameter without a gradient and leaves its momentum alone', () => {
  const [p, rate] = [input('p', 'float32', [1]), input('rate', 'float32', [])];
  const zero = constant(tensor([1], [0]));
  for (const decay of ['l2', 'decoupled'] as const) {
    const { parameter, slots } = sgd(p, zero, { rate, momentum: 0.9, weightDecay: 0.5, decay });
    const feeds = new Map<Value, Float64Array>([
      [p, Float64Array.of(8)],
      [rate, Float64Array.of(0.25)],
      [slots[0].before, Float64Array.of(0)],
    ]);
    const [after, velocity] = evaluate([parameter.after, slots[0].after], feeds).map(({ data }) => data[0]);
    expect(after).toBe(7);
    expect(velocity).toBe(decay === 'l2' ? 4 : 0);
  }
});

test("Adam's corrections start at 1 − β and end at 1", () => {
  expect(adamScalars(0)).toEqual({ 'adam.correction1': 1 - 0.9, 'adam.correction2': 1 - 0.999 });
  for (const value of Object.values(adamScalars(100_000, { beta1: 0.5 }, 'x'))) expect(value).toBeCloseTo(1, 12);
});

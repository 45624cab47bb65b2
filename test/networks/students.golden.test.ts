/** Every student network against its reference: keys, outputs, losses, gradients, and what one optimiser step leaves. Cases come from the files. */
import { beforeAll, describe, expect, test } from 'vitest';
import { gradients } from '../../src/main/engine/backward';
import { type Input, input, scalar, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { add, mul, sigmoid } from '../../src/main/engine/ops/elementwise';
import { reshape } from '../../src/main/engine/ops/shape';
import { softmax } from '../../src/main/engine/ops/softmax';
import { adam, sgd } from '../../src/main/engine/optimisers';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import { planStep, TrainingStep } from '../../src/main/engine/trainStep';
import { binaryCrossEntropy, crossEntropy } from '../../src/main/methods/losses/crossEntropy';
import { asOneClass, diceLoss, negativeDice } from '../../src/main/methods/losses/dice';
import { oneHot } from '../../src/main/methods/losses/target';
import { nestedUnet } from '../../src/main/networks/nestedUnet';
import { bufferUpdates, type Network, Pass, parameterCount, parameterInputs, trainedInputs } from '../../src/main/networks/network';
import { plainConvUnet } from '../../src/main/networks/plainConvUnet';
import { unet3d } from '../../src/main/networks/unet3d';
import { vnet } from '../../src/main/networks/vnet';
import { expectClose, golden, hasGolden, part } from '../golden';

/** The configurations the files carry; each student reads its own. */
interface Config {
  in_channels: number;
  n_channels: number;
  input_channels: number;
  n_classes: number;
  num_classes: number;
  filters: number[];
  n_filters: number;
  nb_filter: number[];
  deep_supervision: boolean;
  features: number[];
  kernel_sizes: number[][];
  strides: number[][];
  n_conv_per_stage: number;
  n_conv_per_stage_decoder: number;
  ds_weights: number[];
  batch_dice: boolean;
  smooth: number;
  dropout3d_p: number;
}
/** Losses by their names in the files, from the heads and whatever else the file feeds. */
type Losses = (heads: readonly Value[], given: Record<string, Value>, config: Config) => Record<string, Value>;

const cpu = { device: 'cpu', threads: 1 } as const;
const half = (a: Value, b: Value) => mul(add(a, b), 0.5);
const total = (values: readonly Value[]) => values.reduce((sum, value) => add(sum, value));

/** [N, …], whether or not the file has an axis for channels. */
const labelsOf = (label: Value, logits: Value) => reshape(label, [label.dims[0], ...logits.dims.slice(2)]);

const crossEntropyAndDice: Losses = ([logits], { label }) => {
  const target = oneHot(labelsOf(label, logits), logits.dims[1]);
  const entropy = crossEntropy(logits, target);
  const dice = diceLoss(softmax(logits, 1), target, { denominator: 'squared', over: 'batch', smooth: 1e-5 });
  return { loss: half(entropy, dice), loss_ce: entropy, loss_dice: dice };
};
const weighted: Losses = ([logits], { label, class_weight: weights }) => {
  const target = oneHot(labelsOf(label, logits), logits.dims[1]);
  const entropy = crossEntropy(logits, target, weights);
  const dice = negativeDice(softmax(logits, 1), target, {
    denominator: 'plain',
    over: 'batch',
    smooth: 1,
    background: 'left out',
    weights,
  });
  return { loss: add(entropy, dice), loss_ce: entropy, loss_dice: dice };
};
const binary: Losses = (heads, { target }) => {
  const each = heads.map((logits) => {
    const dice = diceLoss(asOneClass(sigmoid(logits)), asOneClass(target), { denominator: 'plain', over: 'sample', smooth: 1e-5 });
    return add(mul(binaryCrossEntropy(logits, target), 0.5), dice);
  });
  const terms = heads.length === 1 ? [] : each.map((loss, i) => [`loss${i}`, loss] as const);
  return { loss: mul(total(each), 1 / each.length), ...Object.fromEntries(terms) };
};
const atEveryDepth: Losses = (heads, given, { ds_weights: weights, batch_dice: isBatchDice, smooth }) => {
  const losses = heads.flatMap((logits, i) => {
    if (weights[i] === 0) return [];
    const target = oneHot(labelsOf(given[`target${i}`], logits), logits.dims[1]);
    const over = isBatchDice ? 'batch' : 'sample';
    const dice = negativeDice(softmax(logits, 1), target, { denominator: 'plain', over, smooth, background: 'left out' });
    return [mul(add(crossEntropy(logits, target), dice), weights[i])];
  });
  return { loss: total(losses) };
};

const vnet3d = (c: Config) =>
  vnet({ axes: 3, inChannels: c.n_channels, classes: c.n_classes, width: c.n_filters, norm: 'batch', skips: 'results' });
const nested = (paths: 'nested' | 'plain') => (c: Config) =>
  nestedUnet({
    inChannels: c.input_channels,
    classes: c.num_classes,
    widths: c.nb_filter,
    paths,
    deepSupervision: c.deep_supervision ?? false,
  });
const nnunet = (c: Config) =>
  plainConvUnet({
    inChannels: c.input_channels,
    classes: c.num_classes,
    widths: c.features,
    kernels: c.kernel_sizes,
    strides: c.strides,
    convolutions: { down: c.n_conv_per_stage, up: c.n_conv_per_stage_decoder },
    deepSupervision: c.deep_supervision,
  });
const muduo = (c: Config) => unet3d({ inChannels: c.in_channels, classes: c.n_classes, widths: c.filters });

/** `steps` are the optimisers of which the reference has a step. */
const students: { name: string; build(config: Config): Network; losses: Losses; steps?: string[] }[] = [
  { name: 'muduo_unet3d', build: muduo, losses: crossEntropyAndDice },
  { name: 'vnet3d', build: vnet3d, losses: crossEntropyAndDice },
  { name: 'dhc_vnet3d', build: vnet3d, losses: weighted, steps: ['after_sgd_nesterov'] },
  { name: 'unetpp_plain', build: nested('nested'), losses: binary },
  { name: 'unetpp_ds', build: nested('nested'), losses: binary },
  { name: 'unet2d_vgg', build: nested('plain'), losses: binary },
  { name: 'nnunet_plain3d', build: nnunet, losses: atEveryDepth },
  { name: 'nnunet_plain2d', build: nnunet, losses: atEveryDepth },
];

/** What a step starts from; counts, which PyTorch keeps as whole numbers, become real ones as in our graphs. */
const asReal = (tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> =>
  new Map([...tensors].map(([name, { dims, data }]) => [name, { dims, data: Float32Array.from(data as ArrayLike<number>, Number) }]));
const shapes = (entries: Iterable<readonly [string, { dims: readonly number[] }]>) =>
  new Map([...entries].map(([name, { dims }]) => [name, [...dims]]));

/** One student's file as values: the network, its inputs, its losses in a training pass. */
function prepare({ name, build, losses }: (typeof students)[number]) {
  const io = golden(`students/${name}.io`);
  const config = io.metadata.config as Config;
  const network = build(config);
  const feeds = new Map([...part(io, 'in.')].filter(([key]) => !key.startsWith('dropout')));
  const given = new Map(
    [...feeds].map(([key, { dims, data }]) => [key, input(key, data instanceof BigInt64Array ? 'int64' : 'float32', dims)]),
  );
  const theta = parameterInputs(network);
  const image = given.get('x') as Input;
  const pass = Pass.training();
  network.forward(theta, image, pass);
  const reports = losses(pass.heads, Object.fromEntries(given), config);
  const isTrained = new Set(io.metadata.no_gradient as string[]);
  const trained = trainedInputs(network, theta).filter((p) => !isTrained.has(p.name));
  const slopes = gradients(reports.loss, trained);
  return { io, config, network, feeds, given, theta, image, pass, reports, trained, slopes };
}

const namedHeads = (heads: readonly Value[]) =>
  Object.fromEntries(heads.map((head, i) => [heads.length === 1 ? 'logits' : `logits${i}`, head]));
async function run(inputs: readonly Input[], outputs: Record<string, Value>, feeds: Iterable<readonly [string, Tensor]>) {
  const session = await Session.create(encodeModel(buildModel({ name: 'parity', inputs, outputs, form: 'cpu' })), cpu);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return new Map(Object.entries(results));
}

describe.each(students.filter(({ name }) => hasGolden(`students/${name}.io`)))('$name', (student) => {
  const { name } = student;
  let ready: ReturnType<typeof prepare>;
  let parameters: Map<string, Tensor>;
  beforeAll(() => {
    ready = prepare(student);
    parameters = asReal(part(golden(`students/${name}.params`), 'param.'));
  });

  test('has exactly the keys and shapes of the reference', () => {
    const { network, io } = ready;
    expect(shapes(network.parameters.map((p) => [p.name, p]))).toEqual(shapes(parameters));
    expect(parameterCount(network)).toBe(Number(io.metadata.parameters));
  });

  test('gives the reference logits in use', async () => {
    const { network, image, theta, io, feeds } = ready;
    const pass = Pass.evaluation();
    network.forward(theta, image, pass);
    const came = await run([image, ...theta.values()], namedHeads(pass.heads), [['x', feeds.get('x') as Tensor], ...parameters]);
    expectClose(came, part(io, 'out.eval.'), { relative: 2e-5 });
  });

  test('gives the reference logits, losses and gradients in training', async () => {
    const { given, theta, pass, reports, slopes, io, feeds } = ready;
    const outputs = { ...namedHeads(pass.heads), ...reports };
    const grads = Object.fromEntries([...slopes].map(([p, slope]) => [`grad ${p.name}`, slope]));
    const came = await run([...given.values(), ...theta.values()], { ...outputs, ...grads }, [...feeds, ...parameters]);
    expectClose(came, part(io, 'out.train.'), { relative: 2e-5 });
    const wanted = part(golden(`students/${name}.grads`), 'grad.');
    const slope = new Map([...came].flatMap(([key, value]) => (key.startsWith('grad ') ? [[key.slice(5), value] as const] : [])));
    expect([...slope.keys()].sort()).toEqual([...wanted.keys()].sort());
    expectClose(slope, wanted, { relative: 1e-4, absolute: 5e-7 });
  });

  const steps = (student.steps ?? ['after_sgd', 'after_adamw']).filter((file) => hasGolden(`students/${name}.${file}`));
  test.each(steps)('stands where the reference stands %s', async (file) => {
    const { given, theta, pass, reports, slopes, trained, feeds } = ready;
    const after = golden(`students/${name}.${file}`);
    const { lr, momentum, weight_decay, nesterov } = after.metadata.optimizer as Record<string, number>;
    const rate = scalar(lr);
    const corrections = { first: scalar(1 - 0.9), second: scalar(1 - 0.999) };
    const isAdam = file === 'after_adamw';
    const plan = planStep({
      name,
      inputs: [...given.values()],
      steps: trained.map((p) => {
        const slope = slopes.get(p) as Value;
        if (isAdam) return adam(p, slope, { rate, corrections, weightDecay: weight_decay, decay: 'decoupled' });
        return sgd(p, slope, { rate, momentum, weightDecay: weight_decay, nesterov: Boolean(nesterov) || file.endsWith('nesterov') });
      }),
      averages: bufferUpdates(theta, pass),
      reports: { loss: reports.loss },
    });
    const step = await TrainingStep.open(plan, parameters, cpu);
    await step.run(Object.fromEntries(feeds));
    const came = new Map([...parameters, ...step.parameters()]);
    const wanted = asReal(part(after, 'after.'));
    // Where a gradient is rounding noise, Adam's first step is the noise's sign.
    if (isAdam) forgetWhere(came, wanted, part(golden(`students/${name}.grads`), 'grad.'), (g) => Math.abs(g) <= 1e-5);
    expectClose(came, wanted, { relative: 2e-6 });
    await step.close();
  });
});

/** Puts the expected numbers where a gradient says that they cannot be compared. */
function forgetWhere(
  came: Map<string, Tensor>,
  wanted: ReadonlyMap<string, Tensor>,
  slopes: ReadonlyMap<string, Tensor>,
  isForgotten: (g: number) => boolean,
): void {
  for (const [name, { dims, data }] of slopes) {
    const [got, want] = [came.get(name) as Tensor, wanted.get(name) as Tensor];
    came.set(name, { dims, data: Float32Array.from(data as Float32Array, (g, i) => Number(isForgotten(g) ? want.data[i] : got.data[i])) });
  }
}

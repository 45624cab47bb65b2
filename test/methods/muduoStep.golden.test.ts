/** One whole training step of MuDuo against its own code: every answer on the way, the losses, the gradients and the student afterwards. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { lesson } from '../../src/main/methods/muduo/lesson';
import { muduo } from '../../src/main/methods/muduo/muduo';
import { largestClass, type PseudoLabels } from '../../src/main/methods/muduo/pseudoLabels';
import { recogniseSam } from '../../src/main/networks/sam/recognise';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';
import { expectClose, type Golden, golden, hasGolden, part, relativeDifference } from '../golden';
import { type Answers, asReleased, openSessions, type Sessions } from './muduoSessions';

interface Config {
  img: number;
  batch: number;
  labeled_bs: number;
  num_classes: number;
  iter_num: number;
  num_points: number;
  student: { in_channels: number };
  prompt_unet: { in_channels: number };
  crop: string;
}
type Weights = ReadonlyMap<string, Tensor>;

const files = ['step.io', 'step.params', 'step.after_sgd'].map((name) => `muduo/${name}`);

describe.runIf(files.map(hasGolden).every(Boolean))("MuDuo's own step", () => {
  let [io, after]: Golden[] = [];
  let config: Config;
  let optimiser: { lr: number; momentum: number; weight_decay: number };
  let start: Weights;
  let sessions: Sessions;
  let step: TrainingStep;
  let consistency: number;
  let gradientsAt: (weights: Weights) => Promise<Weights>;
  let came: { reports: Record<string, number>; learned: PseudoLabels };
  const reference = (name: string) => io.tensors.get(`out.${name}`) as Tensor;
  const numbers = (name: string) => Array.from(reference(name).data, Number);

  const widths = (weights: Weights) =>
    ['conv1', 'conv2', 'conv3', 'conv4', 'center'].map((level) => (weights.get(`${level}.conv1.0.weight`) as Tensor).dims[0]);
  /** Channels `from` … `to` − 1 of samples `first` and further. */
  function channels({ dims, data }: Tensor, first: number, from: number, to: number): Tensor<Float32Array> {
    const size = sizeOf(dims.slice(2));
    const parts = Array.from({ length: dims[0] - first }, (_, n) => {
      const at = (first + n) * dims[1];
      return [...data.subarray((at + from) * size, (at + to) * size)].map(Number);
    });
    return tensor([parts.length, to - from, ...dims.slice(2)], parts.flat());
  }

  beforeAll(async () => {
    io = golden(files[0]);
    after = golden(files[2]);
    config = io.metadata.config as Config;
    optimiser = after.metadata.optimizer as typeof optimiser;
    const { img: side, batch, labeled_bs: labelled, num_classes: classes } = config;
    const params = golden(files[1]);
    const [expert, generator] = ['expert', 'prompt_unet'].map((name) => part(params, `param.${name}.`));
    start = part(params, 'param.student.');
    const spec = recogniseSam([...expert].map(([name, { dims }]) => ({ name, dims })));
    if (typeof spec === 'string') throw new Error(spec);
    const network = (weights: Weights, inChannels: number) => unet3d({ inChannels, classes, widths: widths(weights) });
    const student = network(start, config.student.in_channels);
    const unlabelled = batch - labelled;
    const rules = { ...asReleased, clicks: config.num_points };

    const settings = { ...muduo.defaults, momentum: optimiser.momentum, weightDecay: optimiser.weight_decay, dropout: 0 };
    const plan = muduo.plan({ network: student, patch: [side, side, side], labelled, unlabelled }, settings);
    step = await TrainingStep.open(plan, start, { device: 'cpu', threads: 1 });
    sessions = await openSessions(
      {
        student,
        // The file has one set of weights for both.
        ct: { spec, weights: expert },
        pet: { spec, weights: expert, generator: { network: network(generator, config.prompt_unet.in_channels), weights: generator } },
        patch: [side, side, side],
        crops: unlabelled,
      },
      rules,
      () => step.parameters(),
    );

    const volume = io.tensors.get('in.volume') as Tensor;
    const { dims, data } = io.tensors.get('in.label') as Tensor;
    const [ct, pet] = [0, 1].map((channel) => channels(volume, labelled, channel, channel + 1));
    const size = sizeOf(volume.dims.slice(1));
    const structures = Array.from({ length: classes - 1 }, (_, c) => (io.tensors.get(`in.alpha${c + 1}`) as Tensor).data);
    consistency = muduo.schedule(config.iter_num, { ...settings, steps: 30_000 }).consistency;
    const { inputs, learned } = await lesson(
      {
        labelled: {
          image: { dims: volume.dims.with(0, labelled), data: volume.data.slice(0, labelled * size) },
          label: { dims, data: Uint8Array.from(data, Number) },
        },
        unlabelled: { student: channels(volume, labelled, 0, volume.dims[1]), generator: pet, ct, pet },
        alphas: Float32Array.from({ length: unlabelled * structures.length }, (_, i) =>
          Number(structures[i % structures.length][Math.floor(i / structures.length)]),
        ),
      },
      sessions.asked,
      rules,
    );
    const feeds = { ...inputs, rate: tensor([], [optimiser.lr]), consistency: tensor([], [consistency]) };
    came = { reports: await step.run(feeds), learned };
    gradientsAt = async (weights) => {
      const other = await TrainingStep.open(plan, weights, { device: 'cpu', threads: 1 });
      await other.run(feeds);
      const slopes = slopesOf(other.state(), weights);
      await other.close();
      return slopes;
    };
  });
  afterAll(async () => {
    await step?.close();
    await sessions?.release();
  });

  /** The part of a map that the file keeps. */
  function crop(map: ArrayLike<number>): number[] {
    const [k, j, i] = [...config.crop.matchAll(/(\d+):(\d+)/g)].map(([, from, to]) => [Number(from), Number(to)]);
    const inside = ([from, to]: number[]) => Array.from({ length: to - from }, (_, at) => from + at);
    return inside(k).flatMap((a) => inside(j).flatMap((b) => inside(i).map((c) => map[(a * config.img + b) * config.img + c])));
  }
  const voxels = () => config.img ** 3;
  const maps = <Data extends Float32Array | Uint8Array>(data: Data): Data[] =>
    Array.from({ length: data.length / voxels() }, (_, at) => data.subarray(at * voxels(), (at + 1) * voxels()) as Data);
  const expectNear = (values: ArrayLike<number>, wanted: string, within: number) =>
    expect(relativeDifference(values, numbers(wanted)), wanted).toBeLessThan(within);
  const of = (name: string) => sessions.answers.get(name) as Answers[];
  const structure = (c: number) => ({
    overlaps: came.learned.overlaps.map((crop) => crop[c]),
    clicks: came.learned.clicks.map((crop) => crop[c]),
    trust: came.learned.overlaps.map((crop, n) => came.learned.trust.data[n * crop.length + c]),
    masks: maps(came.learned.masks.data).filter((_, at) => at % (config.num_classes - 1) === c),
  });
  const structures = () => Array.from({ length: config.num_classes - 1 }, (_, c) => ({ ...structure(c), c, name: `c${c + 1}` }));

  test('the generator answers as there', () => {
    const { logits } = of('generator')[0];
    expectNear(maps(logits.data as Float32Array).flatMap(crop), 'prompt_unet_logits.crop', 2e-5);
    const guessed = came.learned.overlaps.map((_, n) => largestClass(logits, n));
    for (const { c, name } of structures()) {
      expect(guessed.map((labels) => labels.reduce((sum, label) => sum + Number(label === c + 1), 0))).toEqual(
        numbers(`${name}.unet_mask_voxels`),
      );
    }
  });
  test('the student shows the teacher what it shows there', () => {
    const kept = channels(reference('student_logits.crop'), config.labeled_bs, 0, config.num_classes);
    const [samples, classes, ...sides] = kept.dims;
    const voxels = sizeOf(sides);
    const exponents = kept.data.map((logit) => Math.exp(logit));
    const wanted = exponents.map((x, at) => {
      const first = Math.floor(at / (classes * voxels)) * classes * voxels + (at % voxels);
      return x / Array.from({ length: classes }, (_, c) => exponents[first + c * voxels]).reduce((sum, y) => sum + y, 0);
    });
    const [{ probabilities }] = of('student');
    expect(probabilities.dims[0]).toBe(samples);
    expect(relativeDifference(maps(probabilities.data as Float32Array).flatMap(crop), wanted)).toBeLessThan(2e-5);
  });
  test('clicks are the same', () => {
    for (const { clicks, name } of structures()) {
      expect(clicks.flatMap(({ places }) => [...places])).toEqual(numbers(`${name}.points`));
      expect(clicks.flatMap(({ labels }) => [...labels])).toEqual(numbers(`${name}.labels`));
    }
  });
  test.each(['ct', 'pet'])('the %s teacher answers as there', (teacher) => {
    // Crop by crop, structure by structure, however many are answered in one run.
    const answered = of(teacher).flatMap(({ probabilities }) => maps(probabilities.data as Float32Array));
    const unlabelled = came.learned.overlaps.length;
    expect(answered).toHaveLength(unlabelled * (config.num_classes - 1));
    for (const { c, name } of structures()) {
      const ofStructure = answered.filter((_, at) => at % (config.num_classes - 1) === c);
      const logits = ofStructure.map((map) => map.map((p) => Math.log(p / (1 - p))));
      expectNear(logits.flatMap(crop), `${name}.logits_${teacher}.crop`, 3e-5);
      const means = logits.map((map) => map.reduce((sum, x) => sum + x, 0) / map.length);
      const deviations = logits.map((map, n) => Math.sqrt(map.reduce((sum, x) => sum + (x - means[n]) ** 2, 0) / (map.length - 1)));
      expectNear([...means, ...deviations], `${name}.logits_${teacher}.mean_std`, 3e-5);
    }
  });
  test('the teachers agree as much, and the same half is kept', () => {
    for (const { overlaps, trust, name } of structures()) {
      expectNear(overlaps, `${name}.iou`, 1e-5);
      const kept = numbers(`${name}.topk`);
      const structures = config.num_classes - 1;
      expect(trust).toEqual(overlaps.map((_, n) => (kept.includes(n) ? Math.fround(1 / (kept.length * structures)) : 0)));
    }
  });
  test('the masks to learn are the same', () => {
    for (const { masks, name } of structures()) {
      expect(masks.flatMap(crop)).toEqual(numbers(`${name}.hard.crop`));
      expect(masks.map((mask) => mask.reduce((sum, x) => sum + x, 0))).toEqual(numbers(`${name}.hard_voxels`));
    }
  });
  test('losses are the same', () => {
    const { loss, crossEntropy, diceLoss, consistencyLoss } = came.reports;
    expectNear([loss], 'loss', 2e-6);
    expectNear([crossEntropy], 'loss_ce', 2e-6);
    expectNear([diceLoss], 'loss_dice', 2e-6);
    expectNear([(crossEntropy + diceLoss) / 2], 'supervised', 2e-6);
    expectNear([consistencyLoss], 'consistency', 2e-6);
    expectNear([consistency], 'consistency_weight', 1e-6);
    const each = structures().map(({ name }) => numbers(`${name}.loss`)[0]);
    expect(consistencyLoss).toBeCloseTo(each.reduce((sum, x) => sum + x, 0) / each.length, 6);
  });
  /** A first velocity is the gradient plus the decay. */
  const slopesOf = (state: Weights, weights: Weights): Weights =>
    new Map(
      [...part(io, 'grad.student.').keys()].map((name) => {
        const { dims, data } = state.get(`momentum.${name}`) as Tensor<Float32Array>;
        const before = (weights.get(name) as Tensor).data;
        return [
          name,
          tensor(
            dims,
            data.map((v, i) => v - optimiser.weight_decay * Number(before[i])),
          ),
        ];
      }),
    );
  test('every gradient is the reference gradient, or that of weights which differ by less than rounding', async () => {
    // Where an activation lies within rounding of 0, which side it falls on decides about every gradient before it, and processors fall on different
    // sides. Then one of the sides must be the reference's. Its own rounding is 2e-4 here, measured against 64 bits.
    const strays: unknown[] = [];
    for (let n = 0; n < 24; n++) {
      const stream = random(n);
      const rounded = ({ dims, data }: Tensor): Tensor =>
        tensor(
          dims,
          Array.from(data as Float32Array, (x) => x * (1 + (n === 0 ? 0 : 1e-7) * stream.normal())),
        );
      const slopes = await gradientsAt(new Map([...start].map(([name, weights]) => [name, rounded(weights)])));
      try {
        // Biases before a norm have no gradient but rounding.
        expectClose(slopes, part(io, 'grad.student.'), { relative: 5e-4, absolute: 1e-6 });
        return;
      } catch (stray) {
        strays.push(stray);
      }
    }
    throw strays[0];
  }, 300_000);
  test('the student arrives where it does there', () => {
    expectClose(step.parameters(), part(after, 'after.student.'), { relative: 2e-6 });
  });
});

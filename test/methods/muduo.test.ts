/** MuDuo's loss and schedule against its own code, and the laws its iteration keeps, on networks of a few hundred weights. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pullBack } from '../../src/main/engine/backward';
import { constant, input, type Value } from '../../src/main/engine/graph';
import { constantLike } from '../../src/main/engine/ops/elementwise';
import { softmax } from '../../src/main/engine/ops/softmax';
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { absent, keptWeights } from '../../src/main/methods/muduo/consensus';
import { drawAlphas, lesson } from '../../src/main/methods/muduo/lesson';
import { consistencyLoss, muduo, stairs } from '../../src/main/methods/muduo/muduo';
import { largestClass } from '../../src/main/methods/muduo/pseudoLabels';
import type { Rules } from '../../src/main/methods/muduo/rules';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';
import { evaluate } from '../engine/reference';
import { expectClose, golden, relativeDifference } from '../golden';
import { asIntended as intended, openSessions, asReleased as released, type Sessions } from './muduoSessions';
import { noise, side, spec, teacherWeights, volume } from './muduoTeachers';

const cpu = { device: 'cpu', threads: 1 } as const;
describe('the schedule', () => {
  const settings = { ...muduo.defaults, steps: 30_000 };
  test("is MuDuo's own over a run of its length", () => {
    const { tensors } = golden('muduo/losses');
    const values = (name: string) => Array.from((tensors.get(name) as Tensor).data, Number);
    const came = values('in.schedule.iter').map((t) => muduo.schedule(t, settings));
    expect(
      relativeDifference(
        came.map(({ consistency }) => consistency),
        values('out.schedule.consistency_weight'),
      ),
    ).toBeLessThan(1e-6);
    expect(
      relativeDifference(
        came.map(({ rate }) => rate),
        values('out.schedule.lr'),
      ),
    ).toBeLessThan(1e-6);
  });
  test.each([600, 30_000])('climbs from next to nothing to its whole over %i steps', (steps) => {
    const weight = (t: number) => muduo.schedule(t, { ...settings, steps }).consistency;
    expect(weight(0)).toBeCloseTo(0.1 * Math.exp(-5), 6);
    expect(weight(steps)).toBeCloseTo(0.1, 6);
    expect(new Set(Array.from({ length: steps }, (_, t) => weight(t))).size).toBe(stairs);
  });
});

const sets = golden('muduo/consensus');
test.each(Object.entries(sets.metadata as Record<string, { class_index: number; k: number }>))(
  'the loss of one structure and its slopes are those of the set %s',
  (name, { class_index: structure }) => {
    const get = (key: string) => sets.tensors.get(key) as Tensor;
    const wanted = (key: string) => get(`out.${name}.${key}`);
    const logits = get(`in.${name}.student_logits`);
    const [samples, classes, ...sides] = logits.dims;
    const voxels = sizeOf(sides);
    const masks = new Float32Array(samples * (classes - 1) * voxels);
    const trust = new Float32Array(samples * (classes - 1));
    const kept = keptWeights(
      [...wanted('iou_masked').data].map((x) => [Number(x)]),
      'betterHalf',
      'taught',
    );
    for (let n = 0; n < samples; n++) {
      const at = n * (classes - 1) + structure - 1;
      masks.set(Float32Array.from(wanted('hard').data.slice(n * voxels, (n + 1) * voxels), Number), at * voxels);
      trust[at] = kept[n];
    }
    const x = input('logits', 'float32', logits.dims);
    const loss = consistencyLoss(
      softmax(x, 1),
      constant(tensor([samples, classes - 1, ...sides], masks)),
      constant(tensor([samples, classes - 1], trust)),
    );
    const slopes = pullBack([[loss, constantLike(loss, 1)]], [x]);
    const [came, slope] = evaluate([loss, slopes.get(x) as Value], new Map([[x, Float64Array.from(logits.data, Number)]]));
    expect(came.data[0]).toBeCloseTo(Number(wanted('loss').data[0]), 6);
    expect(relativeDifference(slope.data, get(`grad_in.${name}.student_logits`).data)).toBeLessThan(3e-6);
  },
);

test('the largest class of a voxel is the first of those that share the place', () => {
  const logits = tensor([2, 3, 2], [9, 9, 9, 9, 9, 9, /* second sample: */ 0, 5, 1, 5, 1, 6]);
  expect([...largestClass(logits, 0)]).toEqual([0, 0]);
  expect([...largestClass(logits, 1)]).toEqual([1, 2]);
});

describe('an iteration', () => {
  const [labelled, crops, structures] = [1, 2, 2];
  const unet = (inChannels: number) => unet3d({ inChannels, classes: structures + 1, widths: [2, 2, 2, 2, 2] });
  const [student, generator] = [unet(2), unet(1)];
  const start = initialParameters(student, random(1));
  const finding = initialParameters(generator, random(2));
  /** A generator that calls everything background. */
  const blind = new Map(finding).set('final.bias', tensor([structures + 1], [99, 0, 0]));
  const teachers = { spec, ct: teacherWeights(3), pet: teacherWeights(4) };
  const plan = muduo.plan({ network: student, patch: volume, labelled, unlabelled: crops }, { ...muduo.defaults, dropout: 0 });
  const feeds = { rate: tensor([], [0.05]), consistency: tensor([], [1]) };
  const stream = random(5);
  const batch = {
    labelled: {
      image: noise(6, labelled, 2, ...volume),
      label: { dims: [labelled, ...volume], data: Uint8Array.from({ length: labelled * side ** 3 }, () => stream.integer(structures + 1)) },
    },
    unlabelled: {
      student: noise(7, crops, 2, ...volume),
      generator: noise(8, crops, 1, ...volume),
      ct: noise(9, crops, 1, ...volume),
      pet: noise(10, crops, 1, ...volume),
    },
    alphas: drawAlphas(random(11), crops, structures),
  };
  const opened: (Sessions | TrainingStep)[] = [];
  async function run(rules: Rules, guesses = finding, alphas = batch.alphas) {
    const step = await TrainingStep.open(plan, start, cpu);
    const pet = { spec, weights: teachers.pet, generator: { network: generator, weights: guesses } };
    const networks = { student, ct: { spec, weights: teachers.ct }, pet, patch: volume, crops };
    const sessions = await openSessions(networks, rules, () => step.parameters());
    opened.push(step, sessions);
    const { inputs, learned } = await lesson({ ...batch, alphas }, sessions.asked, rules);
    const reports = await step.run({ ...inputs, ...feeds });
    return { reports, learned, step, asked: (name: string) => sessions.answers.get(name) ?? [], questions: sessions.questions };
  }
  afterAll(async () => {
    for (const one of opened) await ('close' in one ? one.close() : one.release());
  });

  let first: Awaited<ReturnType<typeof run>>;
  const before = [teachers.ct, teachers.pet, finding].map((weights) => structuredClone(weights));
  beforeAll(async () => {
    first = await run(intended);
  });

  test('moves the student alone', () => {
    const names = student.parameters.map(({ name }) => name);
    expect(plan.parameters.map(({ name }) => name)).toEqual(names);
    expect(plan.slots.map(({ name }) => name)).toEqual(names.map((name) => `momentum.${name}`));
    expect([teachers.ct, teachers.pet, finding]).toEqual(before);
    expect(first.step.parameters().get('final.weight')?.data).not.toEqual(start.get('final.weight')?.data);
  });
  test('keeps one of two crops for every structure that is there', () => {
    const { overlaps, trust, clicks } = first.learned;
    for (let c = 0; c < structures; c++) {
      const [a, b] = overlaps.map((crop) => crop[c]);
      const there = clicks.map((crop) => crop[c].isPresent);
      expect([a !== absent, b !== absent]).toEqual(there);
      const kept = [0, 1].filter((n) => trust.data[n * structures + c] > 0);
      expect(kept).toEqual(there.some(Boolean) ? [a >= b ? 0 : 1] : []);
    }
    expect(overlaps.flat().some((overlap) => overlap > 0 && overlap < 1)).toBe(true);
  });
  test('looks at every crop once, and asks about what is there', () => {
    for (const name of ['ct encoder', 'pet encoder']) expect(first.asked(name)).toHaveLength(crops);
    for (const name of ['ct', 'pet']) {
      expect(first.asked(name)).toHaveLength(there().length);
      for (const { probabilities } of first.asked(name)) expect(probabilities.dims).toEqual([1, 1, ...volume]);
    }
  });
  test('shows the CT teacher what the student thinks of the structures that are there, and never of the background', () => {
    const [{ probabilities }] = first.asked('student');
    const voxels = side ** 3;
    for (const [at, [n, c]] of there().entries()) {
      const { mask } = first.questions.get('ct')![at];
      const from = (n * (structures + 1) + 1 + c) * voxels;
      expect(mask.dims).toEqual([1, 1, ...volume]);
      expect(relativeDifference(mask.data, probabilities.data.slice(from, from + voxels))).toBe(0);
    }
  });
  /** Crop and structure of everything that was found, in the order in which it was asked about. */
  const there = () =>
    first.learned.overlaps.flatMap((ofCrop, n) => ofCrop.flatMap((overlap, c) => (overlap === absent ? [] : [[n, c] as const])));
  test('comes out the same when it is run again', async () => {
    const { reports, learned } = await run(intended);
    expect({ reports, learned }).toEqual({ reports: first.reports, learned: first.learned });
  });
  test.each([
    ['CT', 1, 'ct'],
    ['PET', 0, 'pet'],
  ] as const)('that trusts %s alone learns what that teacher says', async (_, alpha, name) => {
    const { learned, asked } = await run(intended, finding, new Float32Array(crops * structures).fill(alpha));
    const voxels = side ** 3;
    for (const [n, { probabilities }] of asked(name).entries()) {
      const there = learned.overlaps[n].flatMap((overlap, c) => (overlap === absent ? [] : [c]));
      for (let c = 0; c < structures; c++) {
        const mask = learned.masks.data.subarray((n * structures + c) * voxels, (n * structures + c + 1) * voxels);
        const at = there.indexOf(c) * voxels;
        const said = Array.from({ length: voxels }, (_, v) => (at < 0 ? 0 : Number((probabilities.data[at + v] as number) > 0.5)));
        expect(Buffer.from(mask).equals(Buffer.from(said))).toBe(true);
      }
    }
  });
  test('where no structure is found asks no teacher and is a supervised step', async () => {
    const { reports, learned, asked, step } = await run(intended, blind);
    expect(learned.overlaps.flat()).toEqual(Array(crops * structures).fill(absent));
    expect([...learned.trust.data, reports.consistencyLoss]).toEqual(Array(crops * structures + 1).fill(0));
    expect(['ct encoder', 'pet encoder', 'ct', 'pet'].map((name) => asked(name).length)).toEqual([0, 0, 0, 0]);

    const { momentum, weightDecay } = muduo.defaults;
    const alone = supervisedStep({ network: student, patch: volume, batch: labelled, momentum, weightDecay, dropout: 0 });
    const other = await TrainingStep.open(alone, start, cpu);
    opened.push(other);
    const { loss } = await other.run({ ...batch.labelled, rate: feeds.rate });
    expect(reports.loss).toBeCloseTo(loss, 6);
    expectClose(step.parameters(), other.parameters(), { relative: 1e-6, absolute: 1e-7 });
  });
  test('as released learns even then, from the first crop', async () => {
    const { reports, learned } = await run(released, blind);
    expect([...learned.trust.data]).toEqual([0.5, 0.5, 0, 0]);
    expect(reports.consistencyLoss).toBeGreaterThan(0);
    expect(learned.clicks.flat().flatMap(({ labels }) => [...labels])).toEqual(Array(crops * structures * released.clicks).fill(0));
  });
});

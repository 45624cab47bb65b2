/** Every loss against PyTorch and the methods' own code: values and slopes. Which variants there are, the reference files say. */
import { describe, expect, test } from 'vitest';
import { pullBack } from '../../src/main/engine/backward';
import { constant, type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { add, cast, constantLike, div, equal, log, mul, sigmoid, sub } from '../../src/main/engine/ops/elementwise';
import { meanAll, sumAll } from '../../src/main/engine/ops/reduce';
import { concat, reshape, slice } from '../../src/main/engine/ops/shape';
import { softmax } from '../../src/main/engine/ops/softmax';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import * as agreement from '../../src/main/methods/losses/agreement';
import { binaryEntropyAndDice, deeplySupervised, entropyAndDice, evenEntropyAndDice } from '../../src/main/methods/losses/combined';
import * as entropy from '../../src/main/methods/losses/crossEntropy';
import { type DiceOptions, diceLoss, diceScores, generalisedDice, negativeDice } from '../../src/main/methods/losses/dice';
import { binaryFocal, focal } from '../../src/main/methods/losses/focal';
import { known, oneHot, smoothed, weightedMean } from '../../src/main/methods/losses/target';
import { evaluate } from '../engine/reference';
import { expectClose, type Golden, golden, hasGolden, part } from '../golden';

type Variant = Record<string, unknown>;
type Build = (inputs: Record<string, Value>, variant: Variant) => Value;

/** Result and slopes of one variant. Inputs without a variant in their name belong to all; scalar results are differentiated directly. */
async function expectReference(all: Golden, name: string, build: Build): Promise<void> {
  const common = [...part(all, 'in.')].filter(([key]) => !key.includes('.'));
  const feeds = new Map([...common, ...part(all, `in.${name}.`)]);
  const inputs = new Map(
    [...feeds].map(([key, { dims, data }]) => [key, input(key, data instanceof BigInt64Array ? 'int64' : 'float32', dims)]),
  );
  const y = build(Object.fromEntries(inputs), (all.metadata.variants as Record<string, Variant>)[name]);
  const cotangent = inputs.get('cot_y') ?? inputs.get('cot') ?? constantLike(y, 1);
  const slopes = part(all, `grad_in.${name}.`);
  const learning = [...slopes.keys()].map((key) => inputs.get(key) as Input);
  const back = pullBack([[y, sameCount(cotangent, y)]], learning);
  const outputs = { y, ...Object.fromEntries(learning.map((x) => [`slope ${x.name}`, back.get(x) as Value])) };
  const model = buildModel({ name, inputs: [...inputs.values()], outputs, form: 'cpu' });
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const came = await session.run(Object.fromEntries(feeds));
  await session.release();
  const wanted = new Map<string, Tensor>([...slopes].map(([key, slope]) => [`slope ${key}`, slope]));
  wanted.set('y', all.tensors.get(`out.${name}.y`) as Tensor);
  expectClose(new Map(Object.entries(came)), wanted, { relative: 3e-6 });
}
const sameCount = (cotangent: Value, y: Value) => reshape(cotangent, y.dims);

/** A test for every variant of a file; one that nobody knows how to build fails. `elsewhere` are those that are no graphs. */
function follow(file: string, builds: Record<string, Build>, elsewhere: readonly string[] = []): void {
  const all = golden(file);
  const names = Object.keys(all.metadata.variants as object).filter((name) => !elsewhere.includes(name));
  test.each(names)('%s', async (name) => {
    expect(Object.keys(builds)).toContain(name);
    await expectReference(all, name, builds[name]);
  });
}

const maps = (x: Value, target: Value) => oneHot(target, x.dims[1]);
/** A mask of one class as that class's only channel. */
const channel = (x: Value) => reshape(cast(x, 'float32'), [x.dims[0], 1, ...x.dims.slice(1)]);
const lastClass = (x: Value) => slice(x, 1, x.dims[1] - 1, x.dims[1]);
const list = (values: unknown) => constant(tensor([(values as number[]).length], values as number[]));

describe("PyTorch's losses", () => {
  const ce: Build = ({ x, target, weight }) => entropy.crossEntropy(x, maps(x, target), weight);
  const ceMap: Build = ({ x, target, weight }) => entropy.crossEntropyMap(x, maps(x, target), weight);
  follow('ops/loss', {
    ce_mean: ce,
    ce_3d: ce,
    ce_weight: ce,
    ce_weight_ignore255: ce,
    ce_none: ceMap,
    ce_weight_none: ceMap,
    ce_ignore255: ({ x, target }) => {
      const truth = maps(x, target);
      return weightedMean(entropy.crossEntropyMap(x, truth), known(truth));
    },
    ce_soft_target: ({ x, target }) => entropy.crossEntropy(x, target),
    ce_label_smoothing: ({ x, target }, v) => entropy.crossEntropy(x, smoothed(maps(x, target), v.label_smoothing as number)),
    bce_logits_mean: ({ x, target }) => entropy.binaryCrossEntropy(x, target),
    bce_logits_posweight2: ({ x, target }, v) => entropy.binaryCrossEntropy(x, target, v.pos_weight as number),
    bce_logits_none: ({ x, target }) => entropy.binaryCrossEntropyMap(x, target),
    bce_prob_soft_target: ({ x, target }) => entropy.probabilityCrossEntropy(x, target),
    kl_none: ({ x, target_logits: t }) => agreement.klMap(x, t),
    kl_mean: ({ x, target_logits: t }) => meanAll(agreement.klMap(x, t)),
    kl_batchmean: ({ x, target_logits: t }) => mul(sumAll(agreement.klMap(x, t)), 1 / x.dims[0]),
    kl_grad_both: ({ x, t }) => mul(sumAll(agreement.klMap(x, t)), 1 / x.dims[0]),
    mse_mean: ({ a, b }) => agreement.meanSquare(a, b),
    l1_mean: ({ a, b }) => agreement.meanAbsolute(a, b),
    smooth_l1: ({ a, b }) => agreement.smoothAbsolute(a, b),
    cosine_loss: ({ a, b }) => agreement.cosineDistance(a, b),
    'info_nce_T0.1': ({ a, b }, v) => agreement.infoNce(a, b, v.T as number),
  });
});

const monai: DiceOptions = { denominator: 'plain', over: 'sample', smooth: 1e-5 };
const withoutChannel = (target: Value) => reshape(target, target.dims.toSpliced(1, 1));
const monaiDice = (x: Value, target: Value, options: Partial<DiceOptions> = {}) =>
  diceLoss(softmax(x, 1), maps(x, withoutChannel(target)), { ...monai, ...options });
const monaiEntropy = (x: Value, target: Value) => entropy.crossEntropy(x, maps(x, withoutChannel(target)));
const monaiBuilds: Record<string, Build> = {
  sam_med3d_DiceCE: ({ x, target }) =>
    add(diceLoss(sigmoid(x), target, { ...monai, denominator: 'squared' }), entropy.binaryCrossEntropy(x, target)),
  DiceCE_softmax: ({ x, target }) => add(monaiDice(x, target), monaiEntropy(x, target)),
  DiceCE_nobg: ({ x, target }) => add(monaiDice(x, target, { background: 'left out' }), monaiEntropy(x, target)),
  Dice_sigmoid: ({ x, target }) => diceLoss(sigmoid(x), target, monai),
  Dice_batch: ({ x, target }) => monaiDice(x, target, { over: 'batch' }),
  GeneralizedDice: ({ x, target }) => generalisedDice(softmax(x, 1), maps(x, withoutChannel(target))),
  DiceFocal: ({ x, target }) => add(monaiDice(x, target), binaryFocal(x, maps(x, withoutChannel(target)), 2)),
};
describe("MONAI's losses", () => follow('ops/loss_monai', monaiBuilds));

describe("DHC's losses", () => {
  const own: DiceOptions = { denominator: 'plain', over: 'batch', smooth: 1, background: 'left out' };
  const truth = (x: Value, label: Value) => maps(x, withoutChannel(label));
  const dice =
    (options: Partial<DiceOptions>): Build =>
    ({ x, label }) =>
      negativeDice(softmax(x, 1), truth(x, label), { ...own, ...options });
  follow(
    'dhc/losses',
    {
      soft_dice_batch: dice({}),
      soft_dice_sample: dice({ over: 'sample' }),
      soft_dice_bg: dice({ background: 'counted' }),
      soft_dice_values: ({ x, label }) => diceScores(softmax(x, 1), truth(x, label), { ...own, background: 'counted', smooth: 1e-8 }),
      soft_dice_weighted: ({ weight, ...x }, v) => dice({ weights: weight })(x, v),
      robust_ce: ({ x, label }) => entropy.crossEntropy(x, truth(x, label)),
      robust_wce: ({ x, label, weight }) => entropy.crossEntropy(x, truth(x, label), weight),
      w_ce_dice: ({ x, label, weight }) => entropyAndDice(x, truth(x, label), { over: 'batch', smooth: 1, weights: weight }),
      weighted_ce_map: ({ x, label, weight_map }) => meanAll(mul(entropy.crossEntropyMap(x, truth(x, label)), weight_map)),
    },
    ['diffdw', 'distdw'],
  );
});

describe("MuDuo's losses", () => {
  const own = { denominator: 'squared', over: 'batch', smooth: 1e-5 } as const;
  const plain = { ...own, denominator: 'plain' } as const;
  const diceOfLogits: Build = ({ x, target }) => diceLoss(softmax(x, 1), maps(x, target), own);
  const diceOfProbabilities: Build = ({ p, target }, { weight }) =>
    diceLoss(p, maps(p, target), { ...own, weights: weight ? list(weight) : undefined });
  const focused: Build = ({ x, target }, { gamma = 2, alpha }) =>
    focal(x, maps(x, target), { gamma: gamma as number, weights: alpha ? list(alpha) : undefined });
  follow(
    'muduo/losses',
    {
      dice_loss: ({ s, target }) => diceLoss(channel(s), channel(target), own),
      dice_loss1: ({ s, target }) => diceLoss(channel(s), channel(target), plain),
      dice_loss_1: ({ p, target }) => sub(1, diceScores(p, channel(target), { ...plain, over: 'sample' })),
      DiceLoss_prob: diceOfProbabilities,
      DiceLoss_weight: diceOfProbabilities,
      DiceLoss_softmax: diceOfLogits,
      softmax_dice_loss: ({ x, t }) => diceLoss(softmax(x, 1), softmax(t, 1), plain),
      entropy_loss_C3: ({ p }) => agreement.entropyLoss(p),
      entropy_loss_map_C3: ({ p }) => div(agreement.entropyMap(p), Math.log(p.dims[1])),
      entropy_minmization: ({ p }) => meanAll(agreement.entropyMap(p)),
      entropy_map: ({ p }) => agreement.entropyMap(p),
      softmax_mse_loss: ({ x, t }) => agreement.squaredDifference(softmax(x, 1), softmax(t, 1)),
      sigmoid_mse_loss: ({ x, t }) => agreement.squaredDifference(sigmoid(x), sigmoid(t)),
      symmetric_mse_loss: ({ a, b }) => agreement.meanSquare(a, b),
      softmax_kl_loss: ({ x, t }) => meanAll(agreement.klMap(x, t)),
      sigmoid_kl_loss: ({ x, t }) => meanAll(agreement.relativeEntropy(sigmoid(t), log(sigmoid(t)), log(sigmoid(x)))),
      compute_kl_loss: ({ a, b }) => agreement.symmetricKl(a, b, a.dims.length - 1),
      focal_g2: focused,
      focal_g2_alpha: focused,
      supervised: ({ x, target }) => evenEntropyAndDice(x, maps(x, target)).loss,
    },
    ['schedule'],
  );
});

describe("KnowSAM's losses", () => {
  const dice: Build = ({ p, label, ...x }, { weight, smooth = 1e-10 }) => {
    // The reference turns its mask into one map per class in a way of its own: all ones for the first, the mask itself for the others.
    const mask =
      x.mask &&
      concat(
        Array.from({ length: p.dims[1] }, (_, k) => (k === 0 ? constantLike(ones(x.mask), 1) : ones(x.mask))),
        1,
      );
    return diceLoss(p, maps(p, label), {
      denominator: 'squared',
      over: 'batch',
      smooth: smooth as number,
      mask,
      weights: weight ? list(weight) : undefined,
    });
  };
  const ones = (mask: Value) => cast(equal(mask, 1), 'float32');
  follow(
    'knowsam/losses',
    {
      kd_T10: ({ s, t }, v) => agreement.distillation(s, t, v.T as number),
      loss_diff1: ({ a, b }) => entropy.probabilityCrossEntropy(lastClass(a), lastClass(b)),
      loss_diff2: ({ a, b }) => entropy.probabilityCrossEntropy(lastClass(b), lastClass(a)),
      dice_prob: dice,
      dice_weight: dice,
      dice_mask: dice,
      dice_softmax: ({ x, label }, v) => dice({ p: softmax(x, 1), label }, v),
      dice_loss_fn: ({ p, label }, v) => diceLoss(p, label, { denominator: 'plain', over: 'sample', smooth: v.epsilon as number }),
      sigmoid_mse_loss_map: ({ x, target }) => agreement.squaredDifference(sigmoid(x), sigmoid(target)),
      mse_loss: ({ x, target }) => agreement.meanSquare(x, target),
      entropy_loss_C2: ({ p }) => agreement.entropyLoss(p, 2),
      entropy_map: ({ p }) => agreement.entropyMap(p),
    },
    ['consistency'],
  );
});

describe('the loss a student is trained with, from its stored logits', () => {
  /** All that a reference's file holds besides the network: logits and targets of every resolution, finest first. */
  function levels(name: string) {
    const { tensors, metadata } = golden(`students/${name}.io`);
    const under = (prefix: string) =>
      [...tensors].filter(([key]) => key.startsWith(prefix)).map(([, { dims, data }]) => constant(tensor(dims, Array.from(data, Number))));
    const [{ data: wanted }] = [tensors.get('out.train.loss') as Tensor];
    const {
      ds_weights: weights,
      batch_dice: batch,
      smooth,
    } = metadata.config as { ds_weights: number[]; batch_dice: boolean; smooth: number };
    const given = { logits: under('out.train.logits'), targets: under('in.target'), labels: under('in.label') };
    return {
      ...given,
      wanted: Number(wanted[0]),
      weights,
      over: batch ? 'batch' : 'sample',
      smooth,
      classWeights: under('in.class_weight')[0],
    } as const;
  }
  const expectValue = (loss: Value, wanted: number) => expect(evaluate([loss], new Map())[0].data[0]).toBeCloseTo(wanted, 5);

  test.each(['unetpp_plain', 'unetpp_ds', 'unet2d_vgg'])('%s', (name) => {
    const { logits, targets, wanted } = levels(name);
    const losses = logits.map((x) => binaryEntropyAndDice(x, targets[0]));
    expectValue(
      deeplySupervised(
        losses,
        losses.map(() => 1 / losses.length),
      ),
      wanted,
    );
  });
  test.each(['nnunet_plain3d', 'nnunet_plain2d'])('%s', (name) => {
    const { logits, targets, wanted, weights, ...options } = levels(name);
    const losses = logits.map((x, i) => entropyAndDice(x, maps(x, withoutChannel(targets[i])), options));
    expectValue(deeplySupervised(losses, weights), wanted);
  });
  test.skipIf(!hasGolden('students/dhc_vnet3d.io'))('dhc_vnet3d', () => {
    const { logits, labels, wanted, classWeights: weights } = levels('dhc_vnet3d');
    expectValue(entropyAndDice(logits[0], maps(logits[0], withoutChannel(labels[0])), { over: 'batch', smooth: 1, weights }), wanted);
  });
});

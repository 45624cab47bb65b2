/**
 * How a promptable teacher is trained: one encoder looks at a few images, and prompts of three kinds ask about objects in them. The recipe of SAM
 * (Kirillov et al. 2023, §5) and SAM-Med3D (Wang et al. 2023, its training script): cross-entropy and Dice for masks, squared error for
 * the guess of their quality, AdamW; of the further masks for an ambiguous click only the best learns.
 */
import { gradients } from '../../engine/backward';
import { clippedByNorm } from '../../engine/clipping';
import { type Input, input, type Value } from '../../engine/graph';
import { add, cast, div, greater, mul, sigmoid, stopGradient, sub } from '../../engine/ops/elementwise';
import { meanAll, meanOver, reduceMean, reduceMin, sumAll, sumOver } from '../../engine/ops/reduce';
import { concat, expand, reshape, slice } from '../../engine/ops/shape';
import { adam, adamCorrections, adamScalars, muon, type Update } from '../../engine/optimisers';
import { planStep, type StepPlan } from '../../engine/trainStep';
import type { Parameters } from '../../networks/network';
import { encodeImage } from '../../networks/sam/imageEncoder';
import { byBlocks, decodeMasks, type MaskChoice, placeFeatures } from '../../networks/sam/maskDecoder';
import { enlargeMasks } from '../../networks/sam/pictures';
import { encodePrompts } from '../../networks/sam/promptEncoder';
import { gridOf, perAxis, type SamSpec, samParameters } from '../../networks/sam/spec';
import { binaryCrossEntropyMap } from '../losses/crossEntropy';
import { diceScores } from '../losses/dice';
import { regionLoss } from '../losses/regions';
import { oneHot } from '../losses/target';
import { defineMethod } from '../method';
import { linearRamp, polynomial, warmUp } from '../schedules';

/** A kind of prompt: so many per image, each with as many points (0: the mask alone). */
export interface PromptKind {
  name: string;
  perImage: number;
  points: number;
  /** Corners of a box instead of points; in the plane only. */
  boxes?: boolean;
  /** Whether an earlier mask goes with the prompt: always (an empty one of zeros at first), as volumes need it, or never. */
  mask: 'given' | 'none';
  /** How many of those with several points begin with two or more at once, as MuDuo gives them, and not with one that is then corrected: 0 … 1; ½ where it is not said. */
  atOnce?: number;
}
export interface PracticeConfig {
  spec: SamSpec;
  images: number;
  kinds: readonly PromptKind[];
}
export interface PracticeSettings {
  rate: number;
  warmupSteps: number;
  weightDecay: number;
  /** Gradients are kept no longer than this. */
  longestGradient: number;
  /**
   * What lies on an object counts so much at first: objects fill a hundredth of an image, and a young network says that there is nothing. Over the first
   * half of training it falls to 1, since it draws masks too large.
   */
  positiveWeight: number;
}

/**
 * Prompts say little: one object at a time, out of many. So features are also asked to tell all regions of an image apart, at once and everywhere;
 * a filter then has something to pick from.
 */
const regionWeight = 0.5;
/** Regions of an image, numbered from 0, which is what lies between its objects. */
export const mostRegions = 16;
export const noRegion = 255;

/** A single click in the plane may mean a part or the whole: the further masks learn from it too. */
const isAmbiguous = ({ axes }: SamSpec, { points, boxes, mask }: PromptKind) => axes === 2 && points === 1 && !boxes && mask === 'none';

/**
 * Inputs of a step: `image` [images, channels, side…], `regions` uint8 [images, 4·grid…] (which region each place is of, `noRegion` where that is
 * not said), and for every kind, its prompts image by image: `KIND.places` [N, points, axes] and `KIND.labels`
 * [N, points] (int32; −1 is no point), or `KIND.boxes` [N, 4]; `KIND.mask` [N, 1, 4·grid…], logits of an earlier mask or zeros; `KIND.target` uint8
 * [N, 1, side…]; `rate`, `positiveWeight` and Adam's corrections. Results, for the next prompts: `KIND.logits` [N, 1, 4·grid…], and `KIND.enlarged` [N, 1, side…].
 */
export const practice = defineMethod<PracticeSettings, PracticeConfig>({
  name: 'practice',
  defaults: { rate: 1e-3, warmupSteps: 100, weightDecay: 0.05, longestGradient: 1, positiveWeight: 5 },
  schedule: (t, s) => ({
    rate: s.rate * warmUp(t, s.warmupSteps) * polynomial(t, s.steps),
    positiveWeight: 1 + (s.positiveWeight - 1) * (1 - linearRamp(t, s.steps / 2)),
    ...adamScalars(t),
  }),
  plan({ spec, images, kinds }, { weightDecay, longestGradient }): StepPlan {
    const parameters = new Map<string, Input>(samParameters(spec).map(({ name, dims }) => [name, input(name, 'float32', dims)]));
    const fixed = new Set(samParameters(spec).flatMap(({ name, kind }) => (kind === 'buffer' ? [name] : [])));
    const image = input('image', 'float32', [images, spec.channels, ...perAxis(spec, spec.imageSide)]);
    const rate = input('rate', 'float32', []);
    const positiveWeight = input('positiveWeight', 'float32', []);
    const corrections = adamCorrections();
    const { embedding } = encodeImage(spec, parameters, image);

    const asked = kinds.map((kind) => answers(spec, parameters, embedding, kind, positiveWeight));
    const prompts = images * kinds.reduce((sum, { perImage }) => sum + perImage, 0);
    const total = (part: (one: Answers) => Value) =>
      mul(
        asked.map((one) => sumAll(part(one))).reduce((sum, next) => add(sum, next)),
        1 / prompts,
      );
    const mask = total(({ maskLoss }) => maskLoss);
    const quality = total(({ qualityLoss }) => qualityLoss);
    const regions = input('regions', 'uint8', [images, ...perAxis(spec, 4 * gridOf(spec))]);
    const apart = regionLoss(placeFeatures(spec, parameters, embedding), oneHot(byBlocks(spec, cast(regions, 'int32')), mostRegions));
    const loss = add(add(mask, quality), mul(apart, regionWeight));

    const trained = [...parameters.values()].filter(({ name }) => !fixed.has(name));
    const { gradients: slopes, norm } = clippedByNorm(gradients(loss, trained), longestGradient);
    const kept: Update[] = [...fixed].map((name) => ({ before: parameters.get(name) as Input, after: parameters.get(name) as Input }));
    const overlaps = Object.fromEntries(asked.map((one, k) => [`${kinds[k].name}Dice`, meanAll(one.dice)]));
    return planStep({
      name: 'practice',
      inputs: [image, regions, rate, positiveWeight, corrections.first, corrections.second, ...asked.flatMap(({ inputs }) => inputs)],
      steps: trained.map((p) =>
        isHiddenMatrix(p)
          ? muon(p, slopes.get(p) as Value, { rate, weightDecay })
          : adam(p, slopes.get(p) as Value, { rate, corrections, weightDecay: p.dims.length > 1 ? weightDecay : 0, decay: 'decoupled' }),
      ),
      averages: kept,
      reports: { loss, maskLoss: mask, qualityLoss: quality, regionLoss: apart, gradient: norm, ...overlaps },
      results: Object.fromEntries(
        asked.flatMap(({ logits, enlarged }, k) => [
          [`${kinds[k].name}.logits`, logits],
          [`${kinds[k].name}.enlarged`, enlarged],
        ]),
      ),
    });
  },
});

/** Matrices between hidden features, in the encoder's blocks and the decoder's. */
const isHiddenMatrix = ({ name, dims }: Input) => dims.length === 2 && /\.(blocks|transformer)\..*\.weight$/.test(name);

interface Answers {
  inputs: Input[];
  /** [N, 1, 4·grid…]. */
  logits: Value;
  /** [N, 1, side…]. */
  enlarged: Value;
  /** Per prompt: [N, 1]. */
  maskLoss: Value;
  qualityLoss: Value;
  /** Of the mask above 0, [N, 1]. */
  dice: Value;
}

function answers(spec: SamSpec, parameters: Parameters, embedding: Value, kind: PromptKind, positiveWeight: Value): Answers {
  const images = embedding.dims[0];
  const count = images * kind.perImage;
  const maskDims = [count, 1, ...perAxis(spec, 4 * gridOf(spec))];
  const called = (name: string) => `${kind.name}.${name}`;
  const places = kind.points > 0 && !kind.boxes ? input(called('places'), 'float32', [count, kind.points, spec.axes]) : null;
  const labels = places ? input(called('labels'), 'int32', [count, kind.points]) : null;
  const boxes = kind.boxes ? input(called('boxes'), 'float32', [count, 4]) : null;
  const mask = kind.mask === 'given' ? input(called('mask'), 'float32', maskDims) : null;
  const target = input(called('target'), 'uint8', [count, 1, ...perAxis(spec, spec.imageSide)]);

  const forEach = concat(
    Array.from({ length: images }, (_, i) => expand(slice(embedding, 0, i, i + 1), embedding.dims.with(0, kind.perImage))),
    0,
  );
  const prompts = encodePrompts(spec, parameters, { points: places && labels && { places, labels }, boxes, mask });
  const truth = cast(target, 'float32');
  const ask = (choice: MaskChoice) => {
    const { logits, quality } = decodeMasks(spec, parameters, forEach, prompts, choice);
    const enlarged = enlargeMasks(spec, logits);
    return { logits, enlarged, ...judged(enlarged, quality, truth, positiveWeight) };
  };
  const single = ask('single');
  const further = isAmbiguous(spec, kind) ? ask('multiple') : null;
  const best = further && reduceMin(further.maskLoss, [1]);
  return {
    inputs: [places, labels, boxes, mask, target].filter((x): x is Input => x !== null),
    logits: single.logits,
    enlarged: single.enlarged,
    maskLoss: best ? mul(add(single.maskLoss, best), 0.5) : single.maskLoss,
    qualityLoss: further ? mul(add(single.qualityLoss, reduceMean(further.qualityLoss, [1])), 0.5) : single.qualityLoss,
    dice: single.dice,
  };
}

/** Losses of every mask [N, masks] against one truth [N, 1, side…]. */
function judged(logits: Value, quality: Value, truth: Value, positiveWeight: Value) {
  const [count, masks, ...sides] = logits.dims;
  const goal = expand(truth, logits.dims);
  const perMask = (x: Value) => meanOver(reshape(x, [count, masks, sides.reduce((product, n) => product * n, 1)]), [2]);
  const unlike = sub(1, diceScores(sigmoid(logits), goal, { denominator: 'squared', over: 'sample', smooth: 1 }));
  const found = stopGradient(cast(greater(logits, 0), 'float32'));
  const axes = logits.dims.map((_, axis) => axis).slice(2);
  const sums = (x: Value) => sumOver(x, axes);
  const [common, size, wanted] = [sums(mul(found, goal)), sums(found), sums(goal)];
  const overlap = div(common, add(sub(add(size, wanted), common), 1e-6));
  const error = sub(quality, overlap);
  return {
    maskLoss: add(perMask(binaryCrossEntropyMap(logits, goal, positiveWeight)), unlike),
    qualityLoss: mul(error, error),
    dice: div(mul(common, 2), add(add(size, wanted), 1e-6)),
  };
}

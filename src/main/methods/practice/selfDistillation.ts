/**
 * How a DINOv3-shaped encoder is trained without any labels: a student learns to say of one view what its running average says of another (DINO,
 * Caron et al. 2021), and of patches it does not see what the average sees there (iBOT, Zhou et al. 2022), as DINOv3 does. Of DINOv3's further
 * terms (Sinkhorn balancing, KoLeo, Gram anchoring) there are none: they keep very long training of large networks on course.
 */
import { gradients } from '../../engine/backward';
import { clippedByNorm } from '../../engine/clipping';
import { type Input, input, type Value } from '../../engine/graph';
import { add, cast, div, gelu, max, mul, neg, stopGradient, sub } from '../../engine/ops/elementwise';
import { linear } from '../../engine/ops/layers';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { reduceLength, reduceMean, reduceSum, sumAll } from '../../engine/ops/reduce';
import { concat, reshape, slice } from '../../engine/ops/shape';
import { logSoftmax, softmax } from '../../engine/ops/softmax';
import { adam, adamCorrections, adamScalars, ema, type Update } from '../../engine/optimisers';
import { planStep, type StepPlan } from '../../engine/trainStep';
import { dinov3Blocks, dinov3Tokens } from '../../networks/dinov3/dinov3';
import { type Dinov3Spec, dinov3Parameters } from '../../networks/dinov3/parameters';
import { defineMethod } from '../method';
import { averageKeep, cosine, warmUp } from '../schedules';

export interface SelfDistillationConfig {
  spec: Dinov3Spec;
  /** Images per step; each is seen twice. */
  images: number;
  /** Pixels along each side of a view. */
  side: number;
  /** Hidden features of the head, and the kinds of things it tells apart. */
  head: { hidden: number; width: number; kinds: number };
}
export interface SelfDistillationSettings {
  rate: number;
  warmupSteps: number;
  weightDecay: number;
  longestGradient: number;
  /** How much of the average is kept at most. */
  keep: number;
  /** How sharp the student's and the average's answers are made. */
  temperatures: { student: number; average: number };
}

/** Names under which the average's parameters are kept. */
export const averaged = (name: string): string => `average.${name}`;
const headName = 'head';
/** The head: two layers, then cosines with the kinds. It is thrown away after training. */
export function headParameters({ spec, head }: Pick<SelfDistillationConfig, 'spec' | 'head'>): { name: string; dims: number[] }[] {
  return [
    { name: `${headName}.0.weight`, dims: [head.hidden, spec.width] },
    { name: `${headName}.0.bias`, dims: [head.hidden] },
    { name: `${headName}.1.weight`, dims: [head.width, head.hidden] },
    { name: `${headName}.1.bias`, dims: [head.width] },
    { name: `${headName}.kinds`, dims: [head.kinds, head.width] },
  ];
}

/**
 * Inputs of a step: `views` [2·images, channels, side, side], the first views of all images, then their second ones; `hidden` uint8 [2·images, patches],
 * 1 where the student does not see a patch; `rate`, `keep` and Adam's corrections. The averages and the centres of both answers are kept beside the parameters.
 */
export const selfDistillation = defineMethod<SelfDistillationSettings, SelfDistillationConfig>({
  name: 'selfDistillation',
  defaults: {
    rate: 1e-3,
    warmupSteps: 100,
    weightDecay: 0.05,
    longestGradient: 1,
    keep: 0.994,
    temperatures: { student: 0.1, average: 0.05 },
  },
  schedule: (t, s) => ({
    rate: s.rate * warmUp(t, s.warmupSteps) * Math.max(0.01, cosine(t, s.steps)),
    keep: averageKeep(t, s.keep),
    ...adamScalars(t),
  }),
  plan(config, { weightDecay, longestGradient, temperatures }): StepPlan {
    const { spec, images, side, head } = config;
    const patches = (side / spec.patch) ** 2;
    const views = input('views', 'float32', [2 * images, spec.inChannels, side, side]);
    const hidden = input('hidden', 'uint8', [2 * images, patches]);
    const [rate, keep] = ['rate', 'keep'].map((name) => input(name, 'float32', []));
    const corrections = adamCorrections();
    const all = [...dinov3Parameters(spec), ...headParameters(config)];
    const student = new Map(all.map(({ name, dims }) => [name, input(name, 'float32', dims)]));
    const average = new Map(all.map(({ name, dims }) => [name, input(averaged(name), 'float32', dims)]));
    const [ofImages, ofPatches] = ['images', 'patches'].map((name) => input(`centre.${name}`, 'float32', [1, head.kinds]));

    const seen = answersOf(spec, student, views, hidden);
    const known = answersOf(spec, average, views, null);
    const target = (answer: Value, centre: Value) => stopGradient(softmax(div(sub(answer, centre), temperatures.average), 1));
    const unlike = (answer: Value, wanted: Value) => neg(reduceSum(mul(wanted, logSoftmax(div(answer, temperatures.student), 1)), [1]));
    // Each view is to say what the average says of the other one.
    const other = (x: Value) => concat([slice(x, 0, images, 2 * images), slice(x, 0, 0, images)], 0);
    const imageLoss = mul(sumAll(unlike(seen.image, other(target(known.image, ofImages)))), 1 / (2 * images));
    const weights = reshape(cast(hidden, 'float32'), [2 * images * patches, 1]);
    const patchLoss = div(sumAll(mul(unlike(seen.patches, target(known.patches, ofPatches)), weights)), max(sumAll(weights), 1));
    const loss = add(imageLoss, patchLoss);

    const trained = [...student.values()];
    const { gradients: slopes, norm } = clippedByNorm(gradients(loss, trained), longestGradient);
    const steps = trained.map((p) =>
      adam(p, slopes.get(p) as Value, { rate, corrections, weightDecay: p.dims.length > 1 ? weightDecay : 0, decay: 'decoupled' }),
    );
    const averages: Update[] = steps.map(({ parameter: { before, after } }) => {
      const old = average.get(before.name) as Input;
      return { before: old, after: ema(old, after, keep) };
    });
    const centres: Update[] = [
      { before: ofImages, after: ema(ofImages, reduceMean(known.image, [0]), 0.9) },
      { before: ofPatches, after: ema(ofPatches, reduceMean(known.patches, [0]), 0.9) },
    ];
    return planStep({
      name: 'self-distillation',
      inputs: [views, hidden, rate, keep, corrections.first, corrections.second],
      steps,
      averages: [...averages, ...centres],
      reports: { loss, imageLoss, patchLoss, gradient: norm },
    });
  },
});

/** Cosines with every kind: of whole images [N, kinds], and of their patches [N·patches, kinds]. */
function answersOf(spec: Dinov3Spec, parameters: ReadonlyMap<string, Value>, views: Value, hidden: Value | null) {
  const tokens = dinov3Blocks({ spec, parameters }, views, hidden).at(-1) as Value;
  const { cls, patches } = dinov3Tokens({ spec, parameters }, tokens, 'final');
  const of = (name: string) => parameters.get(`${headName}.${name}`) as Value;
  const unit = (x: Value) => div(x, add(reduceLength(x, [1]), 1e-6));
  const answer = (x: Value) => {
    const inner = gelu(linear(x, of('0.weight'), of('0.bias')));
    return matmul(unit(linear(inner, of('1.weight'), of('1.bias'))), transposeLast(unit(of('kinds'))));
  };
  return { image: answer(cls), patches: answer(reshape(patches, [patches.dims[0] * patches.dims[1], spec.width])) };
}

/** Soft Dice in the forms that segmentation papers use. Probabilities and targets are [N, K, …]. */
import type { Value } from '../../engine/graph';
import { add, div, greater, mul, neg, reciprocal, sub, where } from '../../engine/ops/elementwise';
import { meanAll, reduceMax, reduceSum, sumOver } from '../../engine/ops/reduce';
import { reshape, slice } from '../../engine/ops/shape';

export interface DiceOptions {
  /** Sums of squares in the denominator (V-Net's form) or plain sums. */
  denominator: 'squared' | 'plain';
  /** One ratio over the whole batch, or one per sample. */
  over: 'batch' | 'sample';
  smooth: number;
  /** Whether the first class, the background, is one of those averaged; `counted` unless stated. */
  background?: 'counted' | 'left out';
  /** Voxels that count, 0 or 1, [N, 1 or K, …]. */
  mask?: Value;
  /** How much each class counts, [K]. The mean still divides by the number of classes, as the references do. */
  weights?: Value;
}

/** (2Σpg + s)/(Σp² + Σg² + s), or with plain sums below: [1, K] over the batch, [N, K] by sample. Background left out if asked, weights not applied. */
export function diceScores(probabilities: Value, target: Value, { denominator, over, smooth, background, mask }: DiceOptions): Value {
  const axes = probabilities.dims.map((_, axis) => axis).filter((axis) => axis !== 1 && (over === 'batch' || axis !== 0));
  // Row by row first, as in sumAll.
  const last = probabilities.dims.length - 1;
  const total = (x: Value) => reduceSum(reduceSum(mask ? mul(x, mask) : x, [last]), axes);
  const size = (x: Value) => total(denominator === 'squared' ? mul(x, x) : x);
  const common = total(mul(probabilities, target));
  const dice = div(add(mul(common, 2), smooth), add(add(size(probabilities), size(target)), smooth));
  const scores = reshape(dice, dice.dims.slice(0, 2));
  return background === 'left out' ? slice(scores, 1, 1, scores.dims[1]) : scores;
}

/** Mean of weight·(1 − Dice) over classes, and over samples where there is a ratio for each. */
export function diceLoss(probabilities: Value, target: Value, options: DiceOptions): Value {
  return meanAll(weighed(sub(1, diceScores(probabilities, target, options)), options));
}

/**
 * Minus the mean of weight·Dice: −1 at best without weights. nnU-Net's form, and with class weights that of DHC, whose value a change of weights
 * moves as well. Slopes are those of `diceLoss`.
 */
export function negativeDice(probabilities: Value, target: Value, options: DiceOptions): Value {
  return neg(meanAll(weighed(diceScores(probabilities, target, options), options)));
}

function weighed(scores: Value, { weights, background }: DiceOptions): Value {
  if (!weights) return scores;
  return mul(scores, background === 'left out' ? slice(weights, 0, 1, weights.dims[0]) : weights);
}

/** All channels of a sample as one: [N, C, …] to [N, 1, …], for a ratio over all of them. */
export const asOneClass = (x: Value): Value => reshape(x, [x.dims[0], 1, ...x.dims.slice(2, -1), x.dims[1] * (x.dims.at(-1) as number)]);

/**
 * Generalised Dice (Sudre et al. 2017) with MONAI's smoothing: 1 − (2Σ_c w_c·Σpg + 1e-5)/(Σ_c w_c·(Σp + Σg) + 1e-5), w_c = 1/(Σg)², mean over samples.
 * A class that a sample lacks gets the largest weight among those it has.
 */
export function generalisedDice(probabilities: Value, target: Value): Value {
  const axes = probabilities.dims.map((_, axis) => axis).slice(2);
  const total = (x: Value) => sumOver(x, axes);
  const volume = total(target);
  const present = greater(volume, 0);
  const inverse = reciprocal(where(present, mul(volume, volume), 1));
  const weight = where(present, inverse, reduceMax(where(present, inverse, 0), [1]));
  const over = (x: Value) => add(reduceSum(mul(x, weight), [1]), 1e-5);
  return meanAll(sub(1, div(over(mul(total(mul(probabilities, target)), 2)), over(add(total(probabilities), volume)))));
}

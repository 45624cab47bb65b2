/** Losses as graphs. Logits are [N, K, …]; targets are one-hot maps of the same shape unless stated. */
import { constant, type Value } from '../engine/graph';
import { add, cast, div, equal, mul, neg, sub } from '../engine/ops/elementwise';
import { meanAll, reduceSum, sumAll } from '../engine/ops/reduce';
import { reshape } from '../engine/ops/shape';
import { logSoftmax } from '../engine/ops/softmax';

/** Label values [N, …] as K maps of zeros and ones [N, K, …]. */
export function oneHot(label: Value, classes: number): Value {
  const [n, ...sides] = label.dims;
  const values = constant({ dims: [1, classes, ...sides.map(() => 1)], data: Int32Array.from({ length: classes }, (_, k) => k) });
  return cast(equal(cast(reshape(label, [n, 1, ...sides]), 'int32'), values), 'float32');
}

/**
 * Mean of −log p(true class) over voxels; with class weights, the weighted mean.
 * @param weights one per class [K], a constant or fed at every step
 */
export function crossEntropy(logits: Value, target: Value, weights?: Value): Value {
  const likelihood = mul(target, logSoftmax(logits, 1));
  const voxels = logits.dims[0] * logits.dims.slice(2).reduce((product, side) => product * side, 1);
  if (!weights) return mul(sumAll(likelihood), -1 / voxels);
  const perClass = reshape(weights, [1, weights.dims[0], ...logits.dims.slice(2).map(() => 1)]);
  return neg(div(sumAll(mul(likelihood, perClass)), sumAll(mul(target, perClass))));
}

export interface DiceOptions {
  /** Sums of squares in the denominator (V-Net's form) or plain sums. */
  denominator: 'squared' | 'plain';
  /** One ratio over the whole batch, or the mean of one per sample. */
  over: 'batch' | 'sample';
  smooth: number;
}
/**
 * Soft Dice loss, mean over all classes of 1 − (2Σpg + s)/(Σp² + Σg² + s).
 * @param probabilities [N, K, …], for example a softmax
 */
export function diceLoss(probabilities: Value, target: Value, { denominator, over, smooth }: DiceOptions): Value {
  const axes = probabilities.dims.map((_, axis) => axis).filter((axis) => axis !== 1 && (over === 'batch' || axis !== 0));
  // Row by row first, as in sumAll.
  const last = probabilities.dims.length - 1;
  const total = (x: Value) => reduceSum(reduceSum(x, [last]), axes);
  const size = (x: Value) => total(denominator === 'squared' ? mul(x, x) : x);
  const common = total(mul(probabilities, target));
  const dice = div(add(mul(common, 2), smooth), add(add(size(probabilities), size(target)), smooth));
  return sub(1, meanAll(dice));
}

/** Mean of (a − b)². */
export function meanSquare(a: Value, b: Value): Value {
  const difference = sub(a, b);
  return meanAll(mul(difference, difference));
}

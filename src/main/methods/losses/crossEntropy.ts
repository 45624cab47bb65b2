/** Cross-entropy and its kin: how unlikely a prediction finds the truth. Logits are [N, K, …], targets maps of the same shape. */
import type { Value } from '../../engine/graph';
import { clip, softplus } from '../../engine/ops/curves';
import { add, div, log, mul, neg, sub } from '../../engine/ops/elementwise';
import { meanAll, sumAll, sumOver } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/shape';
import { logSoftmax } from '../../engine/ops/softmax';

const perClass = (weights: Value, like: Value) => reshape(weights, [1, weights.dims[0], ...like.dims.slice(2).map(() => 1)]);

/**
 * −log p(true class) of every voxel, [N, …]; times the weight of its class, if classes are weighed.
 * @param target one-hot or soft; an all-zero column gives 0
 * @param weights one per class [K]
 */
export function crossEntropyMap(logits: Value, target: Value, weights?: Value): Value {
  const weighed = weights ? mul(target, perClass(weights, logits)) : target;
  return neg(sumOver(mul(weighed, logSoftmax(logits, 1)), [1]));
}

/**
 * Mean of −log p(true class) over voxels; with class weights, the weighted mean, which leaves voxels without a label out.
 * @param weights one per class [K], a constant or fed at every step
 */
export function crossEntropy(logits: Value, target: Value, weights?: Value): Value {
  const likelihood = mul(target, logSoftmax(logits, 1));
  const voxels = logits.dims[0] * logits.dims.slice(2).reduce((product, side) => product * side, 1);
  if (!weights) return mul(sumAll(likelihood), -1 / voxels);
  const weight = perClass(weights, logits);
  return neg(div(sumAll(mul(likelihood, weight)), sumAll(mul(target, weight))));
}

/**
 * Binary cross-entropy of every number from its logit x: (1 − t)·x + (1 + (w − 1)t)·log(1 + e⁻ˣ).
 * @param target 0 … 1, the same shape
 * @param positiveWeight w, how much more a positive counts
 */
export function binaryCrossEntropyMap(logits: Value, target: Value, positiveWeight: number | Value = 1): Value {
  const miss = softplus(neg(logits));
  const weighed = positiveWeight === 1 ? miss : mul(miss, add(mul(target, sub(positiveWeight, 1)), 1));
  return add(mul(sub(1, target), logits), weighed);
}
/** Mean of `binaryCrossEntropyMap`. */
export const binaryCrossEntropy = (logits: Value, target: Value, positiveWeight = 1): Value =>
  meanAll(binaryCrossEntropyMap(logits, target, positiveWeight));

/**
 * Mean binary cross-entropy of probabilities, −t·log p − (1 − t)·log(1 − p), both arguments kept within 1e-8 … 1 − 1e-7 (KnowSAM's
 * consistency between two networks). Nothing flows back from a prediction outside.
 */
export function probabilityCrossEntropy(probabilities: Value, target: Value): Value {
  const [p, t] = [probabilities, target].map((x) => clip(x, 1e-8, 1 - 1e-7));
  return neg(meanAll(add(mul(t, log(p)), mul(sub(1, t), log(sub(1, p))))));
}

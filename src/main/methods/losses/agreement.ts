/**
 * How far two predictions, or two sets of features, are from one another, and how undecided one is. Maps answer for every number or voxel;
 * who may learn from whom is the caller's (`stopGradient`).
 */
import { constant, type Value } from '../../engine/graph';
import { abs, add, div, less, log, mul, neg, sub, where } from '../../engine/ops/elementwise';
import { cosineSimilarity, l2Normalise } from '../../engine/ops/layers';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { meanAll, reduceSum, sumAll } from '../../engine/ops/reduce';
import { logSoftmax, softmax } from '../../engine/ops/softmax';
import { crossEntropy } from './crossEntropy';

/** (a − b)² of every number; of two softmaxes, the consistency of Mean Teacher (Tarvainen & Valpola 2017). */
export function squaredDifference(a: Value, b: Value): Value {
  const difference = sub(a, b);
  return mul(difference, difference);
}
/** Mean of (a − b)². */
export const meanSquare = (a: Value, b: Value): Value => meanAll(squaredDifference(a, b));

/** Mean of |a − b|. */
export const meanAbsolute = (a: Value, b: Value): Value => meanAll(abs(sub(a, b)));

/** Mean of d²/2 where |d| < 1, else |d| − 1/2, of d = a − b (Girshick 2015). */
export function smoothAbsolute(a: Value, b: Value): Value {
  const distance = abs(sub(a, b));
  return meanAll(where(less(distance, 1), mul(mul(distance, distance), 0.5), sub(distance, 0.5)));
}

/** t·(log t − log p) of every number: what a Kullback–Leibler divergence KL(t ‖ p) sums. */
export const relativeEntropy = (target: Value, logTarget: Value, logProbability: Value): Value =>
  mul(target, sub(logTarget, logProbability));

/** `relativeEntropy` of two softmaxes along `axis`, the first logits being those that learn. */
export const klMap = (logits: Value, targetLogits: Value, axis = 1): Value =>
  relativeEntropy(softmax(targetLogits, axis), logSoftmax(targetLogits, axis), logSoftmax(logits, axis));

/**
 * Knowledge distillation (Hinton et al. 2015): T²·KL(softmax(teacher/T) ‖ softmax(student/T)), mean over samples and voxels. T² keeps the
 * size of the slopes whatever the temperature.
 */
export function distillation(logits: Value, teacherLogits: Value, temperature: number): Value {
  const map = klMap(mul(logits, 1 / temperature), mul(teacherLogits, 1 / temperature));
  return mul(sumAll(map), (temperature * temperature * logits.dims[1]) / logits.dims.reduce((product, side) => product * side, 1));
}

/** Half the sum of KL both ways, mean over all numbers. */
export const symmetricKl = (a: Value, b: Value, axis = 1): Value => mul(meanAll(add(klMap(a, b, axis), klMap(b, a, axis))), 0.5);

/** −Σ p·log(p + 1e-6) over the classes of every voxel, [N, 1, …]: 0 where certain, log K where undecided. */
export const entropyMap = (probabilities: Value): Value => neg(reduceSum(mul(probabilities, log(add(probabilities, 1e-6))), [1]));

/** Mean entropy, as a share of log `classes`; minimising it asks for decided predictions (Grandvalet & Bengio 2004). */
export const entropyLoss = (probabilities: Value, classes = probabilities.dims[1]): Value =>
  div(meanAll(entropyMap(probabilities)), Math.log(classes));

/** Mean of 1 − cos of the angle between two vectors along `axis`, 0 … 2. Half the mean squared distance of the two at unit length. */
export const cosineDistance = (a: Value, b: Value, axis = 1): Value => meanAll(sub(1, cosineSimilarity(a, b, axis)));

/**
 * InfoNCE (van den Oord et al. 2018): row i of a, [N, D], should be most like row i of b among all rows of b, by cosine over temperature.
 */
export function infoNce(a: Value, b: Value, temperature: number): Value {
  const likeness = mul(matmul(l2Normalise(a, 1), transposeLast(l2Normalise(b, 1))), 1 / temperature);
  const n = a.dims[0];
  const same = constant({ dims: [n, n], data: Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)) });
  return crossEntropy(likeness, same);
}

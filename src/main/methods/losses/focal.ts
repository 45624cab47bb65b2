/** Focal losses (Lin et al. 2017): what is already well predicted counts less, by the power γ of what is missing. */
import type { Value } from '../../engine/graph';
import { pow } from '../../engine/ops/curves';
import { exp, mul, neg, stopGradient, sub } from '../../engine/ops/elementwise';
import { meanAll } from '../../engine/ops/reduce';
import { binaryCrossEntropyMap, crossEntropyMap } from './crossEntropy';

/**
 * Mean of (1 − p)^γ·(−log p) over voxels, p the probability of the true class. The factor is taken as given: no slope comes from it (SSL4MIS).
 * @param weights one per class [K]; unlike in `crossEntropy` the mean is over voxels
 */
export function focal(logits: Value, target: Value, { gamma, weights }: { gamma: number; weights?: Value }): Value {
  const missing = stopGradient(sub(1, exp(neg(crossEntropyMap(logits, target)))));
  return meanAll(mul(pow(missing, gamma), crossEntropyMap(logits, target, weights)));
}

/** Mean of (1 − p)^γ·(−log p) over all numbers, each a binary decision; slopes come from the factor as well (MONAI's FocalLoss). */
export function binaryFocal(logits: Value, target: Value, gamma: number): Value {
  const entropy = binaryCrossEntropyMap(logits, target);
  return meanAll(mul(pow(sub(1, exp(neg(entropy))), gamma), entropy));
}

/** Losses of whole networks, put together from the others the way their references do. */
import type { Value } from '../../engine/graph';
import { add, mul, sigmoid } from '../../engine/ops/elementwise';
import { softmax } from '../../engine/ops/softmax';
import { binaryCrossEntropy, crossEntropy } from './crossEntropy';
import { asOneClass, diceLoss, negativeDice } from './dice';

/** UNet++'s: half the binary cross-entropy plus soft Dice, one ratio per sample over all its channels. Logits and target [N, C, …]. */
export function binaryEntropyAndDice(logits: Value, target: Value): Value {
  const dice = diceLoss(asOneClass(sigmoid(logits)), asOneClass(target), { denominator: 'plain', over: 'sample', smooth: 1e-5 });
  return add(mul(binaryCrossEntropy(logits, target), 0.5), dice);
}

/**
 * Cross-entropy and Dice in equal parts, the Dice with squares below and one ratio per class over the batch (SSL4MIS): what MuDuo's students
 * learn from labels.
 * @param weights one per class [K], for the cross-entropy
 */
export function evenEntropyAndDice(logits: Value, target: Value, weights?: Value): { loss: Value; entropy: Value; dice: Value } {
  const entropy = crossEntropy(logits, target, weights);
  const dice = diceLoss(softmax(logits, 1), target, { denominator: 'squared', over: 'batch', smooth: 1e-5 });
  return { loss: mul(add(entropy, dice), 0.5), entropy, dice };
}

export interface EntropyAndDiceOptions {
  over: 'batch' | 'sample';
  /** 1e-5 in nnU-Net, 1 in DHC. */
  smooth: number;
  /** One per class [K], for both terms: DHC's. */
  weights?: Value;
}
/** Cross-entropy over all classes minus the Dice of the structures: nnU-Net's loss (Isensee et al. 2021), and with weights DHC's. −1 at best. */
export function entropyAndDice(logits: Value, target: Value, { over, smooth, weights }: EntropyAndDiceOptions): Value {
  const dice = negativeDice(softmax(logits, 1), target, { denominator: 'plain', over, smooth, background: 'left out', weights });
  return add(crossEntropy(logits, target, weights), dice);
}

/** Σ weight·loss over the outputs of a network at several resolutions. Those of weight 0 are left out, so that nothing is learned from them. */
export function deeplySupervised(losses: readonly Value[], weights: readonly number[]): Value {
  const counted = losses.flatMap((loss, i) => (weights[i] ? [mul(loss, weights[i])] : []));
  if (counted.length === 0)
    throw new Error(`deeplySupervised: ${losses.length} losses with the weights ${weights.join(', ')} leave nothing to learn from`);
  return counted.reduce((sum, loss) => add(sum, loss));
}

/**
 * MuDuo (Wu et al. 2026, arXiv 2606.15611): a student of two channels, CT and PET, learns from labels and from what two frozen teachers, one
 * per channel, agree on. This file is the student's step; what the teachers agree on enters it from `pseudoLabels`.
 */

import { type MuduoSettings, muduoDefaults } from '../../../shared/methods';
import { gradients } from '../../engine/backward';
import { input, type Value } from '../../engine/graph';
import { buildModel } from '../../engine/model';
import type { Model } from '../../engine/onnx';
import { add, cast, mul, sub } from '../../engine/ops/elementwise';
import { sumAll } from '../../engine/ops/reduce';
import { slice } from '../../engine/ops/shape';
import { softmax } from '../../engine/ops/softmax';
import { sgd } from '../../engine/optimisers';
import { planStep } from '../../engine/trainStep';
import { bufferUpdates, maskInputs, type Network, Pass, parameterInputs, trainedInputs } from '../../networks/network';
import { evenEntropyAndDice } from '../losses/combined';
import { diceScores } from '../losses/dice';
import { oneHot } from '../losses/target';
import { defineMethod } from '../method';
import { sigmoidRamp } from '../schedules';
import { type SupervisedSettings, supervised } from '../supervised';
import type { TwoStreamConfig } from '../twoStreams';

/** The weight of consistency climbs in so many stairs (MuDuo's code). */
export const stairs = 200;

/**
 * Inputs of a step: `image` [labelled + unlabelled, C, …], `label` uint8 [labelled, …], `pseudoLabel` uint8 [unlabelled, K − 1, …] (a mask of
 * zeros and ones per structure; they may overlap), `trust` [unlabelled, K − 1] (what each mask counts), `rate`, `consistency`, `classWeights`
 * if labels are weighted, and masks.
 */
export const muduo = defineMethod<SupervisedSettings & Pick<MuduoSettings, 'consistency' | 'begins' | 'ramp'>, TwoStreamConfig>({
  name: 'muduo',
  defaults: { ...supervised.defaults, consistency: muduoDefaults.consistency, begins: muduoDefaults.begins, ramp: muduoDefaults.ramp },
  schedule(t, s) {
    const begun = Math.round(s.begins * s.steps);
    const climb = s.ramp * (s.steps - begun);
    const stair = climb > 0 ? Math.floor((Math.max(0, t - begun) * stairs) / climb) : stairs;
    return { ...supervised.schedule(t, s), consistency: s.consistency * sigmoidRamp(stair, stairs) };
  },
  plan({ network: student, patch, labelled, unlabelled, weighted }, { momentum, weightDecay, dropout }) {
    const theta = parameterInputs(student);
    const trained = trainedInputs(student, theta);
    const structures = student.classes - 1;
    const image = input('image', 'float32', [labelled + unlabelled, student.inChannels, ...patch]);
    const label = input('label', 'uint8', [labelled, ...patch]);
    const pseudoLabel = input('pseudoLabel', 'uint8', [unlabelled, structures, ...patch]);
    const trust = input('trust', 'float32', [unlabelled, structures]);
    const rate = input('rate', 'float32', []);
    const consistency = input('consistency', 'float32', []);
    const classWeights = input('classWeights', 'float32', [student.classes]);
    const masks = maskInputs(student, image.dims, dropout);

    const pass = Pass.training({ share: dropout, masks: new Map(masks.map((mask) => [mask.name, mask])) });
    const logits = student.forward(theta, image, pass);
    const supervision = evenEntropyAndDice(
      slice(logits, 0, 0, labelled),
      oneHot(label, student.classes),
      weighted ? classWeights : undefined,
    );
    const probabilities = softmax(slice(logits, 0, labelled, labelled + unlabelled), 1);
    const unlike = consistencyLoss(probabilities, cast(pseudoLabel, 'float32'), trust);
    const loss = add(supervision.loss, mul(unlike, consistency));

    const slopes = gradients(loss, trained);
    return planStep({
      name: 'muduo',
      inputs: [image, label, pseudoLabel, trust, rate, consistency, ...(weighted ? [classWeights] : []), ...masks],
      steps: trained.map((p) => sgd(p, slopes.get(p)!, { rate, momentum, weightDecay })),
      averages: bufferUpdates(theta, pass),
      reports: { loss, crossEntropy: supervision.entropy, diceLoss: supervision.dice, consistencyLoss: unlike },
    });
  },
});

/**
 * Σ trust·(1 − Dice) over samples and structures, Dice with plain sums below.
 * @param probabilities [N, K, …], background first
 * @param masks one per structure [N, K − 1, …]
 * @param trust [N, K − 1]; with weights that sum to 1 this is a mean
 */
export function consistencyLoss(probabilities: Value, masks: Value, trust: Value): Value {
  const structures = slice(probabilities, 1, 1, probabilities.dims[1]);
  return sumAll(mul(sub(1, diceScores(structures, masks, { denominator: 'plain', over: 'sample', smooth: 1e-5 })), trust));
}

/**
 * The student as it is asked between steps, to prompt a teacher: `image` [samples, C, …] and its parameters in, `probabilities` out. A pass of
 * its own, without dropout; the released code prompts with the very pass that is then learned from.
 */
export function predictionModel(student: Network, patch: readonly number[], samples: number, form: 'cpu' | 'gpu' = 'cpu'): Model {
  const theta = parameterInputs(student);
  const image = input('image', 'float32', [samples, student.inChannels, ...patch]);
  const probabilities = softmax(student.forward(theta, image), 1);
  return buildModel({ name: 'student', inputs: [image, ...theta.values()], outputs: { probabilities }, form });
}

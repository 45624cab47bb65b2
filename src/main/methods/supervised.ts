/**
 * Supervised learning: the student θ learns from labelled patches alone, by cross-entropy and Dice in equal parts.
 * The supervised part of MuDuo (arXiv 2606.15611), and the baseline every other method has to beat.
 */

import { gradients } from '../engine/backward';
import { input } from '../engine/graph';
import { sgd } from '../engine/optimisers';
import { planStep, type StepPlan } from '../engine/trainStep';
import { bufferUpdates, maskInputs, type Network, Pass, parameterInputs, trainedInputs } from '../networks/network';
import { evenEntropyAndDice } from './losses/combined';
import { oneHot } from './losses/target';
import { defineMethod } from './method';
import { polynomial, warmUp } from './schedules';

export interface SupervisedSettings {
  rate: number;
  warmupSteps: number;
  momentum: number;
  weightDecay: number;
  /** Share of activations dropped at the bottleneck and before the head, 0 … <1. */
  dropout: number;
}
export interface SupervisedConfig {
  network: Network;
  /** Sides of a patch in the order of the array: k, j, i, or j, i. */
  patch: readonly number[];
  batch: number;
  /** Voxels may count by class in the cross-entropy: the step then takes the weights `classWeights` [K], background first. */
  weighted?: boolean;
}

export const supervised = defineMethod<SupervisedSettings, SupervisedConfig>({
  name: 'supervised',
  defaults: { rate: 0.01, warmupSteps: 0, momentum: 0.9, weightDecay: 1e-4, dropout: 0.3 },
  schedule: (t, s) => ({ rate: s.rate * warmUp(t, s.warmupSteps) * polynomial(t, s.steps) }),
  plan({ network: student, patch, batch, weighted }, { momentum, weightDecay, dropout }) {
    const theta = parameterInputs(student);
    const trained = trainedInputs(student, theta);
    const image = input('image', 'float32', [batch, student.inChannels, ...patch]);
    const label = input('label', 'uint8', [batch, ...patch]);
    const rate = input('rate', 'float32', []);
    const classWeights = input('classWeights', 'float32', [student.classes]);
    const masks = maskInputs(student, image.dims, dropout);

    const pass = Pass.training({ share: dropout, masks: new Map(masks.map((mask) => [mask.name, mask])) });
    const logits = student.forward(theta, image, pass);
    const target = oneHot(label, student.classes);
    const { loss, entropy, dice } = evenEntropyAndDice(logits, target, weighted ? classWeights : undefined);

    const slopes = gradients(loss, trained);
    return planStep({
      name: 'supervised',
      inputs: [image, label, rate, ...(weighted ? [classWeights] : []), ...masks],
      steps: trained.map((p) => sgd(p, slopes.get(p)!, { rate, momentum, weightDecay })),
      averages: bufferUpdates(theta, pass),
      reports: { loss, crossEntropy: entropy, diceLoss: dice },
    });
  },
});

/** The plan of one supervised step. Inputs: `image` [N, C, …], `label` uint8 [N, …], `rate`, and masks if anything is dropped. */
export const supervisedStep = (config: SupervisedConfig & Pick<SupervisedSettings, 'momentum' | 'weightDecay' | 'dropout'>): StepPlan =>
  supervised.plan(config, { ...supervised.defaults, ...config });

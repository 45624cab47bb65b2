/**
 * Mean teacher (Tarvainen & Valpola 2017, arXiv 1703.01780): the student θ learns from labels, and from agreeing on unlabelled patches with a
 * teacher θ′ that is its own running average. Departing from the paper, the two see a patch through different eyes only as far as intensities
 * are changed at random for the student and not for the teacher, and labelled patches take no part in the agreement.
 */

import { type MeanTeacherSettings, meanTeacherDefaults } from '../../shared/methods';
import { gradients } from '../engine/backward';
import { type Input, input } from '../engine/graph';
import { add, mul, stopGradient } from '../engine/ops/elementwise';
import { slice } from '../engine/ops/shape';
import { softmax } from '../engine/ops/softmax';
import { ema, sgd, type Update } from '../engine/optimisers';
import { planStep } from '../engine/trainStep';
import { bufferUpdates, maskInputs, Pass, parameterInputs, trainedInputs } from '../networks/network';
import { meanSquare } from './losses/agreement';
import { evenEntropyAndDice } from './losses/combined';
import { oneHot } from './losses/target';
import { defineMethod } from './method';
import { averageKeep, sigmoidRamp } from './schedules';
import { type SupervisedSettings, supervised } from './supervised';
import type { TwoStreamConfig } from './twoStreams';

/** Before every name of the teacher's parameters. */
export const teacherPrefix = 'teacher.';

/**
 * Inputs of a step: `image` [labelled + unlabelled, C, …], `label` uint8 [labelled, …], `view` [unlabelled, C, …] (the unlabelled patches as the
 * teacher sees them), `rate`, `consistency`, `keep`, `classWeights` if labels are weighted, and masks.
 */
export const meanTeacher = defineMethod<SupervisedSettings & Omit<MeanTeacherSettings, 'unlabelled'>, TwoStreamConfig>({
  name: 'meanTeacher',
  defaults: { ...supervised.defaults, ...meanTeacherDefaults },
  schedule(t, s) {
    const begun = Math.round(s.begins * s.steps);
    const since = Math.max(0, t - begun);
    return {
      ...supervised.schedule(t, s),
      consistency: s.consistency * sigmoidRamp(since, s.ramp * (s.steps - begun)), // trust the teacher slowly
      keep: averageKeep(since, s.decay),
    };
  },
  plan({ network: student, patch, labelled, unlabelled, weighted }, { momentum, weightDecay, dropout }) {
    const theta = parameterInputs(student);
    const average = parameterInputs(student, teacherPrefix);
    const trained = trainedInputs(student, theta);
    const image = input('image', 'float32', [labelled + unlabelled, student.inChannels, ...patch]);
    const label = input('label', 'uint8', [labelled, ...patch]);
    const view = input('view', 'float32', [unlabelled, student.inChannels, ...patch]);
    const rate = input('rate', 'float32', []);
    const consistency = input('consistency', 'float32', []);
    const keep = input('keep', 'float32', []);
    const classWeights = input('classWeights', 'float32', [student.classes]);
    const masks = maskInputs(student, image.dims, dropout);

    const pass = Pass.training({ share: dropout, masks: new Map(masks.map((mask) => [mask.name, mask])) });
    const logits = student.forward(theta, image, pass);
    const target = oneHot(label, student.classes);
    const supervision = evenEntropyAndDice(slice(logits, 0, 0, labelled), target, weighted ? classWeights : undefined);
    const opinion = softmax(slice(logits, 0, labelled, labelled + unlabelled), 1);
    const unlike = meanSquare(opinion, stopGradient(softmax(student.forward(average, view), 1)));
    const loss = add(supervision.loss, mul(unlike, consistency));

    const slopes = gradients(loss, trained);
    const steps = trained.map((p) => sgd(p, slopes.get(p)!, { rate, momentum, weightDecay }));
    const buffers = bufferUpdates(theta, pass);
    const followed = [...steps.map(({ parameter }) => parameter), ...buffers].map(({ before, after }): Update => {
      const follower = average.get(before.name) as Input;
      return { before: follower, after: ema(follower, after, keep) };
    });
    return planStep({
      name: 'mean teacher',
      inputs: [image, label, view, rate, consistency, keep, ...(weighted ? [classWeights] : []), ...masks],
      steps,
      averages: [...buffers, ...followed],
      reports: { loss, crossEntropy: supervision.entropy, diceLoss: supervision.dice, consistencyLoss: unlike },
    });
  },
});

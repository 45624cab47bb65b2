/** One iteration of MuDuo: the teachers are asked, then the student takes its step. No device, no files: who runs the models is given. */

import type { Random } from '../../../shared/random';
import { sizeOf, type Tensor, tensor } from '../../engine/tensor';
import type { MuduoChoices } from './choices';
import { type Asked, type Crops, type PseudoLabels, pseudoLabels } from './pseudoLabels';

/** What one iteration learns from; the student sees the crops with and without labels in one batch. */
export interface MuduoBatch {
  /** Crops with labels: `image` [labelled, C, …] and `label` uint8 [labelled, …]. */
  labelled: { image: Tensor; label: Tensor };
  unlabelled: Crops;
  /** Share of the CT teacher in each mask, [crops, structures]. */
  alphas: Float32Array;
  /** Everything else the step takes: scalars of the schedule and dropout masks, by input name. */
  feeds: Readonly<Record<string, Tensor>>;
}
export interface MuduoIteration {
  /** The step's reports by name. */
  reports: Record<string, number>;
  learned: PseudoLabels;
}

/** Runs one iteration. `step` is a plan of `muduo` at work, for example a `TrainingStep`. */
export async function iterate(
  { labelled, unlabelled, alphas, feeds }: MuduoBatch,
  asked: Asked,
  step: { run(inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, number>> },
  choices: MuduoChoices,
): Promise<MuduoIteration> {
  const learned = await pseudoLabels(unlabelled, asked, alphas, choices);
  const image = together(labelled.image, unlabelled.student);
  const reports = await step.run({ ...feeds, image, label: labelled.label, pseudoLabel: learned.masks, trust: learned.trust });
  return { reports, learned };
}

/** Shares drawn for one iteration, the same for the same stream. */
export const drawAlphas = (stream: Random, crops: number, structures: number): Float32Array =>
  Float32Array.from({ length: crops * structures }, () => stream.uniform());

function together(a: Tensor, b: Tensor): Tensor {
  const data = new Float32Array(sizeOf(a.dims) + sizeOf(b.dims));
  data.set(a.data as Float32Array);
  data.set(b.data as Float32Array, a.data.length);
  return tensor(a.dims.with(0, a.dims[0] + b.dims[0]), data);
}

/** One lesson of MuDuo: the teachers are asked, and the student is given what its step learns from. No device, no files: who runs the models is given. */
import type { Random } from '../../../shared/random';
import type { Tensor } from '../../engine/tensor';
import { stacked } from '../twoStreams';
import { type Asked, type Crops, type PseudoLabels, pseudoLabels } from './pseudoLabels';
import type { Rules } from './rules';

/** What one iteration learns from; the student sees the crops with and without labels in one batch. */
export interface MuduoBatch {
  /** Crops with labels: `image` [labelled, C, …] and `label` uint8 [labelled, …]. */
  labelled: { image: Tensor; label: Tensor };
  unlabelled: Crops;
  /** Share of the CT teacher in each mask, [crops, structures]. */
  alphas: Float32Array;
}
export interface MuduoLesson {
  /** What the step of `muduo` takes besides scalars and masks for dropout. */
  inputs: Record<'image' | 'label' | 'pseudoLabel' | 'trust', Tensor>;
  learned: PseudoLabels;
}

export async function lesson({ labelled, unlabelled, alphas }: MuduoBatch, asked: Asked, rules: Rules): Promise<MuduoLesson> {
  const learned = await pseudoLabels(unlabelled, asked, alphas, rules);
  const image = stacked(labelled.image, unlabelled.student);
  return { inputs: { image, label: labelled.label, pseudoLabel: learned.masks, trust: learned.trust }, learned };
}

/** Shares drawn for one iteration, the same for the same stream. */
export const drawAlphas = (stream: Random, crops: number, structures: number): Float32Array =>
  Float32Array.from({ length: crops * structures }, () => stream.uniform());

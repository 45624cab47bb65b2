/**
 * What a run needs of its method: a step for the student, and before each step a lesson made of the next patches. Batches, loop, validation and
 * checkpoints are the same for all methods; so are the models a method asks along the way, which are loaded for it and only ever run.
 */
import type { Model } from '../engine/onnx';
import type { Tensor } from '../engine/tensor';
import type { StepPlan } from '../engine/trainStep';

export type Weights = ReadonlyMap<string, Tensor>;

export interface LabelledPatches {
  /** [labelled, C, k, j, i] */
  image: Tensor<Float32Array>;
  /** Class numbers, uint8 [labelled, k, j, i]. */
  label: Tensor<Uint8Array>;
}
/** Patches without labels, all of the same voxels. */
export interface UnlabelledPatches {
  /** Which of the run's unlabelled cases each is from. */
  cases: readonly number[];
  /** As the student learns from them, intensities changed at random: [unlabelled, C, k, j, i]. */
  student: Tensor<Float32Array>;
  /** The same without that change. */
  plain: Tensor<Float32Array>;
  /** As each frozen teacher sees them, [unlabelled, 1, k, j, i], in the order the teachers were named. */
  views: readonly Tensor<Float32Array>[];
}
export interface Patches {
  labelled: LabelledPatches;
  /** Null where a method learns from labels alone. */
  unlabelled: UnlabelledPatches | null;
}

/** What teachers say of one patch: probabilities [structures, k, j, i]; null of one that is not asked, or has nothing to be asked about. */
export interface Opinion {
  /** Which structures were found to click on; what the PET teacher says of others means nothing. */
  isThere: readonly boolean[];
  ct: Float32Array | null;
  pet: Float32Array | null;
}

/** What a method made of one structure of one unlabelled patch. */
export interface PseudoLabel {
  /** Number of the patch in the batch, and of its case among the unlabelled ones. */
  patch: number;
  case: number;
  /** Class number, from 1. */
  structure: number;
  /** 0 … 1, or null where there was none. */
  agreement: number | null;
  weight: number;
}
export interface Lesson {
  /** What the step takes besides the schedule's scalars, class weights and masks for dropout. */
  inputs: Readonly<Record<string, Tensor>>;
  /** Numbers for curves. One that is not defined for this lesson is left out. */
  reports?: Readonly<Record<string, number>>;
  pseudoLabels?: readonly PseudoLabel[];
}

export interface Course {
  plan: StepPlan;
  /** Scalars at step t, from 0, by name: those the step takes, which are curves too. */
  schedule(t: number): Record<string, number>;
  /** What the step keeps beside the student's parameters, given their start. */
  beside(student: Weights): Weights;
  lesson(patches: Patches, t: number): Lesson | Promise<Lesson>;
  /** What those that are asked say of patches now, for looks, each about structures of its own (the first is 0); absent where nobody is. */
  opinions?(patches: UnlabelledPatches, about: readonly (readonly number[])[]): AsyncIterable<Opinion>;
}

/** A model at work, wherever that is. */
export interface Runner {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
}
/** Puts a model to work; `name` is what it is called where that is told. */
export type Load = (name: string, model: Model) => Promise<Runner>;

export const nothingBeside = (): Weights => new Map();
export function unlabelledOf({ unlabelled }: Patches): UnlabelledPatches {
  if (!unlabelled) throw new Error('lesson: patches without labels were expected, none came');
  return unlabelled;
}

/** Methods a run may train by, and what each lets a person set beyond what all share. */
import type { Teacher, TeacherId } from './teachers';

export const methods = ['supervised', 'meanTeacher', 'muduo'] as const;
export type MethodName = (typeof methods)[number];

/** What learning from unlabelled patches has in common. */
export interface Unlabelled {
  /** Unlabelled patches per step, beside the batch of labelled ones. */
  unlabelled: number;
  /** What agreeing on them weighs at the end of the ramp. Nearly invisible in a short run at the published 0.1. */
  consistency: number;
  /** Share of the run, 0 (as published) … 0.99, in which the student learns from labels alone: who knows nothing yet is not asked, nor answered. */
  begins: number;
  /** Share of what is left of the run over which that weight climbs from next to nothing, 0 (at once) … 1 (all of it, as published). */
  ramp: number;
}

/** Mean teacher (Tarvainen & Valpola 2017): the student agrees with its own running average. */
export interface MeanTeacherSettings extends Unlabelled {
  /** How much of the average is kept at each step. */
  decay: number;
}

/**
 * Which of the samples count, for every structure of its own: the better half by the teachers' agreement, all in which the structure was
 * found, or those with an agreement (soft intersection over union) of at least so much.
 */
export type MuduoFilter = 'betterHalf' | 'none' | { agreementAtLeast: number };

/** MuDuo (Wu et al. 2026): the student agrees with what two frozen teachers agree on. */
export interface MuduoSettings extends Unlabelled {
  /** With one alone its mask is what is learned: there is no agreement then, and nothing is filtered. At least one is needed. */
  teachers: { ct: TeacherId | null; pet: TeacherId | null };
  /** Clicks per structure for the PET teacher, K. */
  clicks: number;
  filter: MuduoFilter;
  /** Steps the prompt generator is trained for before the student begins; unused without a PET teacher. */
  generatorSteps: number;
  /** How often during the run unlabelled cases are looked at, to show afterwards how student and teachers saw them; 0 for never. */
  moments: number;
  choices: MuduoChoices;
}

/**
 * Where MuDuo's released code and what its teachers were trained for part ways, one switch each. What a method needs to be repeated is
 * `released`; what we believe was meant, and the default, is `intended`.
 */
export interface MuduoChoices {
  /**
   * The code clicks on neighbours at one end of a structure; to cover uneven uptake, clicks must lie apart, and within the core of the structure
   * where its mask has a wrong rim or voxels astray.
   */
  picking: 'spread' | 'core' | 'firstVoxels';
  /** The code fills up with negative clicks on the very voxel that was clicked on. */
  filling: 'repeated' | 'negative';
  /** The code learns an absent structure from whatever the teachers say, where it is absent from every sample. */
  absent: 'skipped' | 'taught';
  /** The CT teacher learned from masks of logits, in which 0 is “unsure”; the code shows it the student's probabilities, in which 0 is “surely not”. */
  maskPrompt: 'probabilities' | 'logits';
  /** The PET teacher never saw a click without a mask beside it: at the first one, an empty one of zeros. */
  besideClicks: 'emptyMask' | 'nothing';
  /** Clicks all at once, as the method has them, or one after the other with the mask so far, as the PET teacher was trained. */
  clicking: 'together' | 'inTurn';
  /** The teachers learned from arrays whose first axis is x; ours, and the code's, begin with z. */
  teacherAxes: 'reversed' | 'asStored';
}

export const intended: MuduoChoices = {
  picking: 'core',
  filling: 'repeated',
  absent: 'skipped',
  maskPrompt: 'logits',
  besideClicks: 'emptyMask',
  clicking: 'together',
  teacherAxes: 'reversed',
};

export const released: MuduoChoices = {
  picking: 'firstVoxels',
  filling: 'negative',
  absent: 'taught',
  maskPrompt: 'probabilities',
  besideClicks: 'nothing',
  clicking: 'together',
  teacherAxes: 'asStored',
};

export const unlabelledDefaults: Unlabelled = { unlabelled: 2, consistency: 0.1, begins: 0, ramp: 1 };
export const meanTeacherDefaults: MeanTeacherSettings = { ...unlabelledDefaults, decay: 0.99 };
export const muduoDefaults: Omit<MuduoSettings, 'teachers'> = {
  ...unlabelledDefaults,
  clicks: 3,
  filter: 'betterHalf',
  generatorSteps: 700,
  moments: 5,
  choices: intended,
};

/** A method with its own settings, told apart by `method`. */
export type MethodSettings =
  | { method: 'supervised' }
  | { method: 'meanTeacher'; meanTeacher: MeanTeacherSettings }
  | { method: 'muduo'; muduo: MuduoSettings };

/** The patch and voxel size with which a student sees exactly what a volume teacher sees; null where the teacher leaves open what that is. */
export function latticeOf({
  input,
  spacingMm,
}: Pick<Teacher, 'input' | 'spacingMm'>): { patch: [number, number, number]; spacingMm: [number, number, number] } | null {
  const [k, j, i] = input.sides;
  if (input.axes !== 3 || !k || !j || !i || spacingMm === null) return null;
  return { patch: [i, j, k], spacingMm: [spacingMm, spacingMm, spacingMm] };
}

/** What a method says about unlabelled patches; null where it learns from labels alone. */
export function unlabelledSettings(settings: MethodSettings): Unlabelled | null {
  switch (settings.method) {
    case 'supervised':
      return null;
    case 'meanTeacher':
      return settings.meanTeacher;
    case 'muduo':
      return settings.muduo;
  }
}

/** How many of a run's steps are taken before unlabelled patches join. Runs of earlier versions did not say: none. */
export const stepsAlone = (settings: MethodSettings & { steps: number }): number =>
  Math.round((unlabelledSettings(settings)?.begins ?? 0) * settings.steps);

/** The same settings for learning from labels alone. */
export function onLabelsAlone<Common extends object>(settings: Common & MethodSettings): Common & { method: 'supervised' } {
  const { muduo: _teachers, meanTeacher: _average, ...common } = { muduo: null, meanTeacher: null, ...settings };
  return { ...(common as unknown as Common), method: 'supervised' };
}

/** Expected failures: a code, a sentence that tells a person what to do, and a cause. Anything else is a bug and is thrown plainly. */

const catalogue = {
  BAD_INPUT: (why: string) => `The request could not be understood: ${why}.`,
  NO_PROJECT: () => 'No project is open. Open or create one first.',
  NOT_FOUND: (what: string) => `There is no ${what}. It may have been removed; look at the list again.`,
  PROJECT_LOCKED: (folder: string, by: string) =>
    `The project in ${folder} is already open in another Understudy (${by}). Close it there, or open another project here.`,
  NOT_A_PROJECT: (folder: string) =>
    `${folder} holds no Understudy project. Pick a folder with a project.sqlite in it, or create a new project.`,
  PROJECT_EXISTS: (folder: string) => `${folder} already holds a project. Open it, or pick an empty folder for a new one.`,
  PROJECT_TOO_NEW: (folder: string, theirs: number, ours: number) =>
    `The project in ${folder} was written by a newer Understudy (format ${theirs}; this one reads up to ${ours}). Update Understudy to open it.`,
  FOLDER_NOT_WRITABLE: (folder: string, why: string) =>
    `${folder} cannot be written to (${why}). Make it writable or pick another folder; nothing was changed.`,
  DISK_FULL: (folder: string) => `The disk that holds ${folder} is full. Free some space and try again; nothing already saved was lost.`,
  FILE_UNREADABLE: (file: string, why: string) => `${file} cannot be read: ${why}.`,
  FILE_INVALID: (file: string, field: string, expected: string, came: string) => `${file}: ${field} should be ${expected}, but is ${came}.`,
  FILE_DAMAGED: (file: string, why: string) => `${file} is damaged: ${why}. Restore it from a copy, or import it again.`,
  GRID_MISMATCH: (label: string, labelGrid: string, image: string, imageGrid: string) =>
    `The grid of the label ${label} (${labelGrid}) does not match that of its image ${image} (${imageGrid}). Resample the label onto the image first.`,
  LABEL_VALUES: (file: string, values: string, known: string) =>
    `${file} contains the label values ${values}, but the project knows only ${known}. Add the structures, or correct the file.`,
  DUPLICATE_CASE: (name: string, why: string) => `Case ${name} is already in the project (${why}). It was left as it is.`,
  NOTHING_TO_IMPORT: (path: string) =>
    `${path} holds nothing that can be imported. Expected NIfTI files (.nii, .nii.gz) or a folder with imagesTr.`,
  RUN_NEEDS_LABELS: (drafts: number) =>
    drafts > 0
      ? `Training needs a case with a complete label in the training split, and there is none. There ${drafts === 1 ? 'is 1 draft' : `are ${drafts} drafts`}: say of one that it is complete, beside its images or with \`labels complete CASE\`.`
      : 'Training needs a labelled case in the training split, and there is none. Label one, or import labels.',
  RUN_LABEL_BUDGET: (wanted: number, there: number) =>
    `The run is to use ${wanted} labelled training cases, and there ${there === 1 ? 'is 1' : `are ${there}`}. Label more, or ask for fewer.`,
  RUN_CHANNELS_DIFFER: (name: string, expected: string, came: string) =>
    `Case ${name} has the channels ${came}, but the others have ${expected}. Leave it out or import the missing channel.`,
  RUN_STATE: (what: string, state: string) => `The run cannot be ${what}: it is ${state}.`,
  RUN_TEST_CASE: (name: string) =>
    `Case ${name} has been moved to the test split since this run was started, and a run never sees test cases. Move it back, or start another run.`,
  RUN_TEST_VOXELS: (name: string, test: string) =>
    `Case ${name} holds the same voxels as ${test}, which is a test case, and a run never sees those. Take one of them out of the project, or move ${name} to the test split.`,
  RUN_TEST_PATIENT: (name: string, patient: string, test: string) =>
    `Case ${name} is of patient ${patient}, as is ${test}, which is a test case, and a run never sees a patient it is tested on. Move ${name} to the test split, or ${test} out of it.`,
  RUN_NEEDS_UNLABELLED: () =>
    'This method learns from cases without a label as well, and the training split has none. Import some, or train on labels alone.',
  RUN_NEEDS_CHANNEL: (modality: string, name: string) =>
    `${name} looks at ${modality}, which the cases of this project do not have. Import that channel, or leave the teacher out.`,
  RUN_TEACHER_KIND: (name: string) => `${name} does not look at volumes, as MuDuo asks its teachers to. Pick a SAM-Med3D or SegAnyPET.`,
  RUN_TEACHER_SEES: (name: string, sees: string, asked: string) =>
    `${name} is a teacher for ${sees}, not for ${asked}. Pick another, or correct what it sees among the teachers.`,
  RUN_TEACHER_LATTICE: (name: string, sees: string, patch: string, spacing: string) =>
    `${name} looks at ${sees}, and the student has to see the same. Set the patch to ${patch} and the voxel size to ${spacing}.`,
  RUN_TEACHERS_DIFFER: (first: string, firstSees: string, other: string, otherSees: string) =>
    `${first} looks at ${firstSees}, but ${other} at ${otherSees}: no student can see what both see. Pick two that look at the same.`,
  STUDY_EXISTS: (name: string) => `There is a study called ${name} already. Resume it, or give this one another name.`,
  STUDY_NEEDS_TEST: () =>
    'A study compares students on test cases with a complete label, and there are none. Move some cases to the test split, and label them.',
  STUDY_STATE: (what: string, state: string) => `The study cannot be ${what}: it is ${state}.`,
  STUDY_FAILED: (failed: number, all: number, first: string) =>
    `${failed} of ${all} students could not be trained and scored. The first: ${first}`,
  STUDY_NO_SCORES: (name: string) => `No student of ${name} has been scored yet, so there is nothing to report.`,
  RUN_BUSY: (why: string) => `No forecast while a run trains: ${why}`,
  CHANNEL_GRIDS: (name: string, first: string, firstGrid: string, other: string, otherGrid: string) =>
    `The channels of case ${name} lie on different grids: ${first} (${firstGrid}) and ${other} (${otherGrid}). Resample one onto the other first.`,
  CHANNEL_MISSING: (name: string, missing: string) =>
    `Case ${name} lacks ${missing}, which dataset.json asks for. Add the file, or correct dataset.json.`,
  LABEL_WITHOUT_IMAGE: (file: string) =>
    `${file} is a label without its image. Import both together: a folder with imagesTr and labelsTr, where the names are alike.`,
  STRUCTURE_CONFLICT: (index: number, theirs: string, ours: string) =>
    `The data set calls label ${index} “${theirs}”, but this project calls it “${ours}”. Rename one, or import into another project.`,
  STRUCTURE_EXISTS: (name: string, index: number) => `There is a structure ${name} already; in labels it is ${index}.`,
  STRUCTURES_FULL: () => 'A project holds at most 255 structures, and all of them are taken.',
  FILE_EXISTS: (file: string) => `${file} is there already and was not overwritten. Pick an empty folder, or move it away.`,
  NOTHING_TO_EVALUATE: (model: string) =>
    `There is nothing to compare: ${model} has predicted no case with a complete label among those asked for. Predict them, or say of their drafts that they are complete.`,
  NOTHING_TO_EXPORT: (what: string) => `There is nothing to export: ${what}.`,
  PLAN_TOO_LARGE: (need: string, have: string, fits: string) => `This run would need ${need} of memory, and ${have} is free. ${fits}`,
  LOSS_NOT_FINITE: (step: number, terms: string) =>
    `At step ${step} the loss was no finite number any more (${terms}). The last checkpoint is kept; lower the learning rate and resume.`,
  WEIGHTS_NOT_FINITE: (step: number, name: string) =>
    `Step ${step} left ${name} with values that are no finite numbers. They were not saved and the last checkpoint is kept; lower the learning rate and resume.`,
  COMPUTE_DIED: (why: string) => `The compute process ended unexpectedly (${why}). Nothing saved was lost; resume the run or try again.`,
  DEVICE_UNAVAILABLE: (device: string, why: string) => `${device} cannot be used: ${why}`,
  PRECISION_UNAVAILABLE: (device: string, why: string) => `Mixed precision is not offered on ${device}: ${why} Choose full precision.`,
  CHECKPOINT_MISMATCH: (file: string, why: string) => `${file} does not fit this network: ${why}.`,
  CHECKPOINT_UNSAFE: (file: string, name: string) =>
    `${file} asks for ${name}, which weights do not need. It was refused, and nothing in it was run; save the weights again as a plain state dict.`,
  TEACHER_UNKNOWN: (file: string, why: string) => `${file} is no teacher that is known here: ${why}.`,
  TEACHER_FAMILY: (file: string, families: string) =>
    `${file} could be ${families}: their weights have the same shapes. Say which it is and import it again.`,
  TEACHER_NOT_FAMILY: (file: string, said: string, families: string) => `${file} is not ${said}: its shapes are those of ${families}.`,
  TEACHER_LICENCE: (name: string) => `The licence of ${name} is not known here. Write down under which terms you got it, then accept it.`,
  TEACHER_CANNOT_RUN: (name: string, why: string) => `${name} cannot be run here: ${why}.`,
  TEACHER_NOT_SOUND: (name: string, why: string) => `${name} does not work as it should: ${why}. Import its file again.`,
  TEACHER_NOT_ACCEPTED: (name: string) => `The licence of ${name} has not been accepted yet. Read and accept it, then prompt.`,
  TEACHER_GONE: (name: string) => `The weights of ${name} are gone from the project’s folder. Import its file again.`,
  TEACHER_NOT_PROMPTED: (name: string, why: string) =>
    `${name} cannot be prompted: ${why}. Pick a SAM, MedSAM, SAM-Med3D or SegAnyPET instead.`,
  TEACHER_INTENSITY: (name: string, set: string, expected: string) =>
    `${name} is set to the intensities “${set}”, with which it cannot be prompted. Set it to ${expected}.`,
  PROMPT_EMPTY: () => 'There is no prompt. Click on the structure, draw a box around it, or refine an earlier mask.',
  PROMPT_NO_PLACE: (name: string) =>
    `${name} looks at what lies around a point on the structure, and there is none. Click on the structure first.`,
  PROMPT_NO_BOX: (name: string) => `${name} was never taught boxes. Click on the structure instead.`,
  PROMPT_PLANE: (name: string, sees: 'slices' | 'volumes') =>
    sees === 'slices' ? `${name} looks at slices. Say which slice of the case.` : `${name} looks at volumes. Prompt it without a slice.`,
  PROMPT_OUTSIDE: (point: string, what: string) => `The point ${point} lies outside ${what}.`,
  PROMPT_STOPPED: () => 'The prompt was stopped before the teacher had answered.',
  PREVIEW_GONE: () => 'This mask is not there any more: it was discarded, or the project was opened anew. Prompt again.',
  PREVIEW_ELSEWHERE: () => 'A mask can only be refined by the same teacher, on the same channel of the same case and at the same place.',
  CONNECTION_LOST: () =>
    'The core of Understudy does not answer. If it was started in a terminal, look there whether it still runs; then reload this page.',
  ANSWER_UNREADABLE: (what: string, status: number) =>
    `Something went wrong inside Understudy while answering ${what} (status ${status}). Its log says more; try again.`,
  JOB_FAILED: (what: string, why: string) => `${what} failed: ${why}`,
} satisfies Record<string, (...args: never[]) => string>;

export type Code = keyof typeof catalogue;

/** A failure a person can act on. `message` is the sentence they read. */
export class AppError extends Error {
  readonly code: Code;
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = code;
  }
}

/** Builds an expected failure from the catalogue. */
export function appError<C extends Code>(code: C, ...args: Parameters<(typeof catalogue)[C]>): AppError {
  return new AppError(code, (catalogue[code] as (...a: unknown[]) => string)(...args));
}

/** Throws an expected failure from the catalogue. */
export function fail<C extends Code>(code: C, ...args: Parameters<(typeof catalogue)[C]>): never {
  throw appError(code, ...args);
}

/** The sentence behind anything that was thrown. */
export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** True for codes of the catalogue; used where an error crosses a process border as plain data. */
export const isCode = (code: unknown): code is Code => typeof code === 'string' && Object.hasOwn(catalogue, code);

/** What the program talks about: cases, labels, models, predictions, jobs. Types only; ids are branded strings. */
import type { EvaluationSummary } from './evaluation';
import type { Grid } from './geometry';
import type { LookScore } from './ledger';
import type { LabelMade } from './prompts';
import type { StudyId } from './studies';
import type { TeacherCheck, TeacherId, TeacherImportReport } from './teachers';
import type { Dtype } from './volume';

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };
export type CaseId = Id<'case'>;
export type VolumeId = Id<'volume'>;
export type LabelId = Id<'label'>;
export type RunId = Id<'run'>;
export type ModelId = Id<'model'>;
export type PredictionId = Id<'prediction'>;
export type JobId = Id<'job'>;
/** SHA-256 (hex) of a stored file: the address of voxels, weights and originals. */
export type FileHash = Id<'file'>;

export const modalities = ['CT', 'PET', 'MR', 'other'] as const;
export type Modality = (typeof modalities)[number];
export const units = ['HU', 'SUV', 'Bq/mL', 'a.u.'] as const;
export type Unit = (typeof units)[number];
/** How much the demo's patients differ from each other, and how noisy and cluttered their scans are. */
export const phantomVariations = ['easier', 'default', 'harder'] as const;
export type PhantomVariation = (typeof phantomVariations)[number];
export const splits = ['train', 'validation', 'test'] as const;
/** Who may see a case: training, the choice of the best checkpoint, or nobody before the final evaluation. */
export type Split = (typeof splits)[number];

export interface Project {
  folder: string;
  name: string;
  /** True for the phantom project that comes with the program. */
  isDemo: boolean;
  createdAt: string;
  structures: Structure[];
  /** Outside the test split: `labelled` have a complete label, `drafts` one that is not, `unlabelled` none. */
  counts: { cases: number; labelled: number; drafts: number; unlabelled: number; test: number; runs: number };
}

/** An organ or lesion class. `index` is the value in label maps, 1…255. */
export interface Structure {
  index: number;
  name: string;
  /** `#rrggbb` */
  colour: string;
  /** Index of the same structure on the other side of the body, or null. Left–right flips exchange the two. */
  mirror: number | null;
}

/** Intensity statistics of one channel, over all voxels, in the channel's unit. */
export interface Statistics {
  min: number;
  max: number;
  mean: number;
  std: number;
  p005: number;
  p05: number;
  p50: number;
  p95: number;
  p995: number;
}

/** One image channel of a case. The working copy is canonical RAS+; `source` is the grid it was stored on. */
export interface Channel {
  id: VolumeId;
  /** Position among the case's channels, from 0. */
  position: number;
  modality: Modality;
  unit: Unit;
  dtype: Dtype;
  /** Voxels of the working copy: little-endian, i fastest, on the case's grid. */
  file: FileHash;
  statistics: Statistics;
  source: ImageSource;
}

/** Where a volume came from and how it lay there. */
export interface ImageSource {
  fileName: string;
  /** Content address of the untouched original file. */
  original: FileHash;
  /** Grid as stored in the original, before reorientation to RAS+. */
  grid: Grid;
  /** Axis code of the stored grid, for example `LPS`. */
  orientation: string;
  /** Which NIfTI transform placed the image. */
  form: 'sform' | 'qform' | 'none';
  /** Sentences a person should know, for example that sform and qform differ. */
  warnings: string[];
}

export interface Case {
  id: CaseId;
  name: string;
  split: Split;
  /** Whose study it is. Null where nobody said: it then counts as that of a patient of its own. */
  patient: string | null;
  /** Grid of all channels and masks of this case (canonical RAS+). */
  grid: Grid;
  channels: Channel[];
  /** Newest label revision, or null when the case is unlabelled. */
  label: LabelRevision | null;
  addedAt: string;
}

/** A draft is still being made: some structures may be missing. Only complete labels train and evaluate. */
export const labelStates = ['draft', 'complete'] as const;
export type LabelState = (typeof labelStates)[number];

export interface LabelRevision {
  id: LabelId;
  case: CaseId;
  revision: number;
  /** uint8 voxels on the case's grid. */
  file: FileHash;
  origin: 'import' | 'prompt' | 'moment' | 'restore';
  /** Null where it was imported. */
  made: LabelMade | null;
  /** What a person says of it: imported ones are complete, and what begins with a teacher's mask is a draft until told otherwise. */
  state: LabelState;
  createdAt: string;
  /** Voxels per structure index. */
  voxels: Record<number, number>;
}

/**
 * How a channel's intensities become a network's input: straight lines between knots, constant beyond the first and the last.
 * With scope `case` (units without a meaning across scanners) the knots are taken from each case's own statistics instead.
 */
export interface Normalisation {
  modality: Modality;
  scope: 'training set' | 'case';
  /** Intensities in the channel's unit, ascending. */
  knots: number[];
  /** The network's input at each knot, ascending. */
  values: number[];
}

/** Everything needed to run a student again, stored with its weights. */
export interface StudentSpec {
  network: 'unet3d';
  /** Channels per level, finest first; five levels. */
  widths: number[];
  channels: Normalisation[];
  /** Structure indices in the order of the output channels 1…; output channel 0 is background. */
  structures: number[];
  /** Voxel size the student was trained on, in mm, i j k. */
  spacingMm: [number, number, number];
  /** Window size in voxels, i j k; every side a multiple of 16. */
  patch: [number, number, number];
}

export interface Model {
  id: ModelId;
  name: string;
  run: RunId;
  /** Which checkpoint of the run this is. */
  which: 'best' | 'last';
  step: number;
  spec: StudentSpec;
  parameters: number;
  /** Weights as safetensors under the reference's key names. */
  file: FileHash;
  /** Mean foreground Dice on the validation cases when it was saved; null if there were none. */
  validationDice: number | null;
  createdAt: string;
}

export interface Prediction {
  id: PredictionId;
  case: CaseId;
  model: ModelId;
  run: RunId;
  /** uint8 voxels on the case's grid. */
  file: FileHash;
  voxels: Record<number, number>;
  seconds: number;
  createdAt: string;
}

export interface ImportReport {
  imported: { case: string; channels: number; labelled: boolean; files: string[]; warnings: string[] }[];
  refused: { file: string; code: string; sentence: string }[];
}

export interface CheckReport {
  ok: boolean;
  rows: number;
  files: number;
  bytes: number;
  problems: string[];
  /** Things worth knowing that are not wrong. */
  notes: string[];
}

export type JobKind = 'import' | 'predict' | 'evaluate' | 'export' | 'demo' | 'check' | 'teachers' | 'teacherCheck' | 'study' | 'look';
export type JobResult =
  | { kind: 'import'; report: ImportReport }
  | { kind: 'predict'; predictions: PredictionId[] }
  | { kind: 'evaluate'; summary: EvaluationSummary }
  | { kind: 'export'; files: string[] }
  | { kind: 'demo'; report: ImportReport }
  | { kind: 'check'; report: CheckReport }
  | { kind: 'teachers'; report: TeacherImportReport }
  | { kind: 'teacherCheck'; teacher: TeacherId; check: TeacherCheck }
  | { kind: 'study'; study: StudyId }
  | { kind: 'look'; run: RunId; cases: number; scores: LookScore[] };

/** Something longer than a second that is not a run. Lives in memory: what it saves is in the project. */
export interface Job {
  id: JobId;
  kind: JobKind;
  title: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'stopped';
  /** 0…1 */
  fraction: number;
  secondsLeft: number | null;
  /** What it is doing now, or the sentence it failed with. */
  message: string;
  code: string | null;
  result: JobResult | null;
}

/** A line of the append-only event log. */
export interface LogEntry {
  id: number;
  at: string;
  kind: string;
  sentence: string;
}

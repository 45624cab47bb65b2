/** What the program talks about: cases, labels, runs, models, predictions, evaluations. Types only; ids are branded strings. */
import type { Grid } from './geometry';
import type { LookScore } from './ledger';
import type { MethodName, MethodSettings } from './methods';
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

export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'interrupted';

/** One training run. Its row is the truth; everything else can be lost. */
export interface Run {
  id: RunId;
  /** Counts from 1 within the project; what people call it. */
  number: number;
  name: string;
  method: MethodName;
  state: RunState;
  settings: TrainSettings;
  /** Updates of the student. */
  step: number;
  /** Updates of the prompt generator, which some methods train first, in its last saved checkpoint. */
  generatorStep: number;
  /** Step of the last saved checkpoint, or 0. */
  checkpointStep: number;
  startedAt: string;
  finishedAt: string | null;
  /** Time spent training, in seconds, over all resumptions. */
  trainedSeconds: number;
  /** Why it failed or was interrupted, as a sentence. */
  problem: string | null;
  /** Device and versions it ran on. */
  device: string | null;
  bestDice: number | null;
  /** Cases used: training (labelled), validation, and those the method learns from without a label. */
  cases: { training: CaseId[]; validation: CaseId[]; unlabelled: CaseId[] };
}

/** What a run was made of: with its settings, all that repeating it needs. Hashes are those of the stored files it read. */
export interface RunRecord {
  /** Version of the program that began it. */
  program: string;
  cases: { case: CaseId; name: string; role: 'training' | 'validation' | 'unlabelled'; images: FileHash[]; label: FileHash | null }[];
  teachers: { sees: 'ct' | 'pet'; teacher: TeacherId; name: string; weights: FileHash }[];
}

/** What a method made of one structure in one unlabelled patch, at one step. */
export interface PseudoLabelEntry {
  step: number;
  /** Number of the patch among the unlabelled ones of that step, from 0. */
  patch: number;
  case: CaseId;
  /** Index of the structure. */
  structure: number;
  /** How well the teachers' masks overlap, 0 … 1; null where the structure was not found, or only one teacher was asked. */
  agreement: number | null;
  isKept: boolean;
  /** What it counted in the step's consistency loss; those of a step add up to at most 1. */
  weight: number;
}

/** Execution providers of the runtime, most general first. */
export const devices = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export type Device = (typeof devices)[number];

/** What a device of this machine did when it was tried on a small real training step. */
export interface DeviceReport {
  device: Device;
  /** `refused`: it cannot be used; `wrong`: it gave other numbers than the processor. */
  state: 'ready' | 'refused' | 'wrong';
  /** How it went; for a refusal, what is missing and what to do. */
  sentence: string;
  /** The processor's model, or the name the runtime gives the provider. */
  name: string;
  /** Arithmetic of a training step per second, in 10⁹ operations; null unless ready. */
  gigaflopsPerSecond: number | null;
  /** Whether runs may use mixed precision on it, and why or why not. */
  mixedPrecision: { offered: boolean; sentence: string };
  versions: {
    onnxruntime: string;
    program: string;
    node: string;
    electron: string | null;
    system: string;
    processor: string;
    cores: number;
  };
}

/** What a person may set before a run. Defaults come from `runs.defaults`. */
export type TrainSettings = CommonSettings & MethodSettings;

/** What every method takes. */
export interface CommonSettings {
  name: string;
  /** Where it trains; `auto` is the device that was measured fastest. */
  device: 'auto' | Device;
  /** Make activations again in the backward pass instead of keeping them: less memory, more time, the same numbers. */
  recompute: boolean;
  /** `mixed`: convolutions and matrix products in 16 bits, the rest and the weights in 32; only where a device passed its trial of it. */
  precision: 'full' | 'mixed';
  /** Channels of the finest level; each deeper level doubles. */
  width: number;
  patch: [number, number, number];
  /** Voxel size to train on, in mm; cases on another spacing are resampled. */
  spacingMm: [number, number, number];
  /** Labelled patches per step. */
  batch: number;
  steps: number;
  /** Peak learning rate; rises linearly over `warmupSteps`, then falls polynomially (power 0.9). */
  rate: number;
  warmupSteps: number;
  momentum: number;
  weightDecay: number;
  dropout: number;
  /** Share of patches centred on a voxel of a random structure, 0…1. */
  foreground: number;
  /** How much more a voxel of a rare structure counts in the cross-entropy: its inverse frequency to this power, 0 (not at all) … 1; fades over three quarters of the run. */
  balance: number;
  /** Random flips along left–right (exchanging mirrored structures). */
  flips: boolean;
  /** Intensity augmentation strength, 0 (none) … 1. */
  intensity: number;
  /** Random scaling, rotation and elastic deformation strength, 0 (none) … 1. */
  deformation: number;
  /** How many of the labelled training cases are used, the first ones by name; the others count as unlabelled. Null is all of them. */
  labelledCases: number | null;
  /** How many labelled training cases are set aside for validation when no case has the validation split. */
  validationCases: number;
  validateEvery: number;
  checkpointEvery: number;
  seed: number;
}

/** What a run will cost, predicted before it starts. */
export interface Forecast {
  /** Seconds per training step. */
  stepSeconds: number;
  totalSeconds: number;
  /** Peak memory of the compute process, in bytes. */
  memoryBytes: number;
  freeBytes: number;
  parameters: number;
  fits: boolean;
  /** One sentence: what it needs, or what would fit. */
  sentence: string;
}

/** One point of one curve of a run. */
export interface MetricPoint {
  step: number;
  value: number;
}

/**
 * Curves of a run by name. Of every method: `loss` (what is minimised), `crossEntropy` and `diceLoss` (labelled patches), `rate`, `validation` and
 * `validation/<structure index>` (whole cases). Of those that learn without labels: `consistencyLoss` (unlabelled patches) and `consistency`
 * (its weight). Of MuDuo: `agreement` (mean overlap of the teachers where a structure was found) and `kept` (share of the structures of all
 * unlabelled patches that count); and of its prompt generator, over steps of its own, `generator/loss` and its terms.
 */
export type Curves = Record<string, MetricPoint[]>;

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

/** Agreement of one predicted structure with the reference. Distances are null where a mask is empty; see `note`. */
export interface StructureScore {
  structure: number;
  dice: number;
  hd95Mm: number | null;
  assdMm: number | null;
  /** Share of both surfaces within `toleranceMm` of the other (normalised surface Dice). */
  surfaceDice: number | null;
  toleranceMm: number;
  volumeMl: number;
  referenceMl: number;
  note: 'both empty' | 'prediction empty' | 'reference empty' | null;
}

export interface CaseScores {
  case: CaseId;
  name: string;
  split: Split;
  prediction: PredictionId;
  /** Mean Dice over structures present in prediction or reference. */
  meanDice: number;
  structures: StructureScore[];
}

export interface MeanScores {
  dice: number;
  /** Mean over the structures where it is defined; null if nowhere. */
  hd95Mm: number | null;
  assdMm: number | null;
  surfaceDice: number | null;
  /** Mean of |predicted − reference| in mL. */
  volumeErrorMl: number;
}

/** Evaluation of one model over a set of cases, worst case first. */
export interface EvaluationSummary {
  model: ModelId;
  modelName: string;
  mean: MeanScores;
  structures: (MeanScores & { structure: number; name: string; cases: number; missed: number })[];
  cases: CaseScores[];
}

/** Outcome of one file or case of an import. */
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

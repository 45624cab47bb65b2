/** Training runs: their settings, forecasts, records and curves, and the devices they train on. */
import type { CaseId, FileHash, RunId } from './domain';
import type { MethodName, MethodSettings } from './methods';
import type { IntensityTreatment, TeacherId } from './teachers';

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

/** What a run was made of: with its settings, all that repeating it needs. Hashes are those of the stored files it read; older records lack the teachers' intensities. */
export interface RunRecord {
  /** Version of the program that began it. */
  program: string;
  cases: { case: CaseId; name: string; role: 'training' | 'validation' | 'unlabelled'; images: FileHash[]; label: FileHash | null }[];
  teachers: { sees: 'ct' | 'pet'; teacher: TeacherId; name: string; weights: FileHash; intensity: IntensityTreatment }[];
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

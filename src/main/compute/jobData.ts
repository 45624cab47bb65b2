/** What jobs are told and give back: where stored things lie and what they are. Paths and ids travel, voxels do not. */
import type { CaseId, FileHash, Modality, Statistics, Unit } from '../../shared/domain';
import type { Grid, PointMm } from '../../shared/geometry';
import type { Difference, MomentSource } from '../../shared/ledger';
import type { PromptPlane, PromptPoint, PromptWindow } from '../../shared/prompts';
import type { Device, DeviceReport, TrainSettings } from '../../shared/runs';
import type { HuWindow } from '../../shared/teachers';
import type { Dtype } from '../../shared/volume';

/** A stored volume the compute process may open. */
export interface StoredVolume {
  path: string;
  dtype: Dtype;
  grid: Grid;
}

/** An image channel with what normalisation needs. */
export interface StoredChannel extends StoredVolume {
  modality: Modality;
  unit: Unit;
  statistics: Statistics;
}

/** What a prompted teacher looks at. `colours`: how grey becomes its input; `fit`: whether a slice keeps its proportions. */
export type PromptView =
  | { kind: 'slice'; plane: PromptPlane; window: PromptWindow; colours: 'imagenet' | 'unit'; fit: 'inside' | 'stretched' }
  | { kind: 'volume'; huWindow: HuWindow | null; centre: PointMm; spacingMm: number };

/** One prompt; `refines` and `keepAt` are files of decoded logits (float32), those of an earlier answer and of this one. */
export interface StoredPrompt {
  points: readonly PromptPoint[];
  box: { from: PointMm; to: PointMm } | null;
  refines: string | null;
  keepAt: string;
}

export interface StoredCase {
  id: CaseId;
  name: string;
  channels: StoredChannel[];
  label: StoredVolume | null;
}

/** A prompted teacher's weights; `name` is what sentences call it. */
export interface StoredTeacher {
  weights: string;
  name: string;
  /** What CT is brought into before it sees it. */
  huWindow: HuWindow | null;
}

/** Whom a run asks: a teacher for CT, one for PET, or neither. */
export interface RunTeachers {
  ct: StoredTeacher | null;
  pet: StoredTeacher | null;
}

/** Means over the `steps` steps that end at `step`, by the names of their curves. */
export interface Stretch {
  step: number;
  steps: number;
  losses: Record<string, number>;
}
/** Dice of whole validation cases, also per structure index. */
export interface Scores {
  meanDice: number;
  dice: Record<number, number>;
}

/** What a run trains at a time: some methods train a prompt generator before their student. */
export type TrainingStage = 'generator' | 'student';

/** A file already written, flushed and renamed to its content address. */
export interface StoredFile {
  hash: FileHash;
  bytes: number;
}

/** Whose masks of a case are stored, and where the teachers' differ: one for every structure that both were asked about. */
export interface KeptLook {
  masks: { source: MomentSource; file: StoredFile }[];
  differences: (Difference & { structure: number })[];
}

/** A decoded image or label, its working copy already in the file store. */
export interface DecodedVolume {
  file: StoredFile;
  original: StoredFile;
  dtype: Dtype;
  /** Canonical RAS+. */
  grid: Grid;
  sourceGrid: Grid;
  orientation: string;
  form: 'sform' | 'qform' | 'none';
  warnings: string[];
  statistics: Statistics;
  /** Voxels per value; for labels only. */
  voxels: Record<number, number>;
}

/** Saved by a run every so often; the file is a safetensors with parameters, optimiser state, counters and random state. */
export interface Checkpoint {
  step: number;
  path: string;
  validationDice: number | null;
  trainedSeconds: number;
}

/** A run as far as its cost depends on it. */
export interface PlannedRun {
  settings: TrainSettings;
  channels: number;
  structures: number;
  device: Device;
  /** Whom it asks. */
  teachers: RunTeachers;
}

/** How a device did in one precision. */
export type DeviceTrial = Omit<DeviceReport, 'mixedPrecision'>;

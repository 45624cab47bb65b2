/** Messages between the host (main process) and the compute process: two unions and a promise. Paths and ids travel, voxels do not. */
import type { CaseId, FileHash, PhantomVariation, StudentSpec, Unit } from '../../shared/domain';
import type { StructureScore } from '../../shared/evaluation';
import type { Grid } from '../../shared/geometry';
import type { MuduoSettings } from '../../shared/methods';
import type { Acceptance, PromptStage, VoxelBox } from '../../shared/prompts';
import type { Device, Forecast, PseudoLabelEntry, TrainSettings } from '../../shared/runs';
import type { Architecture, CheckNumbers, StatedFacts, TeacherFamily, TeacherInput } from '../../shared/teachers';
import type {
  Checkpoint,
  DecodedVolume,
  DeviceTrial,
  KeptLook,
  PlannedRun,
  PromptView,
  RunTeachers,
  Scores,
  StoredCase,
  StoredFile,
  StoredPrompt,
  StoredVolume,
  Stretch,
  TrainingStage,
} from './jobData';

/** What each kind of job is given, says on the way, and answers with. */
export interface Jobs {
  /** Reads one NIfTI file; a label is checked to hold whole numbers 0…255. A 4-D file gives one volume per frame. */
  decode: {
    spec: { path: string; role: 'image' | 'label'; store: string };
    progress: { fraction: number };
    result: { volumes: DecodedVolume[] };
  };
  /** Writes a seeded phantom data set in nnU-Net's layout into `folder`. */
  phantoms: {
    spec: { folder: string; seed: number; cases: number; labelled: number; test: number; variation: PhantomVariation };
    progress: { fraction: number };
    result: { files: number };
  };
  train: {
    spec: {
      /** Folder of this run: `last.safetensors`, `best.safetensors`, and `generator.safetensors` where one is trained. */
      folder: string;
      /** Where runs find stages that others trained just so. */
      common: string;
      settings: TrainSettings;
      structures: { index: number; mirror: number | null }[];
      training: StoredCase[];
      validation: StoredCase[];
      /** What a method learns from without labels, and whom it asks about them. */
      unlabelled: StoredCase[];
      teachers: RunTeachers;
      /** Where masks of its moments are stored under their hash. */
      store: string;
      /** Continue the student from this checkpoint file. A generator goes on from the folder's, if there is one. */
      resume: string | null;
      threads: number;
      device: Device;
      /** Version of this program. */
      program: string;
    };
    progress:
      | { kind: 'started'; device: string; spec: StudentSpec; parameters: number }
      /** Means over `steps` steps of a stage. */
      | ({ kind: 'steps'; stage: TrainingStage; secondsLeft: number | null; busy: string } & Stretch)
      /** Said on resuming: what was computed before the checkpoint and may never have been heard. */
      | { kind: 'recalled'; stretches: Stretch[]; validations: ({ step: number } & Scores)[] }
      /** All that was made of unlabelled patches since the last such message: one for every patch and structure. */
      | { kind: 'pseudoLabels'; entries: PseudoLabelEntry[] }
      /** How a case looked to the student and to whom it asks, as label maps on the case's grid, and where two of these differ. */
      | ({ kind: 'moment'; step: number; case: CaseId } & KeptLook)
      | ({ kind: 'validation'; step: number } & Scores)
      | { kind: 'checkpoint'; which: 'last' | 'best' | 'generator'; checkpoint: Checkpoint };
    result: { step: number; last: Checkpoint; best: Checkpoint | null };
  };
  /** Tries one device on a small training step, in that precision, and compares it with the processor in full precision. */
  testDevice: {
    spec: { device: Device; threads: number; program: string; precision: TrainSettings['precision'] };
    progress: never;
    result: DeviceTrial;
  };
  /** Tells what a weights file is and stores it, unless the original is among those `known` or there is no store to put it in. */
  importTeacher: {
    spec: { path: string; family: TeacherFamily | null; known: FileHash[]; store: string | null };
    progress: { fraction: number; message: string };
    result: {
      family: TeacherFamily;
      facts: { architecture: Architecture; variant: string; parameters: number; input: TeacherInput };
      /** What the file says of itself. */
      stated: StatedFacts;
      source: { hash: FileHash; bytes: number; format: string };
      /** Null where nothing was stored. */
      file: StoredFile | null;
    };
  };
  /** Lets a stored teacher answer one fixed image, and times it. */
  checkTeacher: {
    spec: { weights: string; name: string; architecture: Architecture; device: Device; threads: number };
    progress: never;
    result: { numbers: CheckNumbers; seconds: number };
  };
  forecast: {
    spec: PlannedRun & { threads: number };
    progress: never;
    result: Forecast;
  };
  /** The forecast while another run trains: nothing is measured, its pace is carried over. */
  estimate: {
    spec: PlannedRun & { beside: PlannedRun & { stepSeconds: number } };
    progress: never;
    result: Forecast;
  };
  /** Stores how cases look to a finished student and to the teachers of its run. */
  look: {
    spec: {
      weights: string;
      spec: StudentSpec;
      /** Of the run, with its prompt generator where it has one. */
      folder: string;
      muduo: MuduoSettings;
      teachers: RunTeachers;
      cases: StoredCase[];
      store: string;
      threads: number;
      device: Device;
    };
    progress: { kind: 'fraction'; fraction: number; message: string } | ({ kind: 'moment'; case: CaseId } & KeptLook);
    result: { cases: number };
  };
  predict: {
    spec: { weights: string; spec: StudentSpec; cases: StoredCase[]; store: string; threads: number };
    progress:
      | { kind: 'fraction'; fraction: number; message: string }
      | { kind: 'mask'; case: CaseId; file: StoredFile; voxels: Record<number, number>; seconds: number };
    result: { masks: number };
  };
  /** Masks for prompts on one slice or crop of a channel. The teacher stays loaded for the next ones. */
  prompt: {
    spec: {
      teacher: { weights: string; hash: FileHash; name: string };
      image: StoredVolume & { hash: FileHash; unit: Unit };
      view: PromptView;
      prompts: StoredPrompt[];
      /** Where embeddings are kept, and how many bytes of them. */
      embeddings: { folder: string; bytes: number };
      /** Where optimised graphs are kept, and how many bytes of them. */
      graphs: { folder: string; bytes: number };
      /** Where masks are stored under their hash. */
      masks: string;
      threads: number;
      /** Teachers that may stay loaded, in bytes of memory. */
      loadedBytes: number;
    };
    /** The stage that begins now. */
    progress: { stage: PromptStage };
    result: {
      seen: VoxelBox;
      embedding: 'made' | 'found';
      seconds: number;
      /** `file`: uint8 voxels of the box; null where the mask is empty. */
      masks: { box: VoxelBox; file: StoredFile | null; voxels: number; confidence: number }[];
    };
  };
  /** Writes a mask into a label, or into an empty one where there is none, and stores the result. */
  editLabel: {
    spec: {
      label: StoredVolume | null;
      grid: Grid;
      /** uint8 voxels of the box, in the mask where they are not 0, or where they have that value; without a path the mask is empty. */
      mask: { path: string | null; box: VoxelBox; value?: number };
      seen: VoxelBox;
      structure: number;
      how: Acceptance;
      others: 'keep' | 'overwrite';
      store: string;
    };
    progress: never;
    result: { file: StoredFile; voxels: Record<number, number> };
  };
  evaluate: {
    spec: { pairs: { case: CaseId; prediction: StoredVolume; reference: StoredVolume }[]; structures: number[]; toleranceMm: number };
    progress: { case: CaseId; scores: StructureScore[]; fraction: number };
    result: { pairs: number };
  };
  /** Writes volumes as `.nii.gz`: on `sourceGrid`, or canonical when it is null. */
  exportVolumes: {
    spec: { items: { volume: StoredVolume; sourceGrid: Grid | null; out: string }[] };
    progress: { fraction: number };
    result: { files: string[] };
  };
  /** Writes an inference ONNX with weights as initialisers and the student's spec as metadata. */
  exportModel: {
    spec: { weights: string; spec: StudentSpec; names: string[]; out: string };
    progress: never;
    result: { files: string[] };
  };
  /** Pictures for a report: one PNG per item, reference and prediction outlines over the image. */
  pictures: {
    spec: {
      items: {
        image: StoredVolume;
        window: { low: number; high: number };
        masks: { volume: StoredVolume; style: 'reference' | 'student' }[];
        view: 'planes' | 'axial';
        out: string;
      }[];
      colours: Record<number, string>;
    };
    progress: { fraction: number };
    result: { files: string[] };
  };
}
export type JobName = keyof Jobs;
export type Spec<K extends JobName> = Jobs[K]['spec'];
export type Progress<K extends JobName> = Jobs[K]['progress'];
export type Result<K extends JobName> = Jobs[K]['result'];

/** Which thread of the compute process does a job: only `session` loads onnxruntime. */
export const threadOf = {
  decode: 'imaging',
  phantoms: 'imaging',
  editLabel: 'imaging',
  evaluate: 'imaging',
  exportVolumes: 'imaging',
  pictures: 'imaging',
  importTeacher: 'imaging',
  estimate: 'imaging',
  train: 'session',
  testDevice: 'session',
  checkTeacher: 'session',
  prompt: 'session',
  forecast: 'session',
  predict: 'session',
  look: 'session',
  exportModel: 'session',
} as const satisfies Record<JobName, 'imaging' | 'session'>;

/** Host → process → thread. */
export type ToCompute = { [K in JobName]: { kind: 'start'; job: number; name: K; spec: Spec<K> } }[JobName] | { kind: 'stop'; job: number };

/** Thread → process → host. A job ends with exactly one of done, stopped, failed. */
export type FromCompute =
  | { kind: 'ready'; pid: number }
  | { kind: 'progress'; job: number; progress: Progress<JobName> }
  | { kind: 'done'; job: number; result: Result<JobName> }
  | { kind: 'stopped'; job: number }
  | { kind: 'failed'; job: number; code: string | null; message: string; stack?: string };

/** What a job's code is given to talk back. `stopped` is true once a person asked to stop: leave at the next step. */
export interface JobContext<K extends JobName> {
  report(progress: Progress<K>): void;
  readonly stopped: boolean;
  /** Lets pending messages (a stop) be heard; await it between steps. */
  breathe(): Promise<void>;
}
/** The code of one job. Throw `Stopped` to end as stopped. */
export type JobCode<K extends JobName> = (spec: Spec<K>, context: JobContext<K>) => Promise<Result<K>>;

/** Thrown by a job that ends because a person stopped it. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

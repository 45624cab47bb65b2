/** Every message between renderer and core, named once. Input is parsed at the border and trusted inside; voxels never travel here. */
import { z } from 'zod';
import { autopetOrganBudgets } from './autopetOrgan';
import type {
  Case,
  CaseId,
  CommonSettings,
  Curves,
  DeviceReport,
  EvaluationSummary,
  FileHash,
  Forecast,
  Job,
  JobId,
  LabelRevision,
  LogEntry,
  Model,
  ModelId,
  Prediction,
  Project,
  Run,
  RunId,
  RunRecord,
  Structure,
  TrainSettings,
} from './domain';
import { devices, labelStates, modalities, phantomVariations, splits } from './domain';
import { type Disagreements, disagreementOrders, type LedgerSummary, type Moment, momentSources } from './ledger';
import { intended, meanTeacherDefaults, methods, muduoDefaults } from './methods';
import { acceptances, type Preview, type PreviewId, type PromptStage } from './prompts';
import type { Study, StudyId, StudyPlan, StudyReport } from './studies';
import { intensityTreatments, type LibraryTeacher, type Teacher, type TeacherId, teacherFamilies } from './teachers';

const uuid = <T extends string>() => z.uuid().transform((id) => id as T);
const caseId = uuid<CaseId>();
const runId = uuid<RunId>();
const modelId = uuid<ModelId>();
const jobId = uuid<JobId>();
const teacherId = uuid<TeacherId>();
const previewId = uuid<PreviewId>();
const studyId = uuid<StudyId>();
const path = z.string().min(1).max(32_000);
const side = z.number().int().multipleOf(16).min(16).max(256);
const triple = <T extends z.ZodType<number>>(item: T) => z.tuple([item, item, item]);
const pointMm = triple(z.number().min(-1e5).max(1e5));
const fileHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((hash) => hash as FileHash);
const structureIndex = z.number().int().min(1).max(255);

/** Ranges of what a person may set, whatever the method. The sentence of a failed parse names the field. */
export const commonSettings = z.object({
  name: z.string().max(120),
  device: z.enum(['auto', ...devices]),
  recompute: z.boolean(),
  precision: z.enum(['full', 'mixed']),
  width: z.number().int().min(2).max(64),
  patch: triple(side),
  spacingMm: triple(z.number().min(0.1).max(50)),
  batch: z.number().int().min(1).max(32),
  steps: z.number().int().min(1).max(1_000_000),
  rate: z.number().positive().max(10),
  warmupSteps: z.number().int().min(0).max(100_000),
  momentum: z.number().min(0).max(0.9999),
  weightDecay: z.number().min(0).max(1),
  dropout: z.number().min(0).max(0.9),
  foreground: z.number().min(0).max(1),
  balance: z.number().min(0).max(1),
  flips: z.boolean(),
  intensity: z.number().min(0).max(1),
  deformation: z.number().min(0).max(1),
  labelledCases: z.number().int().min(1).max(100_000).nullable().default(null),
  validationCases: z.number().int().min(0).max(1000),
  validateEvery: z.number().int().min(1).max(1_000_000),
  checkpointEvery: z.number().int().min(1).max(1_000_000),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
}) satisfies z.ZodType<CommonSettings>;

const withDefault = <T extends z.ZodType>(item: T, value: z.output<T>) => item.default(value as never);
const unlabelled = {
  unlabelled: withDefault(z.number().int().min(1).max(32), muduoDefaults.unlabelled),
  consistency: withDefault(z.number().min(0).max(100), muduoDefaults.consistency),
  begins: withDefault(z.number().min(0).max(0.99), muduoDefaults.begins),
  ramp: withDefault(z.number().min(0).max(1), muduoDefaults.ramp),
};
export const meanTeacherSettings = z.object({
  ...unlabelled,
  decay: withDefault(z.number().min(0).max(0.9999), meanTeacherDefaults.decay),
});
export const muduoSettings = z.object({
  teachers: z
    .object({ ct: teacherId.nullable(), pet: teacherId.nullable() })
    .refine(({ ct, pet }) => ct !== null || pet !== null, 'MuDuo needs a teacher for CT, one for PET, or both'),
  ...unlabelled,
  clicks: withDefault(z.number().int().min(1).max(32), muduoDefaults.clicks),
  filter: withDefault(
    z.union([z.enum(['betterHalf', 'none']), z.object({ agreementAtLeast: z.number().min(0).max(1) })]),
    muduoDefaults.filter,
  ),
  generatorSteps: withDefault(z.number().int().min(1).max(1_000_000), muduoDefaults.generatorSteps),
  moments: withDefault(z.number().int().min(0).max(20), muduoDefaults.moments),
  choices: withDefault(
    z.object({
      picking: z.enum(['spread', 'core', 'firstVoxels']),
      filling: z.enum(['repeated', 'negative']),
      absent: z.enum(['skipped', 'taught']),
      maskPrompt: z.enum(['probabilities', 'logits']),
      besideClicks: z.enum(['emptyMask', 'nothing']),
      clicking: z.enum(['together', 'inTurn']),
      teacherAxes: z.enum(['reversed', 'asStored']),
    }),
    intended,
  ),
});
/** What a run is started with: what all methods share, the method, and under its name what it alone takes. */
export const trainSettings = z.discriminatedUnion('method', [
  commonSettings.extend({ method: z.literal('supervised') }),
  commonSettings.extend({ method: z.literal('meanTeacher'), meanTeacher: meanTeacherSettings.prefault({}) }),
  commonSettings.extend({ method: z.literal('muduo'), muduo: muduoSettings }),
]) satisfies z.ZodType<TrainSettings>;

const sharedChanges = commonSettings.omit({ name: true, seed: true, labelledCases: true }).partial().strict();
const configuration = { name: z.string().trim().min(1).max(60), settings: sharedChanges.default({}) };
const plannedTeachers = z.strictObject({ ct: teacherId.nullable().optional(), pet: teacherId.nullable().optional() });
const areUnlike = (values: readonly unknown[]) => new Set(values).size === values.length;
/** What a study compares. A name that is not known is a mistake and is refused, for a file that somebody wrote may hold any. */
export const studyPlan = z.strictObject({
  name: z.string().trim().min(1).max(80),
  configurations: z
    .array(
      z.discriminatedUnion('method', [
        z.strictObject({ ...configuration, method: z.literal('supervised') }),
        z.strictObject({ ...configuration, method: z.literal('meanTeacher'), meanTeacher: meanTeacherSettings.strict().prefault({}) }),
        z.strictObject({
          ...configuration,
          method: z.literal('muduo'),
          muduo: muduoSettings
            .extend({ teachers: plannedTeachers.default({}) })
            .strict()
            .prefault({}),
        }),
      ]),
    )
    .min(1)
    .max(30)
    .refine((all) => areUnlike(all.map(({ name }) => name)), 'two configurations have the same name'),
  seeds: z.array(commonSettings.shape.seed).min(1).max(100).refine(areUnlike, 'a seed is named twice'),
  budgets: z
    .array(z.number().int().min(1).max(100_000).nullable())
    .min(1)
    .max(30)
    .default([null])
    .refine(areUnlike, 'a budget is named twice'),
  settings: sharedChanges.default({}),
}) satisfies z.ZodType<StudyPlan>;

const nothing = z.object({});
const call = <I extends z.ZodType, O>(input: I) => ({ input, output: undefined as O });
const ask = <O>() => ({ of: <I extends z.ZodType>(input: I) => call<I, O>(input) });

/** Facts about this installation and machine. */
export interface AppInfo {
  version: string;
  /** True when an Electron window shows it, false in a browser. */
  isDesktop: boolean;
  device: string;
  cores: number;
  memoryBytes: number;
  /** Folder offered for a new project, and where the demo lives. */
  projectsFolder: string;
  demoFolder: string;
}

/** Every question the renderer may ask. The core answers each exactly once. */
export const calls = {
  'app.info': ask<AppInfo>().of(nothing),

  'project.get': ask<Project | null>().of(nothing),
  'project.open': ask<Project>().of(z.object({ folder: path })),
  'project.create': ask<Project>().of(z.object({ folder: path, name: z.string().min(1).max(120) })),
  /** Makes phantoms, imports them and opens the result (an existing demo is opened as it is). */
  'project.createDemo': ask<JobId>().of(
    z.object({
      folder: path.optional(),
      seed: z.number().int().min(0).default(1),
      cases: z.number().int().min(3).max(400).default(40),
      labelled: z.number().int().min(1).max(400).default(5),
      test: z.number().int().min(0).max(400).default(15),
      variation: z.enum(phantomVariations).default('default'),
    }),
  ),
  'project.check': ask<JobId>().of(nothing),
  'project.log': ask<LogEntry[]>().of(z.object({ limit: z.number().int().min(1).max(10_000).default(200) })),

  'cases.list': ask<Case[]>().of(nothing),
  'cases.setSplit': ask<void>().of(z.object({ cases: z.array(caseId).min(1), split: z.enum(splits) })),
  /** Adds a structure under the lowest free value, with a colour of its own. A project may begin with labels made here. */
  'structures.add': ask<Structure>().of(z.object({ name: z.string().trim().min(1).max(80) })),
  'structures.update': ask<Structure[]>().of(
    z.object({ index: z.number().int().min(1).max(255), name: z.string().min(1).max(80), colour: z.string().regex(/^#[0-9a-f]{6}$/i) }),
  ),

  'import.start': ask<JobId>().of(z.object({ paths: z.array(path).min(1).max(100_000) })),
  /** Brings AutoPET-Organ in as its lists say (found in the folder, or in `lists`), with only so many labels of training cases. Asked again, it adds what is missing. */
  'autopetOrgan.import': ask<JobId>().of(z.object({ folder: path, lists: path.optional(), labels: z.literal(autopetOrganBudgets) })),

  'runs.list': ask<Run[]>().of(nothing),
  /** For MuDuo with the first teachers that may be used, and the patch and voxel size that fit them. */
  'runs.defaults': ask<TrainSettings>().of(z.object({ method: z.enum(methods).default('supervised') })),
  'runs.forecast': ask<Forecast>().of(z.object({ settings: trainSettings })),
  'runs.start': ask<RunId>().of(z.object({ settings: trainSettings })),
  'runs.stop': ask<void>().of(z.object({ run: runId })),
  'runs.resume': ask<void>().of(z.object({ run: runId })),
  'runs.curves': ask<Curves>().of(z.object({ run: runId })),
  /** Null for a run of an earlier version, and for one that has not begun. */
  'runs.record': ask<RunRecord | null>().of(z.object({ run: runId })),

  /** How the teachers of a run agreed as it went on, by case and structure; nothing for a run that asks none. */
  'ledger.summary': ask<LedgerSummary>().of(z.object({ run: runId, windows: z.number().int().min(1).max(100).default(5) })),
  /** The structures of unlabelled cases about which a run's teachers disagree most, in the newest fifth of its steps. */
  'ledger.disagreements': ask<Disagreements>().of(
    z.object({ run: runId, limit: z.number().int().min(1).max(10_000).default(50), by: z.enum(disagreementOrders).default('agreement') }),
  ),
  /** How a case looked to student and teachers at the moments of the runs that learned from it without a label, newest run first. */
  'ledger.moments': ask<Moment[]>().of(z.object({ case: caseId })),
  /**
   * Lets the student of a finished run by MuDuo and its teachers look at cases (the test cases, unless some are named): kept as a moment at the
   * student's step, and scored where there is a reference.
   */
  'ledger.look': ask<JobId>().of(z.object({ run: runId, cases: z.array(caseId).min(1).optional() })),
  /** Writes one structure of a moment's mask into the case's label as its next revision, a draft where it is the first. */
  'ledger.accept': ask<LabelRevision>().of(
    z.object({ run: runId, case: caseId, step: z.number().int().min(1), source: z.enum(momentSources), structure: structureIndex }),
  ),

  /** Every device the runtime knows, each tried once since the program was started (unless `again`). While a run trains, only what is known already. */
  'devices.list': ask<DeviceReport[]>().of(z.object({ again: z.boolean().default(false) })),

  'models.list': ask<Model[]>().of(nothing),

  'teachers.list': ask<Teacher[]>().of(nothing),
  /** Brings weights files in. Each is recognised by its shapes; `family` says what shapes cannot. */
  'teachers.import': ask<JobId>().of(
    z.object({ paths: z.array(path).min(1).max(100), family: z.enum(teacherFamilies).nullable().default(null) }),
  ),
  /** Changes what is given. Another family (of the same shapes) or licence has to be accepted anew. */
  'teachers.update': ask<Teacher>().of(
    z.object({
      teacher: teacherId,
      name: z.string().trim().min(1).max(120).optional(),
      family: z.enum(teacherFamilies).optional(),
      modality: z.enum(modalities).nullable().optional(),
      spacingMm: z.number().min(0.1).max(50).nullable().optional(),
      intensity: z.enum(intensityTreatments).optional(),
      licence: z
        .object({
          name: z.string().trim().min(1).max(120),
          summary: z.string().trim().max(4000).default(''),
          where: z.string().trim().max(1000).default(''),
        })
        .optional(),
    }),
  ),
  /** Accepts the licence. Before that no run may use the teacher. */
  'teachers.accept': ask<Teacher>().of(z.object({ teacher: teacherId })),
  /** Runs it on a fixed image, compares the answer with the stored one, and times it. */
  'teachers.selfCheck': ask<JobId>().of(z.object({ teacher: teacherId, device: z.enum(devices).default('cpu') })),
  /** Deletes its weights from the project. What used it stays readable; importing its file again brings it back. */
  'teachers.remove': ask<void>().of(z.object({ teacher: teacherId })),
  /** What the person's library and the program offer every project. A teacher that is imported anywhere comes into the library. */
  'teachers.library': ask<LibraryTeacher[]>().of(nothing),
  /** Takes one of these into the project, by the SHA-256 of its original file. A licence that was accepted stays accepted. */
  'teachers.use': ask<JobId>().of(z.object({ source: fileHash })),
  /** Takes a teacher out of the library. Projects keep theirs. */
  'teachers.forget': ask<void>().of(z.object({ source: fileHash })),

  /**
   * A teacher's mask for a person's prompts, for looks: see `Preview`. The first prompt on a slice or around a place takes a teacher seconds
   * to minutes, further ones there hundredths of that. While a run trains both are slower; neither waits for the other.
   */
  'prompts.preview': ask<Preview>().of(
    z.object({
      teacher: teacherId,
      case: caseId,
      channel: z.number().int().min(0).max(1000).default(0),
      structure: structureIndex,
      prompt: z.object({
        points: z.array(z.object({ mm: pointMm, positive: z.boolean() })).max(64),
        box: z.object({ from: pointMm, to: pointMm }).nullable().default(null),
        refines: previewId.nullable().default(null),
      }),
      /** Which slice; null for teachers of volumes. */
      plane: z
        .object({ axis: z.union([z.literal(0), z.literal(1), z.literal(2)]), index: z.number().int().min(0) })
        .nullable()
        .default(null),
      /** For teachers of slices: what is on the screen; null is soft tissue for HU, and the middle 99 % for other units. */
      window: z.object({ low: z.number(), high: z.number() }).nullable().default(null),
    }),
  ),
  /** Writes a preview into its case's label as the next revision. Voxels of other structures stay theirs unless they are to be overwritten. */
  'prompts.accept': ask<LabelRevision>().of(
    z.object({
      preview: previewId,
      /** Default: the one it was made for. */
      structure: structureIndex.optional(),
      how: z.enum(acceptances).default('replace'),
      others: z.enum(['keep', 'overwrite']).default('keep'),
    }),
  ),
  /** Stops what teachers are doing for prompts: previews under way fail with PROMPT_STOPPED, and the next prompt does not wait for them. */
  'prompts.stop': ask<void>().of(nothing),
  /** Forgets a preview; one that is gone already is no failure. */
  'prompts.discard': ask<void>().of(z.object({ preview: previewId })),

  /** All revisions of a case's label, newest first. `undoRedo` (shared/labelHistory.ts) says which to restore for a step back or forth. */
  'labels.history': ask<LabelRevision[]>().of(z.object({ case: caseId })),
  /** Makes an earlier revision current again, as a new one; 0 takes the case back to having no label (answers null). */
  'labels.restore': ask<LabelRevision | null>().of(z.object({ case: caseId, revision: z.number().int().min(0) })),
  /** Says whether the newest label of each case is complete: only then it trains and evaluates. A case without a label is refused. */
  'labels.setState': ask<void>().of(z.object({ cases: z.array(caseId).min(1), state: z.enum(labelStates) })),

  /** Masks for the given cases (default: all) by a model. Cases this model has already predicted are skipped unless `again`. */
  'predict.start': ask<JobId>().of(z.object({ model: modelId, cases: z.array(caseId).optional(), again: z.boolean().default(false) })),
  'predictions.list': ask<Prediction[]>().of(z.object({ case: caseId.optional() })),

  /** Scores a model's predictions on the given cases (default: all test cases; without any, all validation cases). */
  'evaluate.start': ask<JobId>().of(z.object({ model: modelId, cases: z.array(caseId).optional() })),
  /** Newest scores of every evaluated model, best mean first. */
  'evaluations.list': ask<EvaluationSummary[]>().of(nothing),

  'export.start': ask<JobId>().of(
    z.discriminatedUnion('what', [
      z.object({ what: z.literal('images'), out: path, canonical: z.boolean().default(false), cases: z.array(caseId).optional() }),
      /** Masks of a model, or the reference labels when `model` is null. */
      z.object({
        what: z.literal('masks'),
        out: path,
        canonical: z.boolean().default(false),
        cases: z.array(caseId).optional(),
        model: modelId.nullable(),
      }),
      z.object({ what: z.literal('model'), out: path, model: modelId }),
    ]),
  ),

  /** Writes one self-contained HTML page about an evaluated model: settings, curves, scores, pictures of its worst, middle and best case. */
  'report.start': ask<JobId>().of(z.object({ model: modelId, out: path })),

  /** Newest first. */
  'studies.list': ask<Study[]>().of(nothing),
  /** A study with what its students scored so far, and how they compare. */
  'studies.get': ask<StudyReport>().of(z.object({ study: studyId })),
  /** Queues a student for every configuration, budget and seed. All are checked before the first one begins. */
  'studies.create': ask<StudyId>().of(z.object({ plan: studyPlan })),
  /** Stops the student that is trained, with a checkpoint; `studies.resume` goes on there, after a restart as well. */
  'studies.stop': ask<void>().of(z.object({ study: studyId })),
  'studies.resume': ask<void>().of(z.object({ study: studyId })),
  /** Writes a .csv of every score, or a self-contained page (any other name). */
  'studies.export': ask<JobId>().of(z.object({ study: studyId, out: path })),

  'jobs.list': ask<Job[]>().of(nothing),
  'jobs.get': ask<Job>().of(z.object({ job: jobId })),
  'jobs.stop': ask<void>().of(z.object({ job: jobId })),
};

/** Everything the core may announce. Events say what changed; the reader asks again. */
export interface Events {
  'project.changed': Record<never, never>;
  'cases.changed': Record<never, never>;
  'predictions.changed': Record<never, never>;
  'evaluations.changed': Record<never, never>;
  'models.changed': Record<never, never>;
  'teachers.changed': Record<never, never>;
  /** A run's row changed (state, checkpoint, validation). */
  'run.changed': { run: RunId };
  /** Thinned to a few per second. `loss` is the mean since the last message; steps are those of what is trained now, time left of all. */
  'run.progress': {
    run: RunId;
    stage: 'generator' | 'student';
    step: number;
    steps: number;
    loss: number;
    secondsLeft: number | null;
    busy: string;
  };
  /** A study began, ended, or one of its students came further. */
  'study.changed': { study: StudyId };
  'job.changed': { job: Job };
  /** A prompt has come to its next stage, which took `seconds` when this teacher was last there on this machine; null if it never was. */
  'prompt.progress': { stage: PromptStage; seconds: number | null };
}
export type EventName = keyof Events;
export type Announcement = { [K in EventName]: { name: K; data: Events[K] } }[EventName];
export const eventNames: readonly EventName[] = [
  'project.changed',
  'cases.changed',
  'predictions.changed',
  'evaluations.changed',
  'models.changed',
  'teachers.changed',
  'run.changed',
  'run.progress',
  'study.changed',
  'job.changed',
  'prompt.progress',
];

/** What only a desktop can do. Absent (`window.understudy` undefined) when the same core is served to a browser. */
export interface Desktop {
  pickFolder(title: string): Promise<string | null>;
  pickFiles(title: string): Promise<string[]>;
  /** Absolute path of a file dropped on the window. */
  pathOf(file: File): string;
  /** Calls back with every announcement; returns how to stop. */
  listen(hear: (announcement: Announcement) => void): () => void;
}

export type Name = keyof typeof calls;
export type Input<K extends Name> = z.input<(typeof calls)[K]['input']>;
export type Parsed<K extends Name> = z.output<(typeof calls)[K]['input']>;
export type Output<K extends Name> = (typeof calls)[K]['output'];
export type Handlers = { [K in Name]: (input: Parsed<K>) => Output<K> | Promise<Output<K>> };
/** Asks the core one question. Every door offers this shape. */
export type Ask = <K extends Name>(name: K, input: Input<K>) => Promise<Output<K>>;

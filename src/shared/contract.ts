/** Every message between renderer and core, named once. Input is parsed at the border and trusted inside; voxels never travel here. */
import { z } from 'zod';
import { autopetOrganBudgets } from './autopetOrgan';
import {
  type Case,
  type Job,
  type JobId,
  type LabelRevision,
  type LogEntry,
  labelStates,
  type Model,
  modalities,
  type Prediction,
  type Project,
  phantomVariations,
  type RunId,
  type Structure,
  splits,
} from './domain';
import type { EvaluationSummary } from './evaluation';
import type { Announcement } from './events';
import { type Disagreements, disagreementOrders, type LedgerSummary, type Moment, momentSources } from './ledger';
import { methods } from './methods';
import { acceptances, type Preview } from './prompts';
import { type Curves, type DeviceReport, devices, type Forecast, type Run, type RunRecord, type TrainSettings } from './runs';
import {
  caseId,
  fileHash,
  jobId,
  modelId,
  path,
  pointMm,
  previewId,
  runId,
  structureIndex,
  studyId,
  studyPlan,
  teacherId,
  trainSettings,
} from './schemas';
import type { Study, StudyId, StudyReport } from './studies';
import { intensityTreatments, type LibraryTeacher, type Teacher, teacherFamilies } from './teachers';

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
  /** Says whose studies cases are; null takes it back. */
  'cases.setPatient': ask<void>().of(z.object({ cases: z.array(caseId).min(1), patient: z.string().trim().min(1).max(120).nullable() })),
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

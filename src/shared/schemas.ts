/** What messages are made of and what each part may be: ids, paths, settings with their ranges. */
import { z } from 'zod';
import type { CaseId, FileHash, JobId, ModelId, RunId } from './domain';
import { intended, meanTeacherDefaults, muduoDefaults } from './methods';
import type { PreviewId } from './prompts';
import { type CommonSettings, devices, type TrainSettings } from './runs';
import type { StudyId, StudyPlan } from './studies';
import type { TeacherId } from './teachers';

const uuid = <T extends string>() => z.uuid().transform((id) => id as T);
export const caseId = uuid<CaseId>();
export const runId = uuid<RunId>();
export const modelId = uuid<ModelId>();
export const jobId = uuid<JobId>();
export const teacherId = uuid<TeacherId>();
export const previewId = uuid<PreviewId>();
export const studyId = uuid<StudyId>();
export const path = z.string().min(1).max(32_000);
const side = z.number().int().multipleOf(16).min(16).max(256);
export const triple = <T extends z.ZodType<number>>(item: T) => z.tuple([item, item, item]);
export const pointMm = triple(z.number().min(-1e5).max(1e5));
export const fileHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((hash) => hash as FileHash);
export const structureIndex = z.number().int().min(1).max(255);

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

/** Trains a student, and before it the prompt generator where the method wants one: each a stage of the same loop. */
import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { onLabelsAlone, stepsAlone, unlabelledSettings } from '../../../shared/methods';
import { random } from '../../../shared/random';
import type { CommonSettings, TrainSettings } from '../../../shared/runs';
import type { Weights } from '../../methods/course';
import { courseFor, planFor, supervisedCourse } from '../../methods/courses';
import { readRun } from '../../methods/training/checkpoint';
import { classShares, mirrorTable, planStudent } from '../../methods/training/plan';
import { initialParameters, parameterCount } from '../../networks/network';
import { describeDevice } from '../devices';
import type { JobCode, Spec } from '../protocol';
import { networkOf, patchDims } from '../student';
import { commonStages } from '../training/commonStages';
import { momentsOf } from '../training/moments';
import { companyOf, trainGenerator, viewsOf } from '../training/muduo';
import { trainStage } from '../training/stage';
import { validate } from '../training/validation';
import { layoutFor } from './forecast';

/** Prepared cases may take this share of the machine's memory; the rest are prepared again when their turn comes. */
const cacheShare = 0.25;
const lastFile = 'last.safetensors';

export const train: JobCode<'train'> = async (job, talk) => {
  const { settings, folder, threads, device } = job;
  await mkdir(folder, { recursive: true });
  const resumed = job.resume ? await readRun(job.resume) : null;
  const indices = job.structures.map(({ index }) => index);
  const spec = resumed?.spec ?? (await planStudent([...job.training, ...job.unlabelled], indices, settings));
  const network = networkOf(spec);
  talk.report({ kind: 'started', device: describeDevice(device, threads, job.program), spec, parameters: parameterCount(network) });

  const prepared = {
    spec,
    shares: await classShares(job.training, spec.structures),
    mirror: mirrorTable(job.structures),
    cacheBytes: cacheShare * totalmem(),
    common: commonStages(job),
  };
  const generator = wantsGenerator(job) ? await trainGenerator(job, prepared, talk) : null;
  const config = { network, patch: patchDims(spec), labelled: settings.batch };
  const planOf = (of: TrainSettings) => planFor(of, config).layOut(layoutFor(device, of));
  const student = {
    name: 'student',
    network,
    spec,
    planned: { settings, channels: spec.channels.length, structures: spec.structures.length, device, teachers: job.teachers },
    start: initialParameters(network, random(settings.seed).fork('weights')),
    shares: prepared.shares,
    batches: { studies: job.training, spec, mirror: prepared.mirror, settings, unlabelled: null, cacheBytes: prepared.cacheBytes },
    unlabelledCases: [],
    folder,
    file: lastFile,
    secondsBefore: generator?.trainedSeconds ?? 0,
    threads,
    validate: job.validation.length > 0 ? (parameters: Weights) => validate(job.validation, spec, parameters, threads, talk.breathe) : null,
  } as const;

  const own = unlabelledSettings(settings);
  const alone = own ? stepsAlone(settings) : settings.steps;
  const settingsAlone = onLabelsAlone<CommonSettings>(settings);
  const stage = { settings: settingsAlone, spec, studies: job.training, until: alone, secondsBefore: student.secondsBefore };
  // Validation is part of a run's own story.
  const isCommon = student.validate === null;
  const begun = resumed ?? (isCommon ? await prepared.common.take(stage) : null);
  let reached = begun;
  if (own && (resumed?.step ?? 0) < alone) {
    const plan = planOf(settingsAlone);
    const course = async () => supervisedCourse(plan, settingsAlone);
    const { told } = await trainStage({ ...student, plan, until: alone, resumed: begun, course }, talk);
    reached = await readRun(join(folder, lastFile));
    if (told && isCommon) await prepared.common.keep(stage, reached, told);
  }
  const plan = planOf(settings);
  const unlabelled = own && { studies: job.unlabelled, views: viewsOf(job), settings: { ...settings, unlabelled: own.unlabelled } };
  const { step, last, best } = await trainStage(
    {
      ...student,
      plan,
      batches: { ...student.batches, unlabelled },
      unlabelledCases: job.unlabelled.map(({ id }) => id),
      resumed: reached,
      course: async (theta, load) =>
        courseFor(settings, config, plan, { theta, load, muduo: settings.method === 'muduo' ? await companyOf(job, generator) : null }),
      look: momentsOf(job, spec, talk),
    },
    talk,
  );
  return { step, last, best };
};

/** Only a PET teacher is clicked for. */
const wantsGenerator = (job: Spec<'train'>): job is Spec<'train'> & { settings: Extract<TrainSettings, { method: 'muduo' }> } =>
  job.settings.method === 'muduo' && job.teachers.pet !== null;

/** Whom MuDuo asks: teachers from their files, and a prompt generator trained beforehand on PET of the same labelled cases. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StudentSpec } from '../../../shared/domain';
import { onLabelsAlone } from '../../../shared/methods';
import { random } from '../../../shared/random';
import type { CommonSettings, TrainSettings } from '../../../shared/runs';
import type { Weights } from '../../methods/course';
import { type Company, planFor, supervisedCourse } from '../../methods/courses';
import { readRun } from '../../methods/training/checkpoint';
import type { TeacherView } from '../../methods/training/unlabelled';
import { initialParameters, type Network } from '../../networks/network';
import { formOf } from '../devices';
import type { StoredCase, StoredTeacher } from '../jobData';
import { layoutFor } from '../jobs/forecast';
import type { JobContext, Spec } from '../protocol';
import { networkOf, patchDims } from '../student';
import { loadSam } from '../teachers/network';
import type { CommonStages } from './commonStages';
import { trainStage } from './stage';

type Job = Spec<'train'>;
type Settings = Extract<TrainSettings, { method: 'muduo' }>;
const generatorFile = 'generator.safetensors';

/** What both stages need to know beside the job. */
export interface Prepared {
  spec: StudentSpec;
  shares: readonly number[];
  mirror: number[];
  cacheBytes: number;
  common: CommonStages;
}
export interface Generator {
  network: Network;
  weights: Weights;
  trainedSeconds: number;
}

/** The position of a modality among a student's channels. The services have seen to it that it is there. */
export function channelOf({ channels }: Pick<StoredCase, 'channels'>, modality: 'CT' | 'PET'): number {
  const at = channels.findIndex((channel) => channel.modality === modality);
  if (at < 0) throw new Error(`train: no ${modality} channel for its teacher`);
  return at;
}

/** The generator that a run left in its folder. @throws FILE_UNREADABLE, CHECKPOINT_MISMATCH */
export async function storedGenerator(folder: string): Promise<Pick<Generator, 'network' | 'weights'>> {
  const { spec, parameters: weights } = await readRun(join(folder, generatorFile));
  return { network: networkOf(spec), weights };
}

/** How the teachers of a run see its cases: CT first, then PET. */
export function viewsOf({ teachers, training: [first] }: Pick<Job, 'teachers' | 'training'>): TeacherView[] {
  const view = (teacher: StoredTeacher | null, modality: 'CT' | 'PET'): TeacherView[] => {
    if (!teacher) return [];
    const channel = channelOf(first, modality);
    return [{ channel, huWindow: first.channels[channel].unit === 'HU' ? teacher.huWindow : null }];
  };
  return [...view(teachers.ct, 'CT'), ...view(teachers.pet, 'PET')];
}

/** The run's settings as its generator follows them: on labels alone, for as many steps as it has, from streams of its own. */
export const generatorSettings = (settings: Settings): CommonSettings & { method: 'supervised' } => ({
  ...onLabelsAlone<CommonSettings>(settings),
  steps: settings.muduo.generatorSteps,
  seed: random(settings.seed)
    .fork('generator')
    .integer(2 ** 31),
});

/**
 * The frozen generator of a run: trained now, or as far as it is not. Its last weights are taken, since no case is spent on choosing others.
 * @throws Stopped once its last checkpoint is saved
 */
export async function trainGenerator(
  job: Job & { settings: Settings },
  { spec: studentSpec, ...prepared }: Prepared,
  talk: JobContext<'train'>,
): Promise<Generator> {
  const { folder, threads, device } = job;
  const pet = channelOf(job.training[0], 'PET');
  const spec: StudentSpec = { ...studentSpec, channels: [studentSpec.channels[pet]] };
  const settings = generatorSettings(job.settings);
  const network = networkOf(spec);
  const path = join(folder, generatorFile);
  const own = existsSync(path) ? await readRun(path) : null;
  if (own?.step !== settings.steps) {
    const stage = { settings, spec, studies: job.training, until: settings.steps, secondsBefore: 0 };
    const resumed = own ?? (await prepared.common.take(stage));
    const plan = planFor(settings, { network, patch: patchDims(spec), labelled: settings.batch }).layOut(layoutFor(device, settings));
    const studies = job.training.map((one) => ({ ...one, channels: [one.channels[pet]] }));
    const { told } = await trainStage(
      {
        name: 'generator',
        network,
        spec,
        plan,
        planned: { settings, channels: 1, structures: spec.structures.length, device, teachers: { ct: null, pet: null } },
        start: initialParameters(network, random(settings.seed).fork('weights')),
        shares: prepared.shares,
        batches: { studies, spec, mirror: prepared.mirror, settings, unlabelled: null, cacheBytes: prepared.cacheBytes },
        unlabelledCases: [],
        folder,
        file: generatorFile,
        resumed,
        secondsBefore: stage.secondsBefore,
        threads,
        course: async () => supervisedCourse(plan, settings),
        validate: null,
      },
      talk,
    );
    if (told) await prepared.common.keep(stage, await readRun(path), told);
  }
  const { parameters: weights, trainedSeconds } = await readRun(path);
  return { network, weights, trainedSeconds };
}

/** MuDuo's networks for its course. @throws what reading a teacher's file may */
export async function companyOf(
  { teachers, training, device }: Pick<Job, 'teachers' | 'training' | 'device'>,
  generator: Pick<Generator, 'network' | 'weights'> | null,
): Promise<NonNullable<Company['muduo']>> {
  const pet = teachers.pet && (await loadSam(teachers.pet));
  if (pet && !generator) throw new Error('train: a PET teacher without a generator');
  return {
    ct: teachers.ct && (await loadSam(teachers.ct)),
    pet: pet && { ...pet, generator: generator as Pick<Generator, 'network' | 'weights'> },
    petChannel: teachers.pet ? channelOf(training[0], 'PET') : 0,
    form: formOf(device),
  };
}

/** One stage of a run: a network is trained by a course of lessons, from its start or its last checkpoint to its end or a stop. */
import type { CaseId, StudentSpec } from '../../../shared/domain';
import { random } from '../../../shared/random';
import type { PseudoLabelEntry } from '../../../shared/runs';
import type { Tensor } from '../../engine/tensor';
import { type StepPlan, TrainingStep } from '../../engine/trainStep';
import type { Course, Lesson, Load, Patches, Weights } from '../../methods/course';
import type { SavedRun } from '../../methods/training/checkpoint';
import { freshMemory, type LoopEnd, type StretchReport, trainingLoop, type Validation } from '../../methods/training/loop';
import { classWeights } from '../../methods/training/plan';
import type { Network } from '../../networks/network';
import type { Checkpoint, PlannedRun, TrainingStage } from '../jobData';
import { memoryError } from '../jobs/forecast';
import { startLoader } from '../loader';
import type { LoadedBatch, LoaderData } from '../loaderThread';
import { type JobContext, Stopped } from '../protocol';
import { checkpointFiles, inCurves } from './checkpointFiles';
import { sessionsAt } from './sessions';

export interface Stage {
  name: TrainingStage;
  /** What is trained, by which step, on which settings. The step's batch is the settings'. */
  network: Network;
  spec: StudentSpec;
  plan: StepPlan;
  planned: PlannedRun;
  /** The step it ends with; by default the settings' last. */
  until?: number;
  /** Parameters of a fresh start. */
  start: Weights;
  /** Share of every class among labelled voxels, for weights by class. */
  shares: readonly number[];
  batches: LoaderData;
  /** Ids of the cases that have none of the batches' labels. */
  unlabelledCases: readonly CaseId[];
  /** Where its checkpoints lie, the last one under this name. */
  folder: string;
  file: string;
  /** What was saved, if it goes on. */
  resumed: SavedRun | null;
  /** Seconds spent on stages before this one. */
  secondsBefore: number;
  threads: number;
  /** The method at work; `theta` gives the parameters of the moment. */
  course(theta: () => Weights, load: Load): Promise<Course>;
  validate: ((parameters: Weights) => Promise<Validation>) | null;
  /** Looks at cases after a step, with the parameters of the moment and whoever the method asks. */
  look?(step: number, parameters: () => Weights, course: Course): Promise<void>;
}
type Talk = JobContext<'train'>;

export interface StageEnd extends LoopEnd<Checkpoint> {
  /** All its stretches; null of a stage that was resumed, for earlier ones were told by others. */
  told: StretchReport[] | null;
}

/** Trains, telling of every stretch and checkpoint. @throws Stopped once the last checkpoint is saved */
export async function trainStage(stage: Stage, talk: Talk): Promise<StageEnd> {
  const { plan, planned, resumed, threads, network } = stage;
  const { settings, device } = planned;
  const until = stage.until ?? settings.steps;
  const outOfMemory = (error: unknown) => {
    throw memoryError(error, plan, planned);
  };
  const sessions = sessionsAt({ device, threads });
  let step: TrainingStep | null = null;
  const theta = (): Weights => {
    const now = (step as TrainingStep).parameters();
    return new Map(network.parameters.map(({ name }) => [name, now.get(name) as Tensor]));
  };
  const loader = startLoader(stage.batches, until);
  try {
    const course = await stage.course(theta, sessions.load).catch(outOfMemory);
    const student = resumed?.parameters ?? stage.start;
    const start = new Map([...student, ...course.beside(student), ...(resumed?.slots ?? [])]);
    step = await TrainingStep.open(plan, start, { device, threads }).catch(outOfMemory);
    const opened = step;
    const files = checkpointFiles({ ...stage, step: opened }, talk);
    if (resumed) await files.recall(resumed);
    const ledger = pseudoLabelLedger(stage, talk);
    const told: StretchReport[] | null = resumed ? null : [];

    const end = await trainingLoop<LoadedBatch, { inputs: Record<string, Tensor>; reports: Record<string, number> }, Checkpoint>({
      trained: stage.name,
      done: resumed?.step ?? 0,
      steps: settings.steps,
      until,
      memory: resumed?.memory ?? freshMemory,
      validateEvery: settings.validateEvery,
      checkpointEvery: settings.checkpointEvery,
      stopped: () => talk.stopped,
      inputs: (t) => loader.batch(t),
      async lesson(batch, t) {
        const lesson = await course.lesson(patchesOf(batch, stage), t);
        const scalars = course.schedule(t - 1);
        ledger.add(t, lesson);
        return {
          inputs: { ...lesson.inputs, ...scalarInputs(scalars), ...drawnInputs(stage, t), ...weightInputs(stage, t) },
          reports: { ...lesson.reports, ...scalars },
        };
      },
      async update({ inputs, reports }) {
        const losses = await opened.run(inputs).catch(outOfMemory);
        await talk.breathe();
        return { ...losses, ...reports };
      },
      broken: () => opened.firstNotFinite(),
      validate: stage.validate && (() => (stage.validate as NonNullable<Stage['validate']>)(theta())),
      look: stage.look && (async (at) => stage.look?.(at, theta, course)),
      save: files.save,
      onSteps({ secondsLeft, busy, ...stretch }) {
        told?.push(stretch);
        talk.report({
          kind: 'steps',
          stage: stage.name,
          ...inCurves(stage.name, stretch),
          secondsLeft: toTheEnd(stage, secondsLeft),
          busy,
        });
        ledger.tell();
      },
      onValidation: (at, validation) => talk.report({ kind: 'validation', step: at, ...validation }),
    });
    if (end.stopped) throw new Stopped();
    return { ...end, told };
  } finally {
    await loader.close();
    await sessions.release();
    await step?.close();
  }
}

/** How long other stages will take is not known while this one is trained. */
const toTheEnd = ({ name, until }: Stage, secondsLeft: number) => (name === 'student' && until === undefined ? secondsLeft : null);

function patchesOf({ image, label, unlabelled }: LoadedBatch, { spec, planned, batches }: Stage): Patches {
  const [i, j, k] = spec.patch;
  const [channels, sides] = [spec.channels.length, [k, j, i]];
  const { batch } = planned.settings;
  const count = batches.unlabelled?.settings.unlabelled ?? 0;
  return {
    labelled: { image: { dims: [batch, channels, ...sides], data: image }, label: { dims: [batch, ...sides], data: label } },
    unlabelled: unlabelled && {
      cases: unlabelled.cases,
      student: { dims: [count, channels, ...sides], data: unlabelled.student },
      plain: { dims: [count, channels, ...sides], data: unlabelled.plain },
      views: unlabelled.views.map((data) => ({ dims: [count, 1, ...sides], data })),
    },
  };
}

const scalarInputs = (scalars: Readonly<Record<string, number>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, { dims: [], data: Float32Array.of(value) }]));

/** Masks of dropout, from a stream of their own for every step and mask, so that a resumed run drops the same activations. */
function drawnInputs({ plan, planned }: Stage, t: number): Record<string, Tensor> {
  const masks = Object.entries(plan.inputs).flatMap(([name, { dims, keep }]) => {
    if (keep === undefined) return [];
    const stream = random(planned.settings.seed).fork(`${name} ${t}`);
    const limit = keep * 2 ** 32;
    const data = Uint8Array.from({ length: dims.reduce((product, n) => product * n, 1) }, () => (stream.next() < limit ? 1 : 0));
    return [[name, { dims, data }] as const];
  });
  return Object.fromEntries(masks);
}

function weightInputs({ planned: { settings }, shares }: Stage, t: number): Record<string, Tensor> {
  if (settings.balance === 0) return {};
  return { classWeights: { dims: [shares.length], data: classWeights(shares, settings.balance, t - 1, settings.steps) } };
}

/** What methods make of unlabelled patches, handed on with every stretch. */
function pseudoLabelLedger({ unlabelledCases, spec }: Stage, talk: Talk) {
  let entries: PseudoLabelEntry[] = [];
  return {
    add(step: number, { pseudoLabels = [] }: Lesson): void {
      for (const { patch, case: at, structure, agreement, weight } of pseudoLabels) {
        entries.push({
          step,
          patch,
          case: unlabelledCases[at],
          structure: spec.structures[structure - 1],
          agreement,
          isKept: weight > 0,
          weight,
        });
      }
    },
    tell(): void {
      if (entries.length > 0) talk.report({ kind: 'pseudoLabels', entries });
      entries = [];
    },
  };
}

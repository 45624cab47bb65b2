/** Predicts what a run will cost: memory from its plan, time from real steps, or from a run that trains where the machine is taken. */
import { freemem, totalmem } from 'node:os';
import { appError, sentenceOf } from '../../../shared/errors';
import { type MethodSettings, onLabelsAlone, stepsAlone, unlabelledSettings } from '../../../shared/methods';
import type { CommonSettings, Device, Forecast, TrainSettings } from '../../../shared/runs';
import { workOf } from '../../engine/cost';
import type { StepPlan } from '../../engine/trainStep';
import { planFor } from '../../methods/courses';
import { widthsFrom } from '../../methods/training/plan';
import { parameterCount } from '../../networks/network';
import { unet3d } from '../../networks/unet3d';
import { formOf } from '../devices';
import type { PlannedRun } from '../jobData';
import type { JobCode } from '../protocol';
import { type Extent, predictStep } from '../stepTime';
import { type Asking, askingOf } from '../training/asking';
import { mostLooks } from '../training/moments';

/** What the process needs besides the step: Node, runtime, loader thread, prepared cases of a small project. */
const baseBytes = 300e6;
/** Memory for each byte that crosses the step's border: beside it the arena keeps gradients and turned kernels, in gaps of their sizes. */
const borderShare = 2.9;
/** Memory the runtime takes from the system for each byte of values alive at once in a training step, and in what answers a single time. */
const arenaShare = { step: 1.05, answer: 1.4 };

/** A case that is looked at takes as long as so many lessons: the student sees all of it, and whoever is asked what it found there. */
const lessonsPerLook = 2.5;

type Shape = Pick<TrainSettings, 'width' | 'patch' | 'batch' | 'recompute'>;

export const forecast: JobCode<'forecast'> = async ({ threads, ...planned }) => {
  const { settings, device } = planned;
  const where = { device, threads };
  const asking = await askingOf(planned);
  // What is timed is a step on as many labelled patches as the student sees in all; the method's own step takes as much longer as it is more work.
  const whole = { ...extentOf(settings), batch: settings.batch + (unlabelledSettings(settings)?.unlabelled ?? 0) };
  const timedPlan = planner({ ...planned, settings: onLabelsAlone<CommonSettings>(settings) });
  const seconds = await predictStep(networkFor(planned, settings), whole, (extent) => timedPlan(settings, extent), where);
  const perWork = seconds / workOf(timedPlan(settings, whole).cost);
  const { stepWork, aloneWork, generatorWork } = partsOf(planned, asking);
  const lessonSeconds = (await asking?.time(where)) ?? 0;
  return forecastFor(
    planned,
    asking,
    { ownSeconds: perWork * stepWork, lessonSeconds, aloneSeconds: perWork * aloneWork, generatorSeconds: perWork * generatorWork },
    freemem(),
    `on ${device === 'cpu' ? `${threads} CPU threads` : device}.`,
  );
};

/**
 * The forecast without a measurement: a step takes as much longer than the other run's as it is more work. What that run holds is free when
 * this one starts.
 */
export const estimate: JobCode<'estimate'> = async ({ beside, ...planned }) => {
  const [asking, othersAsking] = [await askingOf(planned), await askingOf(beside)];
  const [parts, other] = [partsOf(planned, asking), partsOf(beside, othersAsking)];
  const perWork = beside.stepSeconds / (other.stepWork + other.askedWork);
  const times = {
    ownSeconds: perWork * parts.stepWork,
    lessonSeconds: perWork * parts.askedWork,
    aloneSeconds: perWork * parts.aloneWork,
    generatorSeconds: perWork * parts.generatorWork,
  };
  const freeBytes = Math.min(totalmem(), freemem() + bytesOf(planner(beside)(beside.settings)) + askedBytes(othersAsking));
  return forecastFor(planned, asking, times, freeBytes, 'by the pace of the run that trains now: an estimate, nothing was measured.');
};

/** The work of one step: the student's own, of whom it asks, of one on labels alone, and of a prompt generator's step before it all. */
function partsOf(planned: PlannedRun, asking: Asking | null) {
  const { settings } = planned;
  return {
    stepWork: workOf(planner(planned)(settings).cost),
    askedWork: asking?.work ?? 0,
    aloneWork: stepsAlone(settings) > 0 ? workOf(planner(aloneOf(planned))(settings).cost) : 0,
    generatorWork: generatorSteps(planned) > 0 ? workOf(planner(generatorOf(planned))(settings).cost) : 0,
  };
}

/** What comes before unlabelled patches join, as a run of its own; and so a prompt generator's training. */
const aloneOf = (planned: PlannedRun): PlannedRun => ({ ...planned, settings: onLabelsAlone<CommonSettings>(planned.settings) });
const generatorOf = (planned: PlannedRun): PlannedRun => ({ ...aloneOf(planned), channels: 1 });
const generatorSteps = ({ settings, teachers }: PlannedRun): number =>
  settings.method === 'muduo' && teachers.pet ? settings.muduo.generatorSteps : 0;

/** Seconds of a student's step by itself and of the lesson before it, of a step on labels alone, and of one of a prompt generator. */
type Times = Record<'ownSeconds' | 'lessonSeconds' | 'aloneSeconds' | 'generatorSeconds', number>;

function forecastFor(
  planned: PlannedRun,
  asking: Asking | null,
  { ownSeconds, lessonSeconds, aloneSeconds, generatorSeconds }: Times,
  freeBytes: number,
  how: string,
): Forecast {
  const { settings } = planned;
  const planOf = planner(planned);
  const needs = (shape: Shape) => bytesOf(planOf(shape)) + askedBytes(asking);
  const memoryBytes = needs(settings);
  const fits = memoryBytes <= freeBytes;
  const alone = stepsAlone(settings);
  const stepSeconds = ownSeconds + lessonSeconds;
  const totalSeconds =
    generatorSeconds * generatorSteps(planned) +
    aloneSeconds * alone +
    stepSeconds * (settings.steps - alone) +
    lessonSeconds * lessonsPerLook * mostLooks(settings);
  return {
    stepSeconds,
    totalSeconds,
    memoryBytes,
    freeBytes,
    parameters: parameterCount(networkFor(planned, settings)),
    fits,
    sentence: fits
      ? `Fits: ${gigabytes(memoryBytes)} of ${gigabytes(freeBytes)}, about ${duration(totalSeconds)} ${how}`
      : `Needs ${gigabytes(memoryBytes)}, but ${gigabytes(freeBytes)} is free. ${whatFits(settings, freeBytes, needs)}`,
  };
}

/** Memory that those who are asked take beside the step. Large weights are mapped from their file, and kept once. */
export const askedBytes = (asking: Pick<Asking, 'weightBytes' | 'peakBytes'> | null): number =>
  asking ? asking.weightBytes + arenaShare.answer * asking.peakBytes : 0;

/** Peak memory of the process that trains by this plan, in bytes: measured within a quarter, see docs/benchmarks.md. */
export const bytesOf = ({ cost }: { cost: Pick<StepPlan['cost'], 'peakBytes' | 'borderBytes'> }): number =>
  baseBytes + arenaShare.step * cost.peakBytes + borderShare * cost.borderBytes;

/**
 * The sentence for a step that ran out of memory after all, with the plan that would fit into half of what is free; any other error as it is.
 * The runtime says `bad_alloc` or that it failed to allocate.
 */
export function memoryError(error: unknown, plan: Parameters<typeof bytesOf>[0], planned: PlannedRun): unknown {
  if (!/bad_alloc|failed to allocate|out of memory/i.test(sentenceOf(error))) return error;
  const free = Math.min(freemem(), bytesOf(plan));
  const planOf = planner(planned);
  return appError(
    'PLAN_TOO_LARGE',
    gigabytes(bytesOf(plan)),
    gigabytes(freemem()),
    whatFits(planned.settings, free / 2, (shape) => bytesOf(planOf(shape))),
  );
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
const extentOf = ({ patch: [i, j, k], batch }: Shape): Extent => ({ patch: [k, j, i], batch });
const networkFor = ({ channels, structures }: PlannedRun, { width }: Pick<TrainSettings, 'width'>) =>
  unet3d({ inChannels: channels, classes: structures + 1, widths: widthsFrom(width) });
/** Plans of a run's steps, by shape and by part of the batch; none is made twice while it is remembered. */
function planner(planned: PlannedRun) {
  const { settings, device } = planned;
  return (shape: Shape, { patch, batch }: Extent = extentOf(shape)): StepPlan => {
    const { width, recompute } = shape;
    const key = JSON.stringify([{ ...planned, settings: { ...settings, name: '', width, recompute } }, patch, batch]);
    const known = made.get(key);
    if (known) return known;
    const config = { network: networkFor(planned, shape), patch, labelled: batch };
    const plan = planFor(settings, config).layOut(layoutFor(device, { ...settings, ...shape }));
    if (made.size >= mostMade) made.clear();
    made.set(key, plan);
    return plan;
  };
}
/** A plan takes a tenth of a second to make, and a forecast asks for the same one several times. */
const made = new Map<string, StepPlan>();
const mostMade = 8;

/** How a run's steps are laid out. */
export const layoutFor = (device: Device, { recompute, precision }: Pick<TrainSettings, 'recompute' | 'precision'>) => ({
  form: formOf(device),
  recompute,
  precision,
});

/** The largest smaller plan of the same kind: the same with activations made again, then a smaller batch, then a smaller patch. */
function whatFits(settings: Shape & MethodSettings, freeBytes: number, needs: (shape: Shape) => number): string {
  if (!settings.recompute && needs({ ...settings, recompute: true }) <= freeBytes) {
    return 'It would fit if activations were made again instead of kept (“Save memory”, `--recompute`).';
  }
  for (let { batch, patch } = settings; ; ) {
    if (batch > 1) batch = Math.floor(batch / 2);
    // The patch of a student that asks teachers is theirs.
    else if (settings.method !== 'muduo' && patch.some((side) => side > 16))
      patch = patch.map((side) => Math.max(16, side - 16)) as TrainSettings['patch'];
    else return 'Choose a narrower network, or close other programs.';
    if (needs({ ...settings, batch, patch }) <= freeBytes) return `A batch of ${batch} with patches of ${patch.join('×')} would fit.`;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

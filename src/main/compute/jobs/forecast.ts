/** Predicts what a run will cost: memory from its plan, time from real steps, or from a run that trains where the machine is taken. */
import { freemem, totalmem } from 'node:os';
import type { Device, Forecast, TrainSettings } from '../../../shared/domain';
import { appError, sentenceOf } from '../../../shared/errors';
import { workOf } from '../../engine/cost';
import type { StepPlan } from '../../engine/trainStep';
import { supervised } from '../../methods/supervised';
import { widthsFrom } from '../../methods/training/plan';
import { parameterCount } from '../../networks/network';
import { unet3d } from '../../networks/unet3d';
import { formOf } from '../devices';
import type { JobCode, PlannedRun } from '../protocol';
import { type Extent, predictStep } from '../stepTime';

/** What the process needs besides the step: Node, runtime, loader thread, prepared cases of a small project. */
const baseBytes = 260e6;
/** Memory the runtime takes from the system for each byte of values alive at once: its arena grows in powers of two and leaves gaps. */
const arenaShare = 1.4;

type Shape = Pick<TrainSettings, 'width' | 'patch' | 'batch' | 'recompute'>;

export const forecast: JobCode<'forecast'> = async ({ threads, ...planned }) => {
  const { settings, device } = planned;
  const planOf = planner(planned);
  const plan = planOf(settings);
  const whole = extentOf(settings);
  const partPlan = (extent: Extent) => (extent === whole ? plan : planOf(settings, extent));
  const seconds = await predictStep(networkFor(planned, settings), whole, partPlan, { device, threads });
  return forecastFor(planned, plan, seconds, freemem(), `on ${device === 'cpu' ? `${threads} CPU threads` : device}.`);
};

/**
 * The forecast without a measurement: a step takes as much longer than the other run's as it is more work. What that run holds is free when
 * this one starts.
 */
export const estimate: JobCode<'estimate'> = async ({ beside, ...planned }) => {
  const plan = planner(planned)(planned.settings);
  const other = planner(beside)(beside.settings);
  const seconds = (beside.stepSeconds * workOf(plan.cost)) / workOf(other.cost);
  const freeBytes = Math.min(totalmem(), freemem() + bytesOf(other));
  return forecastFor(planned, plan, seconds, freeBytes, 'by the pace of the run that trains now: an estimate, nothing was measured.');
};

function forecastFor(planned: PlannedRun, plan: StepPlan, stepSeconds: number, freeBytes: number, how: string): Forecast {
  const { settings } = planned;
  const planOf = planner(planned);
  const memoryBytes = bytesOf(plan);
  const fits = memoryBytes <= freeBytes;
  const totalSeconds = stepSeconds * settings.steps;
  return {
    stepSeconds,
    totalSeconds,
    memoryBytes,
    freeBytes,
    parameters: parameterCount(networkFor(planned, settings)),
    fits,
    sentence: fits
      ? `Fits: ${gigabytes(memoryBytes)} of ${gigabytes(freeBytes)}, about ${duration(totalSeconds)} ${how}`
      : `Needs ${gigabytes(memoryBytes)}, but ${gigabytes(freeBytes)} is free. ${whatFits(settings, freeBytes, (shape) => bytesOf(planOf(shape)))}`,
  };
}

/** Peak memory of the process that trains by this plan, in bytes: measured within a quarter, see docs/benchmarks.md. */
export const bytesOf = ({ cost }: { cost: Pick<StepPlan['cost'], 'peakBytes' | 'borderBytes'> }): number =>
  baseBytes + arenaShare * cost.peakBytes + cost.borderBytes;

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
const planner =
  (planned: PlannedRun) =>
  (shape: Shape, { patch, batch }: Extent = extentOf(shape)): StepPlan => {
    const { settings, device } = planned;
    return supervised
      .plan({ network: networkFor(planned, shape), patch, batch, weighted: settings.balance > 0 }, settings)
      .layOut(layoutFor(device, { ...settings, ...shape }));
  };

/** How a run's steps are laid out. */
export const layoutFor = (device: Device, { recompute, precision }: Pick<TrainSettings, 'recompute' | 'precision'>) => ({
  form: formOf(device),
  recompute,
  precision,
});

/** The largest smaller plan of the same kind: the same with activations made again, then a smaller batch, then a smaller patch. */
function whatFits(settings: Shape, freeBytes: number, needs: (shape: Shape) => number): string {
  if (!settings.recompute && needs({ ...settings, recompute: true }) <= freeBytes) {
    return 'It would fit if activations were made again instead of kept (“Save memory”, `--recompute`).';
  }
  for (let { batch, patch } = settings; ; ) {
    if (batch > 1) batch = Math.floor(batch / 2);
    else if (patch.some((side) => side > 16)) patch = patch.map((side) => Math.max(16, side - 16)) as TrainSettings['patch'];
    else return 'Choose a narrower network, or close other programs.';
    if (needs({ ...settings, batch, patch }) <= freeBytes) return `A batch of ${batch} with patches of ${patch.join('×')} would fit.`;
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

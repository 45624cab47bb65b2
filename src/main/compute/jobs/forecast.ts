/** Predicts what a run will cost by timing a few real steps of it, or of a smaller one where the real one would take too long. */
import { freemem } from 'node:os';
import type { Device, TrainSettings } from '../../../shared/domain';
import { appError, sentenceOf } from '../../../shared/errors';
import { random } from '../../../shared/random';
import { type StepPlan, TrainingStep } from '../../engine/trainStep';
import { supervised } from '../../methods/supervised';
import { widthsFrom } from '../../methods/training/plan';
import { initialParameters, type Network, parameterCount } from '../../networks/network';
import { unet3d } from '../../networks/unet3d';
import { formOf, noiseFor } from '../devices';
import type { JobCode, Spec } from '../protocol';

/** A step up to this much work is timed as it is: about two seconds on two slow cores. */
const probeFlops = 60e9;
const probePatch = 32;
/** What the process needs besides the step: Node, runtime, loader thread, prepared cases of a small project. */
const baseBytes = 260e6;
/** Memory the runtime takes from the system for each byte of values alive at once: its arena grows in powers of two and leaves gaps. */
const arenaShare = 1.4;

type Shape = Pick<TrainSettings, 'width' | 'patch' | 'batch' | 'recompute'>;

export const forecast: JobCode<'forecast'> = async ({ settings, channels, structures, threads, device }) => {
  const student = networkFor(settings, channels, structures);
  const planOf = planner(settings, channels, structures, device);
  const plan = planOf(settings);
  const small = plan.cost.flops <= probeFlops ? null : planOf({ ...settings, patch: [probePatch, probePatch, probePatch], batch: 1 });
  const probe = small ?? plan;
  const stepSeconds = ((await timeStep(probe, student, device, threads)) * plan.cost.flops) / probe.cost.flops;

  const memoryBytes = bytesOf(plan);
  const freeBytes = freemem();
  const fits = memoryBytes <= freeBytes;
  const totalSeconds = stepSeconds * settings.steps;
  return {
    stepSeconds,
    totalSeconds,
    memoryBytes,
    freeBytes,
    parameters: parameterCount(student),
    fits,
    sentence: fits
      ? `Fits: ${gigabytes(memoryBytes)} of ${gigabytes(freeBytes)}, about ${duration(totalSeconds)} on ${device === 'cpu' ? `${threads} CPU threads` : device}.`
      : `Needs ${gigabytes(memoryBytes)}, but ${gigabytes(freeBytes)} is free. ${whatFits(settings, freeBytes, (shape) => bytesOf(planOf(shape)))}`,
  };
};

/** Peak memory of the process that trains by this plan, in bytes: measured within a quarter, see docs/benchmarks.md. */
export const bytesOf = ({ cost }: Pick<StepPlan, 'cost'>): number => baseBytes + arenaShare * cost.peakBytes + cost.borderBytes;

/**
 * The sentence for a step that ran out of memory after all, with the plan that would fit into half of what is free; any other error as it is.
 * The runtime says `bad_alloc` or that it failed to allocate.
 */
export function memoryError(error: unknown, plan: Pick<StepPlan, 'cost'>, { settings, channels, structures, device }: Planned): unknown {
  if (!/bad_alloc|failed to allocate|out of memory/i.test(sentenceOf(error))) return error;
  const free = Math.min(freemem(), bytesOf(plan));
  const planOf = planner(settings, channels, structures, device);
  return appError(
    'PLAN_TOO_LARGE',
    gigabytes(bytesOf(plan)),
    gigabytes(freemem()),
    whatFits(settings, free / 2, (shape) => bytesOf(planOf(shape))),
  );
}
export type Planned = Pick<Spec<'forecast'>, 'settings' | 'channels' | 'structures' | 'device'>;

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
const networkFor = ({ width }: Pick<TrainSettings, 'width'>, channels: number, structures: number) =>
  unet3d({ inChannels: channels, classes: structures + 1, widths: widthsFrom(width) });
const planner = (settings: TrainSettings, channels: number, structures: number, device: Device) => (shape: Shape) => {
  const {
    patch: [i, j, k],
    batch,
    recompute,
  } = shape;
  const network = networkFor(shape, channels, structures);
  return supervised
    .plan({ network, patch: [k, j, i], batch, weighted: settings.balance > 0 }, settings)
    .layOut({ form: formOf(device), recompute });
};

/** Median seconds of three steps on noise, after one to warm up. */
export async function timeStep(plan: StepPlan, network: Network, device: Device, threads: number): Promise<number> {
  const step = await TrainingStep.open(plan, initialParameters(network, random(1)), { device, threads });
  try {
    const inputs = noiseFor(plan);
    const seconds: number[] = [];
    for (let at = 0; at < 4; at++) {
      const start = performance.now();
      await step.run(inputs);
      if (at > 0) seconds.push((performance.now() - start) / 1000);
    }
    return seconds.sort((a, b) => a - b)[1];
  } finally {
    await step.close();
  }
}

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

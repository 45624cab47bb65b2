/** Predicts what a run will cost by timing a few real steps of it, or of a smaller one where the real one would take too long. */
import { freemem } from 'node:os';
import type { TrainSettings } from '../../../shared/domain';
import { random } from '../../../shared/random';
import { type StepPlan, TrainingStep } from '../../engine/trainStep';
import { supervised } from '../../methods/supervised';
import { widthsFrom } from '../../methods/training/plan';
import { initialParameters, type Network, parameterCount } from '../../networks/network';
import { unet3d } from '../../networks/unet3d';
import type { JobCode } from '../protocol';

/** A step up to this much work is timed as it is: about two seconds on two slow cores. */
const probeFlops = 60e9;
const probePatch = 32;
/** What the process needs besides the step: Node, runtime, loader thread, prepared cases of a small project. */
const baseBytes = 260e6;
/** Peak memory of a step against the sum of values alive at once: measured 1.6 at width 16 on 64³ and 2.0 at width 8 on 48³, the rest is the runtime's scratch space. */
const scratch = 1.8;

type Shape = Pick<TrainSettings, 'width' | 'patch' | 'batch'>;

export const forecast: JobCode<'forecast'> = async ({ settings, channels, structures, threads }) => {
  const network = { inChannels: channels, classes: structures + 1, widths: widthsFrom(settings.width) };
  const student = unet3d(network);
  const planOf = ({ patch: [i, j, k], batch }: Shape) =>
    supervised.plan({ network, patch: [k, j, i], batch, weighted: settings.balance > 0 }, settings);
  const plan = planOf(settings);
  const small = plan.cost.flops <= probeFlops ? null : planOf({ ...settings, patch: [probePatch, probePatch, probePatch], batch: 1 });
  const probe = small ?? plan;
  const stepSeconds = ((await timeStep(probe, student, threads)) * plan.cost.flops) / probe.cost.flops;

  const memoryBytes = bytesOf(plan);
  const freeBytes = freemem();
  const fits = memoryBytes <= freeBytes;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const totalSeconds = stepSeconds * settings.steps;
  return {
    stepSeconds,
    totalSeconds,
    memoryBytes,
    freeBytes,
    parameters: parameterCount(student),
    fits,
    sentence: fits
      ? `Fits: ${gigabytes(memoryBytes)} of ${gigabytes(freeBytes)}, about ${duration(totalSeconds)} on ${threads} CPU threads.`
      : `Needs ${gigabytes(memoryBytes)}, but ${gigabytes(freeBytes)} is free. ${whatFits(settings, freeBytes, (shape) => bytesOf(planOf(shape)))}`,
  };
};

const bytesOf = ({ cost }: StepPlan): number => baseBytes + scratch * cost.peakBytes;

/** Median seconds of three steps on noise, after one to warm up. */
async function timeStep(plan: StepPlan, network: Network, threads: number): Promise<number> {
  const step = await TrainingStep.open(plan, initialParameters(network, random(1)), { device: 'cpu', threads });
  try {
    const stream = random(2);
    const inputs = Object.fromEntries(
      Object.entries(plan.inputs).map(([name, { dims, dtype }]) => {
        const length = dims.reduce((product, n) => product * n, 1);
        const data =
          dtype === 'uint8' ? new Uint8Array(length) : Float32Array.from({ length }, () => (name === 'rate' ? 0.001 : stream.normal()));
        return [name, { dims, data }];
      }),
    );
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

/** The largest smaller plan of the same kind: a smaller batch first, then a smaller patch. */
function whatFits(settings: Shape, freeBytes: number, needs: (shape: Shape) => number): string {
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

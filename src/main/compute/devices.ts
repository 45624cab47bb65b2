/** Devices put to the test: a few steps of a tiny 3D U-Net on each, compared with the processor's, and timed. */
import { createRequire } from 'node:module';
import { availableParallelism, cpus, platform, release } from 'node:os';
import { sentenceOf } from '../../shared/errors';
import { random } from '../../shared/random';
import type { Device, TrainSettings } from '../../shared/runs';
import { builtFor } from '../engine/session';
import { sizeOf, type Tensor, zeros } from '../engine/tensor';
import { type Layout, type StepPlan, TrainingStep } from '../engine/trainStep';
import { supervisedStep } from '../methods/supervised';
import { initialParameters } from '../networks/network';
import { unet3d } from '../networks/unet3d';
import type { DeviceTrial } from './jobData';
import type { JobCode } from './protocol';

/** How a device wants its steps. */
export const formOf = (device: Device): Layout['form'] => (device === 'cpu' ? 'cpu' : 'gpu');

type Precision = TrainSettings['precision'];
/** Largest difference from the processor's numbers in full precision that rounding explains, relative to the largest number of a tensor. */
const tolerance: Record<Precision, number> = { full: 1e-3, mixed: 0.02 };
/** A device that needs longer than this for the tiny step is not asked for a real one. */
const patientSeconds = 0.25;

export const testDevice: JobCode<'testDevice'> = async ({ device, threads, program, precision }) => {
  const facts = { device, name: nameOf(device), versions: versionsOf(program) };
  const unready = (state: 'refused' | 'wrong', sentence: string): DeviceTrial => ({ ...facts, state, sentence, gigaflopsPerSecond: null });
  const missing = missingFor(device);
  if (missing) return unready('refused', missing);
  // Outside the attempt: what fails here is a bug of this program, not the device's.
  const here = await twoSteps({ device: 'cpu', threads, precision: 'full' });
  void planFor({ device, precision }, tiny).model;
  let difference: number;
  let gigaflopsPerSecond: number;
  try {
    const there = device === 'cpu' && precision === 'full' ? here : await twoSteps({ device, threads, precision });
    difference = differenceOf(there.numbers, here.numbers);
    if (!(difference <= tolerance[precision])) {
      return unready(
        'wrong',
        `Its numbers differ from the processor's by ${difference.toExponential(1)}: update its driver, or use another device.`,
      );
    }
    gigaflopsPerSecond = await speedOf({ device, threads, precision }, there.seconds);
  } catch (error) {
    const help = precision === 'mixed' ? 'It cannot compute in 16 bits.' : helpFor[device];
    return unready('refused', `${help} The runtime said: ${reasonOf(error)}.`);
  }
  const speed = `${gigaflopsPerSecond.toPrecision(2)} GFLOP/s`;
  const sentence =
    device === 'cpu' && precision === 'full'
      ? `The processor itself, ${speed}.`
      : `Trains like the processor (largest difference ${difference.toExponential(1)}), ${speed}.`;
  return { ...facts, state: 'ready', sentence, gigaflopsPerSecond };
};

/** The end of the runtime's message, which says what went wrong; before it come places in its source. */
const reasonOf = (error: unknown): string => (sentenceOf(error).trim().split('\n')[0].split(': ').at(-1) ?? '').replace(/\.$/, '');

/** What keeps a device from being tried at all, or null. */
function missingFor(device: Device): string | null {
  const system = platform();
  if (device === 'dml' && system !== 'win32') return 'DirectML exists on Windows only; use another device here.';
  if (device === 'coreml' && system !== 'darwin') return 'Core ML exists on macOS only; use another device here.';
  if (device === 'cuda' && system === 'darwin') return 'CUDA needs an NVIDIA card under Linux or Windows; use another device here.';
  return builtFor(device) ? null : helpFor[device];
}

const helpFor: Record<Device, string> = {
  cpu: 'The processor cannot run the runtime; install the program again.',
  webgpu:
    'No graphics driver that WebGPU can use was found: on Linux install libvulkan1 and the Vulkan driver of your card, elsewhere update its driver.',
  cuda: 'CUDA cannot be used: with an NVIDIA card and its driver, run `ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install`, then start the program again.',
  dml: 'DirectML cannot be used: update Windows and the driver of your graphics card.',
  coreml: 'Core ML cannot be used: update macOS.',
};

/** Width and patch side of the step that is compared, and of the one that is timed. */
type Size = readonly [width: number, side: number];
const tiny: Size = [2, 16];
const timed: Size = [8, 32];

interface Place {
  device: Device;
  threads: number;
  precision: Precision;
}
const planFor = ({ device, precision }: Omit<Place, 'threads'>, [width, side]: Size): StepPlan =>
  supervisedStep({ ...shapeOf(width), patch: [side, side, side], batch: 1, momentum: 0.9, weightDecay: 0, dropout: 0 }).layOut({
    form: formOf(device),
    precision,
  });
const shapeOf = (width: number) => ({
  network: unet3d({ inChannels: 1, classes: 2, widths: [1, 1, 2, 2, 4].map((times) => times * width) }),
});

async function withStep<T>(place: Place, size: Size, work: (step: () => Promise<number>, open: TrainingStep) => Promise<T>): Promise<T> {
  const plan = planFor(place, size);
  const open = await TrainingStep.open(plan, initialParameters(shapeOf(size[0]).network, random(1)), place);
  const inputs = noiseFor(plan);
  try {
    return await work(async () => (await open.run(inputs)).loss, open);
  } finally {
    await open.close();
  }
}

/** Losses and parameters of two steps, and the seconds of the second. */
const twoSteps = (place: Place) =>
  withStep(place, tiny, async (step, open) => {
    const first = await step();
    const began = performance.now();
    const second = await step();
    const seconds = (performance.now() - began) / 1000;
    const losses: [string, Tensor] = ['losses', { dims: [2], data: Float32Array.of(first, second) }];
    return { numbers: new Map([losses, ...open.state()]), seconds };
  });

async function speedOf(place: Place, tinySeconds: number): Promise<number> {
  if (tinySeconds > patientSeconds) return planFor(place, tiny).cost.flops / tinySeconds / 1e9;
  return withStep(place, timed, async (step) => {
    await step();
    const seconds: number[] = [];
    for (let i = 0; i < 3; i++) {
      const began = performance.now();
      await step();
      seconds.push((performance.now() - began) / 1000);
    }
    return planFor(place, timed).cost.flops / Math.min(...seconds) / 1e9;
  });
}

/** Numbers for every input of a step: normal for reals (0.001 for the rate), 0 for whole numbers. */
export function noiseFor(plan: StepPlan): Record<string, Tensor> {
  const stream = random(2);
  return Object.fromEntries(
    Object.entries(plan.inputs).map(([name, { dims, dtype }]) => {
      const data = zeros(dtype, sizeOf(dims));
      if (data instanceof Float32Array) for (let i = 0; i < data.length; i++) data[i] = dims.length === 0 ? 0.001 : stream.normal();
      return [name, { dims, data }];
    }),
  );
}

/**
 * Largest disagreement of any tensor, relative to its largest number; infinite where something is not a number. Tensors of rounding alone,
 * such as the slope of a bias before a normalisation, are measured against a thousandth of the largest number of all.
 */
function differenceOf(came: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>): number {
  const largest = (data: Tensor['data']) => {
    let size = 0;
    for (const x of data) size = Math.max(size, Math.abs(Number(x)));
    return size;
  };
  const floor = 1e-3 * Math.max(...[...expected.values()].map(({ data }) => largest(data)));
  let worst = 0;
  for (const [name, { data }] of expected) {
    const other = came.get(name)?.data ?? [];
    let away = 0;
    for (let i = 0; i < data.length; i++) {
      const distance = Math.abs(Number(other[i]) - Number(data[i]));
      if (!(distance < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
      away = Math.max(away, distance);
    }
    worst = Math.max(worst, away / Math.max(largest(data), floor));
  }
  return worst;
}

const processor = () => cpus()[0]?.model.trim() || 'unknown processor';
const providerNames: Record<Exclude<Device, 'cpu'>, string> = { webgpu: 'WebGPU', cuda: 'CUDA', dml: 'DirectML', coreml: 'Core ML' };
const nameOf = (device: Device): string => (device === 'cpu' ? processor() : providerNames[device]);

function versionsOf(program: string): DeviceTrial['versions'] {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  const { node, electron = null } = process.versions as { node: string; electron?: string };
  return {
    onnxruntime: version,
    program,
    node,
    electron,
    system: `${platform()} ${release()}`,
    processor: processor(),
    cores: availableParallelism(),
  };
}

/** Device, driver and versions in one line, for the record of a run. */
export function describeDevice(device: Device, threads: number, program: string): string {
  const { onnxruntime, node, electron, system } = versionsOf(program);
  const runtime = electron ? `Electron ${electron}` : `Node ${node}`;
  const where = device === 'cpu' ? `CPU ${processor()}` : `${nameOf(device)} beside ${processor()}`;
  return `${where}, ${threads} threads, ${system}, onnxruntime ${onnxruntime}, Understudy ${program}, ${runtime}`;
}

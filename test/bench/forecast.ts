/** What is predicted of a training step, in memory and time, against what a fresh process then takes. BENCH_SUBJECT measures only some plans. */
import { readFileSync } from 'node:fs';
import { bytesOf } from '../../src/main/compute/jobs/forecast';
import { type Extent, predictStep, timeStep } from '../../src/main/compute/stepTime';
import { supervisedStep } from '../../src/main/methods/supervised';
import { initialParameters } from '../../src/main/networks/network';
import { type StudentSpec, studentNetwork } from '../../src/main/networks/students';
import { random } from '../../src/shared/random';
import { inChild } from './peer/inTurn';

const where = { device: 'cpu', threads: 2 } as const;

interface Plan extends Extent {
  student: StudentSpec;
  recompute: boolean;
}
const widths = (width: number) => [1, 2, 4, 8, 16].map((times) => times * width);
const plan = (student: StudentSpec, batch: number, patch: number[], recompute = false): Plan => ({ student, batch, patch, recompute });
const cube = (side: number) => [side, side, side];
const ends = { inChannels: 2, classes: 11 };
const unet3d = (width: number): StudentSpec => ({ architecture: 'unet3d', ...ends, widths: widths(width) });
const unet2d = (width: number): StudentSpec => ({ architecture: 'unet2d', ...ends, widths: widths(width), dropout: [0, 0, 0, 0, 0] });
const vnet = (axes: 2 | 3, width: number): StudentSpec => ({ architecture: 'vnet', ...ends, axes, width, norm: 'batch', skips: 'results' });

const plans: Plan[] = [
  plan(unet3d(4), 1, cube(32)),
  plan(unet3d(4), 2, cube(64)),
  plan(unet3d(8), 1, cube(48)),
  plan(unet3d(8), 2, cube(48), true),
  plan(unet3d(8), 2, cube(64)),
  plan(unet3d(16), 2, cube(32)),
  plan(unet3d(16), 1, cube(64)),
  plan(unet3d(16), 2, cube(64), true),
  plan(vnet(3, 8), 2, cube(64)),
  plan(vnet(3, 16), 1, cube(64)),
  plan(unet2d(8), 4, [256, 256]),
  plan(unet2d(16), 8, [256, 256]),
  plan(vnet(2, 16), 8, [256, 256]),
];

export default async function* measure() {
  for (const one of plans) {
    const { student, batch, patch, recompute } = one;
    const width = 'width' in student ? student.width : student.widths[0];
    const what = `${student.architecture} ${width}, ${batch} × ${patch.join('×')}${recompute ? ', recomputed' : ''}`;
    if (!what.includes(process.env.BENCH_SUBJECT ?? '')) continue;
    // Both wait for their turn beside whatever else the machine does: measured before and after, the faster one counts.
    const [before, predicted, after] = ['timeHere', 'predictHere', 'timeHere'].map((name) =>
      inChild<Measured>(import.meta.filename, name, one),
    );
    yield row(`${what}: memory`, before.memory, bytesOf(planOf(one)(one)) / 1e6, 'MB');
    const spent = `; forecast took ${predicted.spent.toFixed(1)} s, ${predicted.processor.toFixed(1)} s of the processor`;
    yield row(`${what}: step`, Math.min(before.seconds, after.seconds), predicted.seconds, 's', spent);
  }
}

const row = (name: string, value: number, predicted: number, unit: string, more = '') => ({
  name,
  value,
  unit,
  note: `predicted ${predicted.toPrecision(3)}, ${(100 * (predicted / value - 1)).toFixed(0)} %${more}`,
});

const planOf =
  ({ student, recompute }: Pick<Plan, 'student' | 'recompute'>) =>
  ({ patch, batch }: Extent) =>
    supervisedStep({ network: studentNetwork(student), patch, batch, momentum: 0.9, weightDecay: 1e-4, dropout: 0 }).layOut({ recompute });

interface Measured {
  /** Peak resident memory, in MB. */
  memory: number;
  /** Of one step. */
  seconds: number;
  /** Seconds it took to know that, by the clock and of the processor, all threads together. */
  spent: number;
  processor: number;
}

async function measured(work: () => Promise<number>): Promise<Measured> {
  const before = process.cpuUsage();
  const start = performance.now();
  const seconds = await work();
  const spent = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return { memory: (Number(peak?.[1]) * 1024) / 1e6, seconds, spent, processor: (user + system) / 1e6 };
}

/** Runs in a child. */
export const timeHere = (plan: Plan) =>
  measured(() => timeStep(planOf(plan)(plan), initialParameters(studentNetwork(plan.student), random(1)), where));
/** Runs in a child. */
export const predictHere = (plan: Plan) => measured(() => predictStep(studentNetwork(plan.student), plan, planOf(plan), where));

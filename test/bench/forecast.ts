/** What is predicted of a training step, in memory and time, against what a fresh process then takes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, timeStep } from '../../src/main/compute/jobs/forecast';
import { supervisedStep } from '../../src/main/methods/supervised';
import { unet3d } from '../../src/main/networks/unet3d';

const root = join(import.meta.dirname, '../..');
const threads = 2;

interface Plan {
  width: number;
  side: number;
  batch: number;
  recompute: boolean;
}
const plans: Plan[] = [
  { width: 4, side: 32, batch: 1, recompute: false },
  { width: 8, side: 32, batch: 4, recompute: false },
  { width: 8, side: 48, batch: 1, recompute: false },
  { width: 8, side: 48, batch: 2, recompute: true },
  { width: 8, side: 64, batch: 2, recompute: false },
  { width: 16, side: 32, batch: 2, recompute: false },
  { width: 16, side: 64, batch: 1, recompute: false },
];

export default async function* measure() {
  const probe = { width: 8, side: 32, batch: 1, recompute: false };
  for (const plan of plans) {
    const what = `width ${plan.width}, batch ${plan.batch} × ${plan.side}³${plan.recompute ? ', recomputed' : ''}`;
    const [reference, came] = [inChild(probe), inChild(plan)];
    yield row(`${what}: memory`, came.memory, bytesOf(planOf(plan)) / 1e6, 'MB');
    yield row(`${what}: step`, came.seconds, (reference.seconds * planOf(plan).cost.flops) / planOf(probe).cost.flops, 's');
  }
}

const row = (name: string, value: number, predicted: number, unit: string) => ({
  name,
  value,
  unit,
  note: `predicted ${predicted.toPrecision(3)}, ${(100 * (predicted / value - 1)).toFixed(0)} %`,
});

const networkOf = (width: number) => unet3d({ inChannels: 2, classes: 11, widths: [1, 2, 4, 8, 16].map((times) => times * width) });
const planOf = ({ width, side, batch, recompute }: Plan) =>
  supervisedStep({ network: networkOf(width), patch: [side, side, side], batch, momentum: 0.9, weightDecay: 1e-4, dropout: 0 }).layOut({
    recompute,
  });

function inChild(plan: Plan): { memory: number; seconds: number } {
  const program = `
    import { runnerImport } from 'vite';
    const { module } = await runnerImport(${JSON.stringify(import.meta.filename)}, { root: ${JSON.stringify(root)}, configFile: false, logLevel: 'error' });
    console.log(JSON.stringify(await module.measureHere(${JSON.stringify(plan)})));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })
      .trim()
      .split('\n')
      .at(-1) as string,
  );
}

/** Runs in the child. */
export async function measureHere(plan: Plan): Promise<{ memory: number; seconds: number }> {
  const seconds = await timeStep(planOf(plan), networkOf(plan.width), 'cpu', threads);
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return { memory: (Number(peak?.[1]) * 1024) / 1e6, seconds };
}

/** A training step and a forward pass of the 3D U-Net, each in a process of its own, against PyTorch on the same two cores. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Session } from '../../src/main/engine/session';
import { sizeOf, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { inferenceModel } from '../../src/main/networks/inference';
import { initialParameters } from '../../src/main/networks/network';
import { unet3d } from '../../src/main/networks/unet3d';
import { random } from '../../src/shared/random';

interface Measured {
  forward: number;
  step: number;
  peakBytes: number;
  /** Seconds to build the graph and load it; ours only. */
  open?: number;
}
const classes = 11;
const cpu = { device: 'cpu', threads: 2 } as const;
const root = join(import.meta.dirname, '../..');

export default async function* measure() {
  for (const [width, side] of [
    [16, 64],
    [8, 48],
  ]) {
    const ours = inChild(width, side);
    const peer = pytorch(width, side);
    const what = `3D U-Net ${width}…${16 * width}`;
    yield row(`${what}, training step, batch 2 × ${side}³`, ours.step, peer?.step, ours.peakBytes);
    yield row(`${what}, forward, 1 × ${side}³`, ours.forward, peer?.forward, ours.peakBytes);
    yield { name: `${what}, graph and session`, value: ours.open ?? 0, unit: 's' };
    yield {
      name: `${what}, peak memory`,
      value: ours.peakBytes / 1e6,
      unit: 'MB',
      ...(peer && { note: `PyTorch ${Math.round(peer.peakBytes / 1e6)} MB` }),
    };
  }
}

/** `ratio` is how many times faster than the peer. */
function row(name: string, ours: number, peer: number | undefined, peakMemory: number) {
  const compared =
    peer === undefined
      ? { note: 'no PyTorch at /usr/bin/python3' }
      : { peer, ratio: peer / ours, note: `${(peer / ours).toFixed(2)}× PyTorch` };
  return { name, value: ours, unit: 's', ours, peakMemory, ...compared };
}

function inChild(width: number, side: number): Measured {
  const program = `
    import { runnerImport } from 'vite';
    const { module } = await runnerImport(${JSON.stringify(import.meta.filename)}, { root: ${JSON.stringify(root)}, configFile: false, logLevel: 'error' });
    console.log(JSON.stringify(await module.measureHere(${width}, ${side})));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' });
  return JSON.parse(said.trim().split('\n').at(-1) as string);
}

function pytorch(width: number, side: number): Measured | null {
  try {
    const script = join(import.meta.dirname, 'engineStep.py');
    return JSON.parse(
      execFileSync('/usr/bin/python3', [script, `${width}`, `${side}`, `${classes}`], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  } catch {
    return null;
  }
}

/** The fastest of several runs: others on the machine only ever make a run slower. */
async function fastest(work: () => Promise<unknown>, times = 7): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** Runs in the child. */
export async function measureHere(width: number, side: number): Promise<Measured> {
  const spec = { inChannels: 2, classes, widths: [1, 2, 4, 8, 16].map((m) => m * width) };
  const network = unet3d(spec);
  const stream = random(1);
  const weights = initialParameters(network, stream);
  const noise = (dims: number[]) =>
    tensor(
      dims,
      Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()),
    );

  const one = noise([1, 2, side, side, side]);
  const session = await Session.create(inferenceModel(network, weights, { image: one.dims, batch: 'fixed', activation: 'softmax' }), cpu);
  const probabilities = tensor([1, classes, side, side, side], new Float32Array(classes * side ** 3));
  const forward = await fastest(() => session.run({ image: one }, { probabilities }));
  await session.release();

  const started = performance.now();
  const plan = supervisedStep({ network: spec, patch: [side, side, side], batch: 2, momentum: 0.9, weightDecay: 1e-4, dropout: 0 });
  const step = await TrainingStep.open(plan, weights, cpu);
  const open = (performance.now() - started) / 1000;
  const image = noise([2, 2, side, side, side]);
  const label = { dims: [2, side, side, side], data: Uint8Array.from({ length: 2 * side ** 3 }, () => stream.integer(classes)) };
  const rate = tensor([], [0.01]);
  const seconds = await fastest(() => step.run({ image, label, rate }));
  await step.close();
  return { forward, step: seconds, open, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

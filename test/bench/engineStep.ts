/** A training step and a forward pass of each student, in a process of its own, against PyTorch on the same two cores. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Session } from '../../src/main/engine/session';
import { sizeOf, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { inferenceModel } from '../../src/main/networks/inference';
import { initialParameters } from '../../src/main/networks/network';
import { type StudentSpec, studentNetwork } from '../../src/main/networks/students';
import { random } from '../../src/shared/random';

interface Measured {
  forward: number;
  step: number;
  peakBytes: number;
  /** Seconds to build the graph and load it; ours only. */
  open?: number;
}
interface Subject {
  name: string;
  student: StudentSpec;
  batch: number;
  patch: number[];
}
const classes = 11;
const widths = (width: number) => [1, 2, 4, 8, 16].map((times) => times * width);
const unet3d = (width: number) => ({ architecture: 'unet3d', inChannels: 2, classes, widths: widths(width) }) as const;
const subjects: Subject[] = [
  { name: '3D U-Net 16…256', student: unet3d(16), batch: 2, patch: [64, 64, 64] },
  { name: '3D U-Net 8…128', student: unet3d(8), batch: 2, patch: [48, 48, 48] },
  {
    name: '3D V-Net 16…256',
    student: { architecture: 'vnet', axes: 3, inChannels: 2, classes, width: 16, norm: 'batch', skips: 'results' },
    batch: 2,
    patch: [64, 64, 64],
  },
  {
    name: '2D U-Net 16…256',
    student: { architecture: 'unet2d', inChannels: 3, classes: 2, widths: widths(16), dropout: [0, 0, 0, 0, 0] },
    batch: 8,
    patch: [256, 256],
  },
];
const cpu = { device: 'cpu', threads: 2 } as const;
const root = join(import.meta.dirname, '../..');

export default async function* measure() {
  for (const subject of subjects) {
    const ours = inChild(subject);
    const peer = pytorch(subject);
    const { name, batch, patch } = subject;
    yield row(`${name}, training step, ${batch} × ${patch.join('×')}`, ours.step, peer?.step, ours.peakBytes);
    yield row(`${name}, forward, 1 × ${patch.join('×')}`, ours.forward, peer?.forward, ours.peakBytes);
    yield { name: `${name}, graph and session`, value: ours.open ?? 0, unit: 's' };
    yield {
      name: `${name}, peak memory`,
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

function inChild(subject: Subject): Measured {
  const program = `
    import { runnerImport } from 'vite';
    const { module } = await runnerImport(${JSON.stringify(import.meta.filename)}, { root: ${JSON.stringify(root)}, configFile: false, logLevel: 'error' });
    console.log(JSON.stringify(await module.measureHere(${JSON.stringify(subject)})));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' });
  return JSON.parse(said.trim().split('\n').at(-1) as string);
}

function pytorch(subject: Subject): Measured | null {
  try {
    return JSON.parse(
      execFileSync('/usr/bin/python3', [join(import.meta.dirname, 'engineStep.py'), JSON.stringify(subject)], {
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
export async function measureHere({ student, batch, patch }: Subject): Promise<Measured> {
  const network = studentNetwork(student);
  const stream = random(1);
  const weights = initialParameters(network, stream);
  const noise = (dims: number[]) =>
    tensor(
      dims,
      Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()),
    );

  const one = noise([1, student.inChannels, ...patch]);
  const session = await Session.create(inferenceModel(network, weights, { image: one.dims, batch: 'fixed', activation: 'softmax' }), cpu);
  const probabilities = tensor([1, student.classes, ...patch], new Float32Array(student.classes * sizeOf(patch)));
  const forward = await fastest(() => session.run({ image: one }, { probabilities }));
  await session.release();

  const started = performance.now();
  const plan = supervisedStep({ network, patch, batch, momentum: 0.9, weightDecay: 1e-4, dropout: 0 });
  const step = await TrainingStep.open(plan, weights, cpu);
  const open = (performance.now() - started) / 1000;
  const image = noise([batch, student.inChannels, ...patch]);
  const label = {
    dims: [batch, ...patch],
    data: Uint8Array.from({ length: batch * sizeOf(patch) }, () => stream.integer(student.classes)),
  };
  const rate = tensor([], [0.01]);
  const seconds = await fastest(() => step.run({ image, label, rate }));
  await step.close();
  return { forward, step: seconds, open, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

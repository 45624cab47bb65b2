/**
 * A training step and a forward pass of each student, in a process of its own, against PyTorch on the same cores. BENCH_SUBJECT names a part
 * of a student's name, to measure only those.
 */
import { Session } from '../../src/main/engine/session';
import { sizeOf, tensor } from '../../src/main/engine/tensor';
import { TrainingStep } from '../../src/main/engine/trainStep';
import { supervisedStep } from '../../src/main/methods/supervised';
import { inferenceModel } from '../../src/main/networks/inference';
import { initialParameters } from '../../src/main/networks/network';
import { type StudentSpec, studentNetwork } from '../../src/main/networks/students';
import { random } from '../../src/shared/random';
import { comparedRow, fastest, inChild, inPython, inTurn, type Measured } from './peer/inTurn';

interface Ours extends Measured<'forward' | 'step'> {
  /** Seconds to build the graph and load it. */
  open: number;
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

export default async function* measure() {
  const wanted = process.env.BENCH_SUBJECT ?? '';
  for (const subject of subjects.filter(({ name }) => name.includes(wanted))) {
    const { ours, peer } = inTurn(['forward', 'step'], {
      ours: (threads) => inChild<Ours>(import.meta.filename, 'measureHere', subject, threads),
      peer: (threads) => inPython('engineStep.py', { ...subject, threads }),
    });
    const { name, batch, patch } = subject;
    const peakMemory = ours.peakBytes;
    yield comparedRow(`${name}, training step, ${batch} × ${patch.join('×')}`, ours.step, peer?.step, { peakMemory });
    yield comparedRow(`${name}, forward, 1 × ${patch.join('×')}`, ours.forward, peer?.forward, { peakMemory });
    yield { name: `${name}, graph and session`, value: ours.open, unit: 's' };
    yield {
      name: `${name}, peak memory`,
      value: ours.peakBytes / 1e6,
      unit: 'MB',
      ...(peer && { note: `PyTorch ${Math.round(peer.peakBytes / 1e6)} MB` }),
    };
  }
}

/** Runs in the child. */
export async function measureHere({ student, batch, patch }: Subject, threads: number): Promise<Ours> {
  const cpu = { device: 'cpu', threads } as const;
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
  const forward = await fastest(() => session.run({ image: one }, { probabilities }), 5);
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
  const spent = await fastest(() => step.run({ image, label, rate }), 4);
  await step.close();
  return { forward, step: spent, open, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

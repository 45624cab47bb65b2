/**
 * SAM's encoders at full size, forward, each in a process of its own, against PyTorch on the same two cores. PyTorch keeps every empty key
 * of a window, as the original code does. BENCH_SUBJECT names a part of the subjects to measure, SAM_DEPTH gives the encoders fewer blocks, to see
 * that all of it runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { sizeOf, tensor } from '../../src/main/engine/tensor';
import { samDecoderModel, samEncoderModel } from '../../src/main/networks/sam/inference';
import { officialSams } from '../../src/main/networks/sam/spec';
import { random } from '../../src/shared/random';
import { plausibleWeights } from '../networks/samWeights';
import { comparedRow, fastest, inChild, inPython, inTurn, type Measured } from './peer/inTurn';

type Name = keyof typeof officialSams;
interface Ours extends Measured<'encode'> {
  /** Seconds to load the encoder, and to answer one point. */
  open: number;
  decode: number;
}

export default async function* measure() {
  for (const name of ['SAM-Med3D', 'SAM ViT-B'] as const) {
    if (!name.includes(process.env.BENCH_SUBJECT ?? '')) continue;
    const depth = Number(process.env.SAM_DEPTH ?? officialSams[name].depth);
    const { axes, imageSide, patch, width, heads, window, globalBlocks, promptWidth } = officialSams[name];
    const sizes = { axes, imageSide, patch, width, heads, window, globalBlocks, promptWidth, depth };
    const { ours, peer } = inTurn(['encode'], {
      ours: (threads) => inChild<Ours>(import.meta.filename, 'measureHere', name, depth, threads),
      peer: (threads) => inPython('samEncoder.py', { ...sizes, threads }),
    });
    const what = `${name}${depth === officialSams[name].depth ? '' : `, ${depth} blocks only`}`;
    yield comparedRow(`${what}, embedding of ${imageSide}${axes === 3 ? '³' : '²'}`, ours.encode, peer?.encode);
    yield { name: `${what}, masks for one point`, value: ours.decode, unit: 's' };
    yield { name: `${what}, loading the encoder`, value: ours.open, unit: 's' };
    yield {
      name: `${what}, peak memory`,
      value: ours.peakBytes / 1e6,
      unit: 'MB',
      ...(peer && { note: `PyTorch ${Math.round(peer.peakBytes / 1e6)} MB` }),
    };
  }
}

/** From a file, as in use: the bytes of the model need not lie in memory beside the session. */
async function opened(model: Model, folder: string, threads: number): Promise<Session> {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, encodeModel(model));
  return Session.create(path, { device: 'cpu', threads });
}

/** Runs in the child. */
export async function measureHere(name: Name, depth: number, threads: number): Promise<Ours> {
  const spec = { ...officialSams[name], depth };
  const folder = mkdtempSync(join(tmpdir(), 'sam-'));
  const weights = plausibleWeights(spec);
  const started = performance.now();
  const encoder = await opened(samEncoderModel(spec, weights), folder, threads);
  const open = (performance.now() - started) / 1000;
  const sides = Array.from({ length: spec.axes }, () => spec.imageSide);
  const stream = random(2);
  const image = tensor(
    [1, spec.channels, ...sides],
    Float32Array.from({ length: spec.channels * sizeOf(sides) }, () => stream.normal()),
  );
  let embedding = image;
  const encode = await fastest(async () => {
    embedding = (await encoder.run({ image })).embedding as typeof image;
  }, 3);
  await encoder.release();

  const decoder = await opened(samDecoderModel(spec, weights, { points: 1, choice: 'single', size: 'image' }), folder, threads);
  const points = tensor(
    [1, 1, spec.axes],
    sides.map((side) => side / 2),
  );
  const labels = { dims: [1, 1], data: Int32Array.of(1) };
  const { clock: decode } = await fastest(() => decoder.run({ embedding, points, labels }), 5);
  await decoder.release();
  rmSync(folder, { recursive: true });
  return { encode, decode, open, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

/**
 * SAM's encoders at full size, forward, each in a process of its own, against PyTorch on the same two cores. PyTorch keeps every empty key
 * of a window, as the original code does. SAM_DEPTH gives the encoders fewer blocks, to see that all of it runs.
 */
import { execFileSync } from 'node:child_process';
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

type Name = keyof typeof officialSams;
interface Measured {
  encode: number;
  peakBytes: number;
  /** Seconds to load the encoder, and to answer one point; ours only. */
  open?: number;
  decode?: number;
}
const cpu = { device: 'cpu', threads: 2 } as const;
const root = join(import.meta.dirname, '../..');

export default async function* measure() {
  for (const name of ['SAM-Med3D', 'SAM ViT-B'] as const) {
    const depth = Number(process.env.SAM_DEPTH ?? officialSams[name].depth);
    const [ours, peer] = [inChild(name, depth), pytorch(name, depth)];
    const what = `${name}${depth === officialSams[name].depth ? '' : `, ${depth} blocks only`}`;
    const { axes, imageSide } = officialSams[name];
    const compared = peer
      ? { peer: peer.encode, ratio: peer.encode / ours.encode, note: `${(peer.encode / ours.encode).toFixed(2)}× PyTorch` }
      : { note: 'no PyTorch at /usr/bin/python3' };
    const size = `${imageSide}${axes === 3 ? '³' : '²'}`;
    yield { name: `${what}, embedding of ${size}`, value: ours.encode, unit: 's', ours: ours.encode, ...compared };
    yield { name: `${what}, masks for one point`, value: ours.decode ?? 0, unit: 's' };
    yield { name: `${what}, loading the encoder`, value: ours.open ?? 0, unit: 's' };
    yield {
      name: `${what}, peak memory`,
      value: ours.peakBytes / 1e6,
      unit: 'MB',
      ...(peer && { note: `PyTorch ${Math.round(peer.peakBytes / 1e6)} MB` }),
    };
  }
}

function inChild(name: Name, depth: number): Measured {
  const program = `
    import { runnerImport } from 'vite';
    const { module } = await runnerImport(${JSON.stringify(import.meta.filename)}, { root: ${JSON.stringify(root)}, configFile: false, logLevel: 'error' });
    console.log(JSON.stringify(await module.measureHere(${JSON.stringify(name)}, ${depth})));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' });
  return JSON.parse(said.trim().split('\n').at(-1) as string);
}

function pytorch(name: Name, depth: number): Measured | null {
  const { axes, imageSide, patch, width, heads, window, globalBlocks, promptWidth } = officialSams[name];
  const sizes = { axes, imageSide, patch, width, heads, window, globalBlocks, promptWidth, depth };
  try {
    const script = join(import.meta.dirname, 'samEncoder.py');
    return JSON.parse(
      execFileSync('/usr/bin/python3', [script, JSON.stringify(sizes)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return null;
  }
}

/** The fastest of several runs: others on the machine only ever make a run slower. */
async function fastest(work: () => Promise<unknown>, times: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await work();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** From a file, as in use: the bytes of the model need not lie in memory beside the session. */
async function opened(model: Model, folder: string): Promise<Session> {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, encodeModel(model));
  return Session.create(path, cpu);
}

/** Runs in the child. */
export async function measureHere(name: Name, depth: number): Promise<Measured> {
  const spec = { ...officialSams[name], depth };
  const folder = mkdtempSync(join(tmpdir(), 'sam-'));
  const weights = plausibleWeights(spec);
  const started = performance.now();
  const encoder = await opened(samEncoderModel(spec, weights), folder);
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

  const decoder = await opened(samDecoderModel(spec, weights, { points: 1, choice: 'single', size: 'image' }), folder);
  const points = tensor(
    [1, 1, spec.axes],
    sides.map((side) => side / 2),
  );
  const labels = { dims: [1, 1], data: Int32Array.of(1) };
  const decode = await fastest(() => decoder.run({ embedding, points, labels }), 5);
  await decoder.release();
  rmSync(folder, { recursive: true });
  return { encode, decode, open, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

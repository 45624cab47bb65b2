/** From a click to its mask, in the compute process's own code: with the demo's teacher for CT, and with SAM-Med3D at its released size. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '../../src/main/checkpoints/safetensors';
import { prompt } from '../../src/main/compute/jobs/prompt';
import type { JobContext, Spec } from '../../src/main/compute/protocol';
import { graphsIn } from '../../src/main/compute/teachers/graphs';
import { openPromptable } from '../../src/main/compute/teachers/promptable';
import { addressOf, hashFile, storeBytes } from '../../src/main/files/durable';
import { officialSams } from '../../src/main/networks/sam/spec';
import { type Grid, type PointMm, toMm, voxelCount } from '../../src/shared/geometry';
import { random } from '../../src/shared/random';
import { huWindows } from '../../src/shared/teachers';
import { bytesOf } from '../../src/shared/volume';
import { plausibleWeights } from '../networks/samWeights';

const demoTeacher = join(import.meta.dirname, '../../resources/teachers/demo-ct.safetensors');
/** A torso of the demo. */
const grid: Grid = { size: [68, 62, 81], affine: [5, 0, 0, -170, 0, 5, 0, -155, 0, 0, 5, 0, 0, 0, 0, 1] };
const threads = 2;

export default async function* measure() {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  try {
    yield* clicks(folder);
    yield* atFullSize(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function* clicks(folder: string) {
  const what = 'demo teacher for CT';
  const ask = await asking(folder, demoTeacher);
  const [first, ...places] = [16, 24, 32, 40, 48, 56].map((k): PointMm => toMm(grid, [34, 31, k]));
  yield* rows(`${what}: first click of all, loading included`, await ask(first));
  const fresh = [];
  for (const place of places) fresh.push(await ask(place));
  yield* rows(`${what}: click at a new place, median of 5`, median(fresh), 'at most 0.5');
  const further = [];
  for (const place of places) further.push(await ask(place));
  yield* rows(`${what}: further click there, median of 5`, median(further));
}

/** A way to click, and the seconds until the mask lies in its file. */
async function asking(folder: string, weights: string): Promise<(place: PointMm) => Promise<Time>> {
  const stream = random(2);
  const voxels = Int16Array.from({ length: voxelCount(grid) }, () => Math.round(stream.uniform(-200, 300)));
  const { hash } = await storeBytes(folder, bytesOf(voxels));
  const teacher = { weights, hash: await hashFile(weights), name: 'the teacher' };
  const context: JobContext<'prompt'> = { report: () => undefined, stopped: false, breathe: async () => undefined };
  let count = 0;
  return async (mm) => {
    const spec: Spec<'prompt'> = {
      teacher,
      image: { path: addressOf(folder, hash), dtype: 'int16', grid, hash, unit: 'HU' },
      view: { kind: 'volume', huWindow: huWindows.squeezed, centre: mm, spacingMm: 4 },
      prompts: [{ points: [{ mm, positive: true }], box: null, refines: null, keepAt: join(folder, `${count++}.logits`) }],
      embeddings: { folder: join(folder, 'embeddings'), bytes: 1e9 },
      graphs: { folder: join(folder, 'graphs'), bytes: 1e9 },
      masks: folder,
      threads,
      loadedBytes: 1e9,
    };
    return timed(() => prompt(spec, context));
  };
}

async function* atFullSize(folder: string) {
  const spec = officialSams['SAM-Med3D'];
  const weights = join(folder, 'full.safetensors');
  await writeSafetensors(weights, plausibleWeights(spec));
  mkdirSync(join(folder, 'full'));
  const stream = random(3);
  const image = Float32Array.from({ length: spec.imageSide ** 3 }, () => stream.normal());
  const open = async () => {
    const graphs = { kept: graphsIn(join(folder, 'full'), 1e9), weights: 'full' };
    const promptable = await openPromptable(weights, 'SAM-Med3D', { device: 'cpu', threads }, graphs);
    return { promptable, time: await timed(() => promptable.prepare()) };
  };
  const before = await open();
  await before.promptable.release();
  const after = await open();
  yield* rows('SAM-Med3D: getting ready, graph built and optimised', before.time);
  yield* rows('SAM-Med3D: getting ready, optimised graph kept', after.time);
  const { promptable } = after;
  await promptable.embed(image); // the first run of a session prepares its memory
  const embedded = [];
  for (let n = 0; n < 3; n++) embedded.push(await timed(() => promptable.embed(image)));
  const embedding = await promptable.embed(image);
  const click = { points: [{ place: [64, 64, 64], label: 1 }], box: null, mask: null };
  await promptable.decode(embedding, [click]);
  const decoded = [];
  for (let n = 0; n < 9; n++) decoded.push(await timed(() => promptable.decode(embedding, [click])));
  await promptable.release();
  const [embed, decode] = [median(embedded), median(decoded)];
  yield* rows('SAM-Med3D: embedding of 128³, median of 3', embed);
  yield* rows('SAM-Med3D: further prompt, median of 9', decode);
  const share = (100 * decode.seconds) / embed.seconds;
  yield { name: 'SAM-Med3D: further prompt over embedding', value: share, unit: '%', note: 'at most 15' };
}

interface Time {
  seconds: number;
  /** Of all threads together: what is left of the truth on a busy machine. */
  processorSeconds: number;
}
async function timed(work: () => Promise<unknown>): Promise<Time> {
  const [began, usage] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(usage);
  return { seconds: (performance.now() - began) / 1000, processorSeconds: (user + system) / 1e6 };
}
function* rows(name: string, { seconds, processorSeconds }: Time, note?: string) {
  yield { name, value: seconds, unit: 's', ...(note && { note }) };
  yield { name: `${name}: processor time`, value: processorSeconds, unit: 's' };
}
const median = (times: readonly Time[]): Time => ({
  seconds: middle(times.map(({ seconds }) => seconds)),
  processorSeconds: middle(times.map(({ processorSeconds }) => processorSeconds)),
});
const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

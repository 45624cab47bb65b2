/** Draws training batches: which cases, where to cut, how to change them. Batch t depends on the seed and on t alone, so a resumed run sees the same ones. */
import { type Random, random } from '../../../shared/random';
import type { TrainSettings } from '../../../shared/runs';
import { augmentIntensity } from './intensity';
import type { Prepared } from './prepare';
import { cutPatch, drawCut } from './warp';

/** One batch as the step graph takes it: `image` [N, C, k, j, i], `label` [N, k, j, i]. */
export interface Batch {
  step: number;
  image: Float32Array;
  label: Uint8Array;
}
export type BatchSettings = Pick<TrainSettings, 'seed' | 'batch' | 'patch' | 'foreground' | 'flips' | 'intensity' | 'deformation'>;

/**
 * Draws the batch of one step.
 * @param count how many cases there are
 * @param open   prepares a case by number (cached by the caller)
 * @param mirror class number → class number on the other side of the body
 */
export async function drawBatch(
  step: number,
  count: number,
  open: (at: number) => Promise<Prepared>,
  channels: number,
  mirror: readonly number[],
  settings: BatchSettings,
): Promise<Batch> {
  const { batch, patch } = settings;
  const size = patch[0] * patch[1] * patch[2];
  const image = new Float32Array(batch * channels * size);
  const label = new Uint8Array(batch * size);
  for (let n = 0; n < batch; n++) {
    const stream = random(settings.seed).fork(`batch ${step} ${n}`);
    const source = await open(pickCase(settings.seed, step * batch + n, count));
    const centre = pickCentre(stream, source, patch, settings.foreground);
    const cut = drawCut(stream, centre, patch, source.spacingMm, settings.deformation, settings.flips);
    const images = Array.from({ length: channels }, (_, c) => image.subarray((n * channels + c) * size, (n * channels + c + 1) * size));
    cutPatch(source, cut, patch, images, label.subarray(n * size, (n + 1) * size), mirror);
    for (const channel of images) augmentIntensity(stream, channel, settings.intensity);
  }
  return { step, image, label };
}

/** Every case comes once per pass, in a new order each pass. */
export function pickCase(seed: number, draw: number, count: number): number {
  const order = Array.from({ length: count }, (_, at) => at);
  const stream = random(seed).fork(`pass ${Math.floor(draw / count)}`);
  for (let at = count - 1; at > 0; at--) {
    const other = stream.integer(at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order[draw % count];
}

/** A patch centre: near a voxel of a random structure (each equally likely, however small), or anywhere; always with the patch inside the volume if it fits. */
export function pickCentre(
  stream: Random,
  { size, places }: Prepared,
  patch: readonly number[],
  foreground: number,
): [number, number, number] {
  const present = places.filter((list) => list.length > 0);
  const wanted = size.map((n) => stream.uniform(0, n - 1));
  if (present.length > 0 && stream.uniform() < foreground) {
    const list = present[stream.integer(present.length)];
    const at = list[stream.integer(list.length)];
    const voxel = [at % size[0], Math.floor(at / size[0]) % size[1], Math.floor(at / (size[0] * size[1]))];
    for (let axis = 0; axis < 3; axis++) wanted[axis] = voxel[axis] + stream.uniform(-0.25, 0.25) * patch[axis];
  }
  const clamp = (axis: number) => {
    const half = (patch[axis] - 1) / 2;
    const last = size[axis] - 1 - half;
    return last < half ? (size[axis] - 1) / 2 : Math.min(last, Math.max(half, wanted[axis]));
  };
  return [clamp(0), clamp(1), clamp(2)];
}

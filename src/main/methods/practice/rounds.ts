/**
 * What a promptable teacher is asked while it is trained: every image stays for a few rounds, and each round answers the mask of the one before.
 * Between rounds the weights learn, so later prompts meet a network that has moved a little, as in SAM-Med3D's training they do not.
 */
import { type Random, random } from '../../../shared/random';
import { sizeOf, type Tensor } from '../../engine/tensor';
import { gridOf, perAxis, type SamSpec } from '../../networks/sam/spec';
import { clicksOn } from '../muduo/clicks';
import { randomCorrection } from './correctClick';
import { mostRegions, noRegion, type PracticeConfig, type PromptKind } from './practice';
import { roughMask } from './roughMask';

/** One image as the encoder takes it [channels, side…]. */
export interface Scene {
  image: Float32Array;
  /** Those that are asked about: 0 or 1, [side…]. */
  objects: readonly Uint8Array[];
  /** Everything that shows: numbers of objects, 0 between them, [side…]. */
  shown: Uint8Array;
}
export interface Rounds {
  /** Everything but scalars that step `t` takes. */
  feeds(): Record<string, Tensor>;
  /** What the step answered: the logits of every kind. */
  hear(result: (name: string) => Tensor): void;
}

interface Click {
  at: number;
  label: number;
}
interface Asked {
  truth: Uint8Array;
  clicks: Click[];
  box: number[] | null;
  /** Shown to the network, [4·grid…]. */
  mask: Float32Array | null;
  /** Its answer, and the same as large as the image. */
  logits: Float32Array | null;
  enlarged: Float32Array | null;
}
interface Slot {
  stream: Random;
  scene: Scene;
  /** [4·grid…] */
  regions: Uint8Array;
  age: number;
  /** By kind. */
  asked: Asked[][];
}

/** @param draw a new scene of at least one object */
export function practiceRounds(
  { spec, images, kinds }: PracticeConfig,
  rounds: number,
  seed: number,
  draw: (stream: Random) => Scene,
): Rounds {
  let drawn = 0;
  const fresh = (age: number): Slot => {
    const stream = random(seed).fork(`image ${drawn++}`);
    const scene = draw(stream);
    const ask = (kind: PromptKind) =>
      Array.from({ length: kind.perImage }, () => first(spec, kind, scene.objects[stream.integer(scene.objects.length)], stream));
    return { stream, scene, regions: regionsOf(spec, scene.shown), age, asked: kinds.map(ask) };
  };
  // Images of different ages, so that no batch holds first rounds only.
  const slots = Array.from({ length: images }, (_, n) => fresh(n % rounds));

  return {
    feeds() {
      const image = joined(slots.map(({ scene }) => scene.image));
      const imageDims = [images, spec.channels, ...perAxis(spec, spec.imageSide)];
      const ofKinds = kinds.map((kind, k) =>
        feedsOf(
          spec,
          kind,
          slots.flatMap(({ asked }) => asked[k]),
        ),
      );
      const regions = {
        dims: [images, ...perAxis(spec, 4 * gridOf(spec))],
        data: Uint8Array.from(Buffer.concat(slots.map((slot) => slot.regions))),
      };
      return Object.assign({ image: { dims: imageDims, data: image }, regions }, ...ofKinds);
    },
    hear(result) {
      for (const [k, { name, perImage }] of kinds.entries()) {
        const [logits, enlarged] = ['logits', 'enlarged'].map((what) => partsOf(result(`${name}.${what}`)));
        for (const [s, { asked }] of slots.entries()) {
          for (const [n, one] of asked[k].entries()) {
            one.logits = logits(s * perImage + n);
            one.enlarged = enlarged(s * perImage + n);
          }
        }
      }
      for (const [s, slot] of slots.entries()) {
        if (++slot.age >= rounds) slots[s] = fresh(0);
        else for (const [k, kind] of kinds.entries()) for (const one of slot.asked[k]) further(spec, kind, one, slot.stream);
      }
    },
  };
}

/** The largest objects as regions 1, 2 and so on at the size of a mask; of the others nothing is said. */
function regionsOf(spec: SamSpec, shown: Uint8Array): Uint8Array {
  const small = shrunk(spec, shown);
  const counts = new Uint32Array(256);
  for (let n = 0; n < small.length; n++) counts[small[n]]++;
  const numbers = new Uint8Array(256).fill(noRegion);
  numbers[0] = 0;
  const largest = [...counts.keys()].filter((object) => object > 0 && counts[object] > 0).sort((a, b) => counts[b] - counts[a]);
  for (const [n, object] of largest.slice(0, mostRegions - 1).entries()) numbers[object] = n + 1;
  return small.map((object) => numbers[object]);
}

/** The first prompt: a click on the object or several, a box a little off, or a rough mask. */
function first(spec: SamSpec, kind: PromptKind, truth: Uint8Array, stream: Random): Asked {
  const one: Asked = { truth, clicks: [], box: null, mask: null, logits: null, enlarged: null };
  if (kind.boxes) one.box = roughBox(spec, truth, stream);
  else if (kind.points === 0) one.mask = shrunk(spec, roughMask(truth, perAxis(spec, spec.imageSide), stream));
  else {
    // Several at once as MuDuo gives them, or one that a person then corrects.
    if (kind.points > 1 && stream.uniform() < (kind.atOnce ?? 0.5))
      one.clicks = spreadClicks(spec, truth, 2 + stream.integer(kind.points - 1));
    else click(spec, one, null, stream);
  }
  return one;
}

/** Clicks far from each other, as MuDuo's generator gives them. */
function spreadClicks(spec: SamSpec, truth: Uint8Array, count: number): Click[] {
  const sides = perAxis(spec, spec.imageSide);
  const { places } = clicksOn({ labels: truth, sides, value: 1 }, { count, picking: 'spread', filling: 'repeated' });
  return Array.from({ length: count }, (_, n) => {
    const place = places.subarray(n * sides.length, (n + 1) * sides.length);
    return { at: place.reduce((at, index) => at * spec.imageSide + index, 0), label: 1 };
  });
}

/** The next prompt: a correction beside the mask so far, now and then without it; a mask alone is made anew, or is the network's own. */
function further(spec: SamSpec, kind: PromptKind, one: Asked, stream: Random): void {
  if (kind.points === 0 && !kind.boxes) {
    const own = stream.uniform() < 0.4 && one.logits !== null;
    one.mask = own ? one.logits : shrunk(spec, roughMask(one.truth, perAxis(spec, spec.imageSide), stream));
    return;
  }
  if (kind.boxes) one.box = roughBox(spec, one.truth, stream);
  else {
    if (kind.points === 1) one.clicks = [];
    click(spec, one, one.enlarged, stream);
    one.clicks = one.clicks.slice(-kind.points);
  }
  one.mask = kind.points === 1 || stream.uniform() < 0.7 ? one.logits : null;
}

/** Half of the clicks are where a person would click, in the midst of a mistake. */
function click(spec: SamSpec, one: Asked, answer: Float32Array | null, stream: Random): void {
  const sides = perAxis(spec, spec.imageSide);
  const among = stream.uniform() < 0.5 ? 6 : 1;
  // Where nothing is wrong any more, the object is clicked on once more.
  const correct = randomCorrection(one.truth, answer, sides, stream, among) ?? randomCorrection(one.truth, null, sides, stream, among);
  if (correct) one.clicks.push({ at: correct.at, label: correct.isPositive ? 1 : 0 });
}

/** The box around the object, each side moved by a tenth of its length on average, at most 20 pixels (SAM, §5). */
function roughBox({ imageSide: side }: SamSpec, truth: Uint8Array, stream: Random): number[] {
  const low = [side, side];
  const high = [0, 0];
  for (let n = 0; n < truth.length; n++) {
    if (truth[n] === 0) continue;
    for (const [axis, at] of [n % side, Math.floor(n / side)].entries()) {
      low[axis] = Math.min(low[axis], at);
      high[axis] = Math.max(high[axis], at);
    }
  }
  const moved = (at: number, axis: number) => {
    const off = Math.min(20, Math.max(-20, 0.1 * (high[axis] - low[axis] + 1) * stream.normal()));
    return Math.min(side - 1, Math.max(0, at + off));
  };
  return [moved(low[0], 0), moved(low[1], 1), moved(high[0], 0), moved(high[1], 1)];
}

/** A place in the image in the order of prompts. */
function placeOf({ axes, imageSide }: SamSpec, at: number): number[] {
  const index = Array.from({ length: axes }, (_, axis) => Math.floor(at / imageSide ** (axes - 1 - axis)) % imageSide);
  return axes === 2 ? index.reverse() : index;
}

/** A mask as large as the image at the size of mask prompts: the nearest voxel of each place, as MuDuo shows its student's. Patches are of four voxels and more, so that is no larger. */
function shrunk<Voxels extends Float32Array | Uint8Array>(spec: SamSpec, mask: Voxels): Voxels {
  const [from, to] = [spec.imageSide, 4 * gridOf(spec)];
  const small = mask.slice(0, to ** spec.axes) as Voxels;
  if (from === to) return small;
  for (let n = 0; n < small.length; n++) {
    let source = 0;
    for (let axis = 0; axis < spec.axes; axis++) {
      const at = Math.floor(n / to ** (spec.axes - 1 - axis)) % to;
      source = source * from + Math.floor(((at + 0.5) * from) / to);
    }
    small[n] = mask[source];
  }
  return small;
}

function feedsOf(spec: SamSpec, { name, points, boxes, mask: given }: PromptKind, asked: readonly Asked[]): Record<string, Tensor> {
  const count = asked.length;
  const maskDims = [count, 1, ...perAxis(spec, 4 * gridOf(spec))];
  const targetDims = [count, 1, ...perAxis(spec, spec.imageSide)];
  const target = new Uint8Array(sizeOf(targetDims));
  for (const [n, { truth }] of asked.entries()) target.set(truth, n * truth.length);
  const feeds: Record<string, Tensor> = { [`${name}.target`]: { dims: targetDims, data: target } };
  if (given === 'given') {
    const mask = new Float32Array(sizeOf(maskDims));
    for (const [n, one] of asked.entries()) if (one.mask) mask.set(one.mask, (n * mask.length) / count);
    feeds[`${name}.mask`] = { dims: maskDims, data: mask };
  }
  if (boxes) feeds[`${name}.boxes`] = { dims: [count, 4], data: Float32Array.from(asked.flatMap(({ box }) => box ?? [])) };
  else if (points > 0) {
    const places = new Float32Array(count * points * spec.axes);
    const labels = new Int32Array(count * points).fill(-1);
    for (const [n, { clicks }] of asked.entries()) {
      for (const [p, { at, label }] of clicks.entries()) {
        places.set(placeOf(spec, at), (n * points + p) * spec.axes);
        labels[n * points + p] = label;
      }
    }
    feeds[`${name}.places`] = { dims: [count, points, spec.axes], data: places };
    feeds[`${name}.labels`] = { dims: [count, points], data: labels };
  }
  return feeds;
}

/** One prompt's part of a result, copied. */
function partsOf({ dims: [count], data }: Tensor): (prompt: number) => Float32Array {
  const length = data.length / count;
  return (prompt) => (data as Float32Array).slice(prompt * length, (prompt + 1) * length);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

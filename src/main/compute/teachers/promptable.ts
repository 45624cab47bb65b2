/** A SAM ready for prompts: what decodes masks is always loaded, what looks at images only once an image is new. */

import type { Session } from '../../engine/session';
import { sizeOf, type Tensor } from '../../engine/tensor';
import type { ParameterSpec } from '../../networks/network';
import { samDecoderModel, samEncoderModel } from '../../networks/sam/inference';
import type { MaskChoice } from '../../networks/sam/maskDecoder';
import { gridOf, imageParameters, maskParameters, perAxis, type SamSpec } from '../../networks/sam/spec';
import type { Graphs } from './graphs';
import { loadSam, type Place, sessionOf } from './network';

/** A prompt in pixels of the encoder's image. */
export interface PixelPrompt {
  /** 1 on the structure, 0 beside it, −1 no point at all. */
  points: { place: readonly number[]; label: number }[];
  /** Two corners (x, y, x, y), smaller ones first. */
  box: readonly number[] | null;
  /** Logits of an earlier mask, `decodedSide` along each axis. */
  mask: Float32Array | null;
}
export interface Decoded {
  logits: Float32Array;
  /** The network's own guess of the overlap with what is meant. */
  quality: number;
}

export interface Promptable {
  readonly spec: SamSpec;
  /** Memory it takes about. */
  readonly bytes: number;
  /** Whether it can look at an image at once. */
  readonly isReady: boolean;
  /** Loads what looks at images. */
  prepare(): Promise<void>;
  /** @param image [1, channels, side…] */
  embed(image: Float32Array): Promise<Tensor>;
  /** Masks for prompts on one image; those of one shape are answered in one run. */
  decode(embedding: Tensor, prompts: readonly PixelPrompt[]): Promise<Decoded[]>;
  release(): Promise<void>;
}

/** Values of a decoded mask. */
export const decodedLength = (spec: SamSpec): number => (4 * gridOf(spec)) ** spec.axes;

const countOf = (parameters: readonly ParameterSpec[]): number => parameters.reduce((sum, { dims }) => sum + sizeOf(dims), 0);

/** Sessions of decoders kept, one per number of points and the like. */
const keptDecoders = 6;

/**
 * @param graphs where the optimised graph of what looks at images is kept, and the hash of the weights it was made from
 * @throws FILE_UNREADABLE, FILE_DAMAGED, CHECKPOINT_MISMATCH, TEACHER_UNKNOWN; TEACHER_NOT_PROMPTED for one that is no SAM
 */
export async function openPromptable(
  path: string,
  name: string,
  place: Place,
  graphs: { kept: Graphs; weights: string } | null = null,
): Promise<Promptable> {
  const { spec, weights } = await loadSam({ weights: path, name });
  const decoders = new Map<string, Session>();
  let encoder: Session | null = null;

  async function decoderFor(shape: Shape): Promise<Session> {
    const key = JSON.stringify(shape);
    const session = decoders.get(key) ?? (await sessionOf(samDecoderModel(spec, weights, { ...shape, size: 'decoded' }), place));
    decoders.delete(key);
    decoders.set(key, session); // the last one used stands last
    for (const [unused, old] of [...decoders].slice(0, -keptDecoders)) {
      decoders.delete(unused);
      await old.release();
    }
    return session;
  }

  async function encoderReady(): Promise<Session> {
    const make = () => samEncoderModel(spec, weights);
    encoder ??= graphs ? await graphs.kept.session({ encoderOf: graphs.weights }, path, place, make) : await sessionOf(make(), place);
    return encoder;
  }

  return {
    spec,
    get bytes() {
      return 4 * countOf(maskParameters(spec)) * (1 + decoders.size) + (encoder ? 4 * countOf(imageParameters(spec)) : 0);
    },
    get isReady() {
      return encoder !== null;
    },
    async prepare() {
      await encoderReady();
    },
    async embed(data) {
      const encoder = await encoderReady();
      const dims = [1, spec.channels, ...perAxis(spec, spec.imageSide)];
      return (await encoder.run({ image: { dims, data } })).embedding;
    },
    async decode(embedding, prompts) {
      const answers = new Map<PixelPrompt, Decoded>();
      for (const alike of Map.groupBy(prompts, (prompt) => JSON.stringify(shapeOf(spec, prompt))).values()) {
        const shape = { ...shapeOf(spec, alike[0]), batch: alike.length };
        const { logits, quality } = await (await decoderFor(shape)).run({ embedding, ...feedsOf(spec, shape, alike) });
        for (const [at, prompt] of alike.entries()) answers.set(prompt, bestOf(spec, at, logits, quality));
      }
      return prompts.map((prompt) => answers.get(prompt) as Decoded);
    },
    async release() {
      for (const session of [...decoders.values(), ...(encoder ? [encoder] : [])]) await session.release();
      decoders.clear();
      encoder = null;
    },
  };
}

interface Shape {
  points: number;
  boxes: boolean;
  mask: boolean;
  choice: MaskChoice;
}

/**
 * One click in the plane may mean a part or the whole, so the further masks are asked for and the best is taken, as SAM's authors advise.
 * SAM-Med3D was never trained without a mask; an empty one stands for none.
 */
const shapeOf = ({ axes }: SamSpec, { points, box, mask }: PixelPrompt): Shape => ({
  points: points.length,
  boxes: box !== null,
  mask: mask !== null || axes === 3,
  choice: axes === 2 && points.length === 1 && !box && !mask ? 'multiple' : 'single',
});

function feedsOf(spec: SamSpec, shape: Shape & { batch: number }, prompts: readonly PixelPrompt[]): Record<string, Tensor> {
  const { batch, points, boxes, mask } = shape;
  const maskDims = [batch, 1, ...perAxis(spec, 4 * gridOf(spec))];
  const masks = new Float32Array(mask ? sizeOf(maskDims) : 0);
  if (mask) for (const [at, prompt] of prompts.entries()) if (prompt.mask) masks.set(prompt.mask, at * decodedLength(spec));
  const labels = Int32Array.from(prompts.flatMap((prompt) => prompt.points.map(({ label }) => label)));
  const places = Float32Array.from(prompts.flatMap((prompt) => prompt.points.flatMap(({ place }) => [...place])));
  return {
    ...(points > 0 && { points: { dims: [batch, points, spec.axes], data: places }, labels: { dims: [batch, points], data: labels } }),
    ...(boxes && { boxes: { dims: [batch, 4], data: Float32Array.from(prompts.flatMap(({ box }) => [...(box ?? [])])) } }),
    ...(mask && { mask: { dims: maskDims, data: masks } }),
  };
}

/** The mask of one prompt that the network itself thinks most of. */
function bestOf(spec: SamSpec, at: number, logits: Tensor, quality: Tensor): Decoded {
  const masks = quality.dims[1];
  const guesses = Array.from({ length: masks }, (_, n) => Number(quality.data[at * masks + n]));
  const best = guesses.indexOf(Math.max(...guesses));
  const length = decodedLength(spec);
  const first = (at * masks + best) * length;
  return { logits: (logits.data as Float32Array).slice(first, first + length), quality: guesses[best] };
}

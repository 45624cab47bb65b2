/**
 * A frozen SAM as two ONNX models with the weights inside: one gives the embedding of an image, the other masks for an embedding and
 * prompts. The first takes seconds and runs once per image; the second takes a few hundredths of that and runs at every click.
 */
import { type Input, input, type Value } from '../../engine/graph';
import { buildModel } from '../../engine/model';
import type { Model } from '../../engine/onnx';
import type { Tensor } from '../../engine/tensor';
import { frozen } from '../inference';
import { encodeImage } from './imageEncoder';
import { decodeMasks, type MaskChoice } from './maskDecoder';
import { enlargeMasks } from './pictures';
import { encodePrompts } from './promptEncoder';
import { gridOf, imageParameters, maskParameters, perAxis, type SamSpec } from './spec';

type Weights = ReadonlyMap<string, Tensor>;

/** Input `image` [batch, channels, side…], output `embedding` [batch, promptWidth, grid…]. Throws if a weight is missing or does not fit. */
export function samEncoderModel(spec: SamSpec, weights: Weights, batch = 1): Model {
  const image = input('image', 'float32', [batch, spec.channels, ...perAxis(spec, spec.imageSide)]);
  const { embedding } = encodeImage(spec, frozen(imageParameters(spec), weights), image);
  return buildModel({ name: 'sam encoder', inputs: [image], outputs: { embedding }, form: 'cpu' });
}

export interface SamDecoderOptions {
  /** Prompts answered in one call. */
  batch?: number;
  /** 1 where all prompts are for one image (unless given), else one image per prompt. */
  images?: number;
  /** Points per prompt; a prompt that has fewer is filled up with label −1, which is close to but not the same as having fewer. */
  points: number;
  boxes?: boolean;
  mask?: boolean;
  choice: MaskChoice;
  /** Masks as the decoder gives them, a quarter of the patch's resolution, or interpolated to the encoder's image. */
  size: 'decoded' | 'image';
}

/**
 * Inputs `embedding`, and as asked `points` [batch, points, axes] with `labels` [batch, points] (int32), `boxes` [batch, 4], `mask`
 * [batch, 1, 4·grid…]; outputs `logits` [batch, masks, side…] and `quality` [batch, masks].
 */
export function samDecoderModel(spec: SamSpec, weights: Weights, options: SamDecoderOptions): Model {
  const { batch = 1, images = 1, points, choice, size } = options;
  const sides = (side: number) => perAxis(spec, side);
  const embedding = input('embedding', 'float32', [images, spec.promptWidth, ...sides(gridOf(spec))]);
  const places = points > 0 ? input('points', 'float32', [batch, points, spec.axes]) : null;
  const labels = points > 0 ? input('labels', 'int32', [batch, points]) : null;
  const boxes = options.boxes ? input('boxes', 'float32', [batch, 4]) : null;
  const mask = options.mask ? input('mask', 'float32', [batch, 1, ...sides(4 * gridOf(spec))]) : null;

  const parameters = frozen(maskParameters(spec), weights);
  const prompts = encodePrompts(spec, parameters, { points: places && labels && { places, labels }, boxes, mask });
  const { logits, quality } = decodeMasks(spec, parameters, embedding, prompts, choice);
  const outputs: Record<string, Value> = { logits: size === 'image' ? enlargeMasks(spec, logits) : logits, quality };
  const inputs = [embedding, places, labels, boxes, mask].filter((x): x is Input => x !== null);
  return buildModel({ name: 'sam decoder', inputs, outputs, form: 'cpu' });
}

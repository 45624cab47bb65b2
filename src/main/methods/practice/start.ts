/**
 * Fresh parameters for a SAM that is to learn in hours on two cores: as PyTorch starts them, but attention between clicks and image begins where a
 * click lies. Released weights had to learn that over weeks, in volumes against the exchanged axes of their grid's codes.
 */
import type { Random } from '../../../shared/random';
import { type Tensor, tensor } from '../../engine/tensor';
import { initialParameters } from '../../networks/network';
import { directionsKey, type SamSpec, samParameters } from '../../networks/sam/spec';
import { layOutContent } from './contentStart';

/** How much a click's place counts at first, in units of the softmax: Σ over axes of cos(2πf·distance), times this. */
const sharpness = 3;
/** Waves along each axis that heads compare places by, in periods per half side: a quarter tells sides apart, 1 neighbours. */
const frequencies = [0.25, 0.5, 1];
/** How much weaker than PyTorch's start everything else that goes through these projections is: what a token means, and what the image shows. */
const meanings = 0.25;
const contents = 0.5;
const isMeaning = /(point_embeddings\.\d+|not_a_point_embed|iou_token|mask_tokens)\.weight$/;

/**
 * Parameters and buffers by official name.
 * @param intensities of objects, as the encoder will meet them
 */
export function practiceStart(spec: SamSpec, stream: Random, intensities: readonly number[] = []): Map<string, Tensor> {
  const start: Map<string, Tensor> = initialParameters({ parameters: samParameters(spec) }, stream.fork('weights'));
  for (const [name, { dims, data }] of start) {
    const factor = isMeaning.test(name) ? meanings : name === 'image_encoder.neck.3.weight' ? contents : 1;
    if (factor !== 1) start.set(name, { dims, data: (data as Float32Array).map((value) => factor * value) });
  }
  start.set(directionsKey, directions(spec, stream.fork('directions')));
  const places = placeColumns(spec);
  layOutContent(spec, start, places, contents, intensities);
  keepForPlaces(spec, start, places);
  const attentions = Array.from({ length: spec.decoder.depth }, (_, i) => `transformer.layers.${i}`).flatMap((layer) => [
    { name: `${layer}.cross_attn_token_to_image`, ofImage: 'k_proj' },
    { name: `${layer}.cross_attn_image_to_token`, ofImage: 'q_proj' },
  ]);
  for (const { name, ofImage } of [...attentions, { name: 'transformer.final_attn_token_to_image', ofImage: 'k_proj' }]) {
    for (const part of ['q_proj', 'k_proj']) {
      const key = `mask_decoder.${name}.${part}.weight`;
      const { dims, data } = start.get(key) as Tensor<Float32Array>;
      start.set(key, { dims, data: comparing(spec, data, dims, part === ofImage ? 'image' : 'tokens') });
    }
  }
  return start;
}

/** Sine and cosine of every wave that heads compare places by. */
const placeColumns = ({ axes, promptWidth }: SamSpec): number[] =>
  Array.from({ length: frequencies.length * axes }, (_, n) => [n, promptWidth / axes + n]).flat();

/**
 * Silences everything but places in the numbers of a token that heads compare places by: norms pass nothing on there, the image and mask prompts
 * say nothing there. Training may change that.
 */
function keepForPlaces({ decoder }: SamSpec, start: Map<string, Tensor>, places: readonly number[]): void {
  const norms = Array.from({ length: decoder.depth }, (_, i) =>
    [1, 2, 3, 4].map((n) => `mask_decoder.transformer.layers.${i}.norm${n}.weight`),
  );
  for (const name of [
    ...norms.flat(),
    'image_encoder.neck.3.weight',
    'prompt_encoder.mask_downscaling.6.weight',
    'prompt_encoder.mask_downscaling.6.bias',
  ]) {
    const { dims, data } = start.get(name) as Tensor<Float32Array>;
    const each = data.length / dims[0];
    const silent = data.slice();
    for (const place of places) silent.fill(0, place * each, (place + 1) * each);
    start.set(name, { dims, data: silent });
  }
}

/** Directions [axes, count] of positional codes: waves along each axis, then random ones as in released weights. */
function directions({ axes, promptWidth }: SamSpec, stream: Random): Tensor {
  const along = frequencies.flatMap((f) =>
    Array.from({ length: axes }, (_, axis) => Array.from({ length: axes }, (_, n) => (n === axis ? f : 0))),
  );
  const columns = Array.from({ length: promptWidth / axes }, (_, n) => along[n] ?? Array.from({ length: axes }, () => stream.normal()));
  return tensor([axes, columns.length], Array.from({ length: axes }, (_, axis) => columns.map((column) => column[axis])).flat());
}

/**
 * A projection whose heads compare places: each takes sine and cosine along every axis at one frequency, so that a product of two is Σ cos(2πf·distance).
 * The codes of a volume's grid have their first two axes exchanged, so the image's side reads them so.
 */
function comparing(
  { axes, promptWidth, decoder }: SamSpec,
  data: Float32Array,
  [rows, columns]: readonly number[],
  side: 'image' | 'tokens',
): Float32Array {
  const waves = promptWidth / axes;
  const headWidth = rows / decoder.heads;
  const to = data.slice();
  if (headWidth < 2 * axes) return to;
  const weight = Math.sqrt(sharpness * Math.sqrt(headWidth));
  for (let head = 0; head < decoder.heads; head++) {
    const at = (head % frequencies.length) * axes;
    for (let axis = 0; axis < axes; axis++) {
      const read = side === 'image' && axes === 3 && axis < 2 ? 1 - axis : axis;
      for (const [n, block] of [0, 1].entries()) {
        const row = head * headWidth + 2 * axis + n;
        to[row * columns + block * waves + at + read] += weight;
      }
    }
  }
  return to;
}

/** SAM's prompt encoder: points and boxes become tokens, a mask becomes an image, and every place has a random Fourier code (Tancik et al. 2020). */
import { constant, type Value } from '../../engine/graph';
import { conv } from '../../engine/ops/convolution';
import { add, cast, equal, gelu, mul, sub, where } from '../../engine/ops/elementwise';
import { channelLayerNorm } from '../../engine/ops/layers';
import { matmul } from '../../engine/ops/linear';
import { concat, expand, reshape } from '../../engine/ops/shape';
import { cos, sin } from '../../engine/ops/trigonometry';
import { showDims, sizeOf } from '../../engine/tensor';
import type { Parameters } from '../network';
import { directionsKey, gridOf, perAxis, type SamSpec } from './spec';
import { type Weights, weightsOf, within } from './weights';

export interface Prompts {
  /**
   * Places in pixels of the encoder's image: [N, points, axes], in the plane as (x, y), in volumes in the order of the image's axes;
   * and their labels [N, points]: 1 on the structure, 0 beside it, −1 no point at all.
   */
  points?: { places: Value; labels: Value } | null;
  /** Two corners in the plane: [N, 4] as (x, y, x, y) in pixels. */
  boxes?: Value | null;
  /** Logits of an earlier mask: [N, 1, 4·grid…]. */
  mask?: Value | null;
}
export interface EncodedPrompts {
  /** [N, tokens, promptWidth]; null if there are neither points nor boxes. */
  sparse: Value | null;
  /** [N, promptWidth, grid…], or [1, promptWidth, 1…] without a mask. */
  dense: Value;
}

const epsilon = 1e-6;

/** Encodes the prompts of one image. Throws on boxes in a volume: SAM-Med3D never learned any. */
export function encodePrompts(spec: SamSpec, parameters: Parameters, { points, boxes, mask }: Prompts): EncodedPrompts {
  if (boxes && spec.axes === 3) throw new Error('SAM: boxes are for images in the plane; this network is for volumes');
  const weights = within(weightsOf(parameters), 'prompt_encoder');
  const codes = (pixels: Value) => positionalCode(spec, parameters, mul(add(pixels, 0.5), 1 / spec.imageSide));
  const tokens: Value[] = [];
  if (points) {
    tokens.push(pointTokens(weights, codes(points.places), points.labels));
    if (!boxes) tokens.push(expand(weights('not_a_point_embed.weight'), [points.places.dims[0], 1, spec.promptWidth]));
  }
  if (boxes) {
    const corners = concat([weights('point_embeddings.2.weight'), weights('point_embeddings.3.weight')], 0);
    tokens.push(add(codes(reshape(boxes, [boxes.dims[0], 2, 2])), corners));
  }
  const noMask = () => reshape(weights('no_mask_embed.weight'), [1, spec.promptWidth, ...perAxis(spec, 1)]);
  return {
    sparse: tokens.length > 0 ? concat(tokens, 1) : null,
    dense: mask ? encodeMask(spec, within(weights, 'mask_downscaling'), mask) : noMask(),
  };
}

/** Code plus what the label means; a place with label −1 does not count, only that it is no point. */
function pointTokens(weights: Weights, codes: Value, labels: Value): Value {
  const column = reshape(labels, [...labels.dims, 1]);
  const meaning = (label: number, key: string) => mul(cast(equal(column, label), codes.dtype), weights(`${key}.weight`));
  const meant = add(codes, add(meaning(0, 'point_embeddings.0'), meaning(1, 'point_embeddings.1')));
  return where(equal(column, -1), weights('not_a_point_embed.weight'), meant);
}

/**
 * Codes of places in [0, 1] on every axis: [N, points, axes] → [N, points, promptWidth]. Sine, then cosine, of random directions; in
 * volumes the sine again.
 */
function positionalCode(spec: SamSpec, parameters: Parameters, places: Value): Value {
  const angles = mul(matmul(sub(mul(places, 2), 1), weightsOf(parameters)(directionsKey)), 2 * Math.PI);
  const waves = [sin(angles), cos(angles)];
  return concat(spec.axes === 3 ? [...waves, waves[0]] : waves, places.dims.length - 1);
}

/**
 * Codes of all tokens' centres, row by row: [1, tokens, promptWidth]. In the plane a place is (x, y), as in prompts. In volumes the
 * first two axes change places but those of points do not: the released weights were trained with that.
 */
export function gridCode(spec: SamSpec, parameters: Parameters): Value {
  const grid = gridOf(spec);
  const count = grid ** spec.axes;
  const slots = spec.axes === 3 ? [1, 0, 2] : [1, 0];
  const places = Float32Array.from({ length: count * spec.axes }, (_, i) => {
    const axis = slots[i % spec.axes];
    const token = Math.floor(i / spec.axes);
    return ((Math.floor(token / grid ** (spec.axes - 1 - axis)) % grid) + 0.5) / grid;
  });
  return positionalCode(spec, parameters, constant({ dims: [1, count, spec.axes], data: places }));
}

/** Two convolutions that halve the mask's sides, then one to the embedding's channels. */
function encodeMask(spec: SamSpec, weights: Weights, mask: Value): Value {
  const wanted = [mask.dims[0], 1, ...perAxis(spec, 4 * gridOf(spec))];
  if (sizeOf(mask.dims) !== sizeOf(wanted)) throw new Error(`SAM: the mask prompt is ${showDims(mask.dims)}, expected ${showDims(wanted)}`);
  const strides = perAxis(spec, 2);
  const layer = (x: Value, i: number) => {
    const y = conv(x, weights(`${i}.weight`), weights(`${i}.bias`), { strides });
    return gelu(channelLayerNorm(y, weights(`${i + 1}.weight`), weights(`${i + 1}.bias`), epsilon));
  };
  return conv(layer(layer(mask, 0), 3), weights('6.weight'), weights('6.bias'));
}

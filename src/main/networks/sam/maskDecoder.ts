/** SAM's mask decoder: prompt tokens and image tokens attend to each other, then every mask token becomes a filter over the enlarged image. */
import type { Value } from '../../engine/graph';
import { add, gelu, relu } from '../../engine/ops/elementwise';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { concat, expand, reshape, slice, transpose } from '../../engine/ops/shape';
import type { Parameters } from '../network';
import { type EncodedPrompts, gridCode } from './promptEncoder';
import { gridOf, perAxis, type SamSpec } from './spec';
import { twoWayTransformer } from './twoWayTransformer';
import { dense, norm, type Weights, weightsOf, within } from './weights';

/** One mask for a clear prompt, or the further ones for a prompt that may mean a part or the whole. */
export type MaskChoice = 'single' | 'multiple';

export interface DecodedMasks {
  /** [N, masks, 4·grid…]; above 0 is inside. */
  logits: Value;
  /** Guessed overlap with the structure meant, of every mask: [N, masks], about 0 … 1. */
  quality: Value;
}

/** Masks for an embedding [N or 1, promptWidth, grid…] and prompts; whichever has batch 1 serves all of the other. */
export function decodeMasks(
  spec: SamSpec,
  parameters: Parameters,
  embedding: Value,
  prompts: EncodedPrompts,
  choice: MaskChoice,
): DecodedMasks {
  const weights = within(weightsOf(parameters), 'mask_decoder');
  const { promptWidth: width, masks } = spec;
  const batch = Math.max(embedding.dims[0], prompts.dense.dims[0], prompts.sparse?.dims[0] ?? 1);
  const forAll = (x: Value) => expand(x, [batch, ...x.dims.slice(-2)]);
  const outputs = concat([weights('iou_token.weight'), weights('mask_tokens.weight')], 0);
  const tokens = concat([forAll(reshape(outputs, [1, masks + 1, width])), ...(prompts.sparse ? [forAll(prompts.sparse)] : [])], 1);

  const image = add(embedding, prompts.dense);
  const count = gridOf(spec) ** spec.axes;
  const rows = forAll(transposeLast(reshape(image, [image.dims[0], width, count])));
  const attended = twoWayTransformer(spec, within(weights, 'transformer'), { tokens, image: rows, positions: gridCode(spec, parameters) });

  const [from, to] = choice === 'single' ? [0, 1] : [1, masks];
  const filters = Array.from({ length: to - from }, (_, i) => {
    const token = slice(attended.tokens, 1, 1 + from + i, 2 + from + i);
    return perceptron(within(weights, `output_hypernetworks_mlps.${from + i}`), token);
  });
  const quality = perceptron(within(weights, 'iou_prediction_head'), slice(attended.tokens, 1, 0, 1));
  return {
    logits: filtered(spec, within(weights, 'output_upscaling'), attended.image, concat(filters, 1)),
    quality: slice(reshape(quality, [batch, masks]), 1, from, to),
  };
}

/** Three linear layers with rectifiers between them. */
function perceptron(weights: Weights, x: Value): Value {
  const [first, second, third] = [0, 1, 2].map((i) => within(weights, `layers.${i}`));
  return dense(third, relu(dense(second, relu(dense(first, x)))));
}

/**
 * Image tokens [N, tokens, width] enlarged four times by two transposed convolutions, then every filter [N, masks, width/8] applied:
 * [N, masks, 4·grid…]. Kernel and stride are 2, so each token becomes its own 2×2(×2) block: matrix products with channels last, and only
 * the finished masks are put in the order of pixels.
 */
function filtered(spec: SamSpec, weights: Weights, image: Value, filters: Value): Value {
  const { axes } = spec;
  const [batch] = image.dims;
  const grid = gridOf(spec);
  const masks = matmul(enlarged(spec, weights, image), transposeLast(filters));
  const split = reshape(masks, [batch, ...perAxis(spec, grid), ...perAxis(spec, 2), ...perAxis(spec, 2), filters.dims[1]]);
  const pixels = perAxis(spec, 0).flatMap((_, i) => [1 + i, 1 + axes + i, 1 + 2 * axes + i]);
  return reshape(transpose(split, [0, 1 + 3 * axes, ...pixels]), [batch, filters.dims[1], ...perAxis(spec, 4 * grid)]);
}

/** Image tokens [N, tokens, width] four times as fine: [N, tokens·4^axes, width/8], each token's block after the other. */
function enlarged({ axes }: SamSpec, weights: Weights, image: Value): Value {
  const [batch, count] = image.dims;
  const corners = 2 ** axes;
  const once = gelu(norm(within(weights, '1'), risen(within(weights, '0'), image, [batch, count * corners]), 1e-6));
  return gelu(risen(within(weights, '3'), once, [batch, count * corners ** 2]));
}

/** What filters would be applied to if nobody had asked about anything: features of every place of a mask, [N, (4·grid)^axes, width/8], in the order of `byBlocks`. */
export function placeFeatures(spec: SamSpec, parameters: Parameters, embedding: Value): Value {
  const weights = within(weightsOf(parameters), 'mask_decoder');
  const rows = transposeLast(reshape(embedding, [embedding.dims[0], spec.promptWidth, gridOf(spec) ** spec.axes]));
  return enlarged(spec, within(weights, 'output_upscaling'), rows);
}
/** A map as large as a mask, [N, 4·grid…], in the order of `placeFeatures`: [N, (4·grid)^axes]. */
export function byBlocks(spec: SamSpec, map: Value): Value {
  const { axes } = spec;
  const split = reshape(map, [map.dims[0], ...perAxis(spec, 0).flatMap(() => [gridOf(spec), 2, 2])]);
  const order = [0, 1, 2].flatMap((part) => perAxis(spec, 0).map((_, axis) => 1 + 3 * axis + part));
  return reshape(transpose(split, [0, ...order]), [map.dims[0], (4 * gridOf(spec)) ** axes]);
}

/** [N, tokens, from] → [N, tokens·2^axes, to], a token's block in the order of its axes. */
function risen(weights: Weights, x: Value, dims: readonly number[]): Value {
  const [from, to, ...kernel] = weights('weight').dims;
  const cornersFirst = transpose(reshape(weights('weight'), [from, to, kernel.reduce((product, side) => product * side, 1)]), [0, 2, 1]);
  const corners = cornersFirst.dims[1];
  const spread = matmul(x, reshape(cornersFirst, [from, corners * to]));
  // Once per row of all corners: over rows of one corner's few numbers the addition took longer than the product.
  const biases = reshape(expand(weights('bias'), [corners, to]), [corners * to]);
  return reshape(add(spread, biases), [...dims, to]);
}

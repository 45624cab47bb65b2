/**
 * SAM's image encoder: a vision transformer whose blocks attend within windows, a few of them over the whole grid (Li et al. 2022),
 * and a convolutional neck. Tokens stay on their grid, channels last, up to the neck.
 */
import type { Value } from '../../engine/graph';
import { conv } from '../../engine/ops/convolution';
import { add, gelu } from '../../engine/ops/elementwise';
import { channelLayerNorm, linear } from '../../engine/ops/layers';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { pad, reshape, slice, transpose } from '../../engine/ops/shape';
import { showDims } from '../../engine/tensor';
import type { Parameters } from '../network';
import { axisNames, gridOf, perAxis, type SamSpec, sideOf } from './spec';
import { dense, norm, type Weights, weightsOf, within } from './weights';
import { windowedAttention } from './windows';

export interface EncodedImage {
  /** Tokens before positions are added: [N, grid…, width]. */
  patches: Value;
  /** After every block: [N, grid…, width]. */
  blocks: readonly Value[];
  /** [N, promptWidth, grid…]. */
  embedding: Value;
}
/**
 * What happens to the zeros that fill windows reaching over the grid's edge. The original keeps them as keys, and the weights were
 * trained so; `folded` gives the same numbers from one key that stands for all of them.
 */
export type WindowPadding = 'folded' | 'kept';

const epsilon = 1e-6;

/** Encodes images [N, channels, side…]. Throws if the image has another side than the spec. */
export function encodeImage(spec: SamSpec, parameters: Parameters, image: Value, padding: WindowPadding = 'folded'): EncodedImage {
  const wanted = [image.dims[0], spec.channels, ...perAxis(spec, spec.imageSide)];
  if (showDims(image.dims) !== showDims(wanted)) throw new Error(`SAM: the image is ${showDims(image.dims)}, expected ${showDims(wanted)}`);
  const weights = within(weightsOf(parameters), 'image_encoder');
  const patches = embedPatches(spec, within(weights, 'patch_embed.proj'), image);
  let x: Value = add(patches, weights('pos_embed'));
  const blocks: Value[] = [];
  for (let i = 0; i < spec.depth; i++) {
    x = block(spec, within(weights, `blocks.${i}`), x, sideOf(spec, i), padding);
    blocks.push(x);
  }
  return { patches, blocks, embedding: neck(spec, within(weights, 'neck'), x) };
}

/** The patch convolution as one matrix product: kernel and stride are equal, so no two outputs share a pixel. */
function embedPatches(spec: SamSpec, weights: Weights, image: Value): Value {
  const { patch, width, axes } = spec;
  const grid = gridOf(spec);
  const [batch, channels] = image.dims;
  const split = reshape(image, [batch, channels, ...perAxis(spec, [grid, patch]).flat()]);
  const axis = perAxis(spec, 0).map((_, i) => 2 * i + 2);
  const gathered = transpose(split, [0, ...axis, 1, ...axis.map((i) => i + 1)]);
  const pixels = channels * patch ** axes;
  const rows = reshape(gathered, [batch, ...perAxis(spec, grid), pixels]);
  return linear(rows, reshape(weights('weight'), [width, pixels]), weights('bias'));
}

function block(spec: SamSpec, weights: Weights, x: Value, side: number, padding: WindowPadding): Value {
  const attended = add(x, attend(spec, within(weights, 'attn'), norm(within(weights, 'norm1'), x, epsilon), side, padding));
  const hidden = gelu(dense(within(weights, 'mlp.lin1'), norm(within(weights, 'norm2'), attended, epsilon)));
  return add(attended, dense(within(weights, 'mlp.lin2'), hidden));
}

function attend(spec: SamSpec, weights: Weights, x: Value, side: number, padding: WindowPadding): Value {
  const grid = gridOf(spec);
  const missing = padding === 'kept' ? Math.ceil(grid / side) * side - grid : 0;
  const none = x.dims.map(() => 0);
  const padded = pad(x, none, [0, ...perAxis(spec, missing), 0]);
  let y = windowedAttention({
    qkv: dense(within(weights, 'qkv'), padded),
    bias: weights('qkv.bias'),
    heads: spec.heads,
    side,
    tables: axisNames(spec).map((axis) => weights(`rel_pos_${axis}`)),
  });
  for (let axis = 1; axis <= spec.axes; axis++) y = slice(y, axis, 0, grid);
  return dense(within(weights, 'proj'), y);
}

/** A 1×1 and a 3×3 convolution without bias, each followed by a norm over channels. */
function neck(spec: SamSpec, weights: Weights, x: Value): Value {
  const { promptWidth, width, axes } = spec;
  const mixed = matmul(x, transposeLast(reshape(weights('0.weight'), [promptWidth, width])));
  const first = norm(within(weights, '1'), mixed, epsilon);
  const channelsFirst = transpose(first, [0, axes + 1, ...perAxis(spec, 0).map((_, i) => i + 1)]);
  const smoothed = conv(channelsFirst, weights('2.weight'), null, { before: perAxis(spec, 1) });
  return channelLayerNorm(smoothed, weights('3.weight'), weights('3.bias'), epsilon);
}

/**
 * DINOv3 vision transformers: an image in, features of its patches and one class token out. Written after the official module's
 * definition (facebookresearch/dinov3, `DinoVisionTransformer` in evaluation); keys of parameters are the official ones.
 */
import { constant, type Value } from '../../engine/graph';
import { conv } from '../../engine/ops/convolution';
import { add, cast, gelu, mul, silu, where } from '../../engine/ops/elementwise';
import { layerNorm } from '../../engine/ops/layerNorm';
import { linear } from '../../engine/ops/layers';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { concat, expand, reshape, slice, transpose } from '../../engine/ops/shape';
import { softmax } from '../../engine/ops/softmax';
import { showDims, tensor } from '../../engine/tensor';
import type { Parameters } from '../network';
import type { Dinov3Spec } from './parameters';
import { ropePeriods, ropeTables } from './rope';

const epsilon = 1e-5;

/** A network to run: its sizes, its parameters as values, and the periods of its positions where its file states them. */
export interface Dinov3 {
  spec: Dinov3Spec;
  parameters: Parameters;
  periods?: ArrayLike<number>;
}

/**
 * The tokens after every block, each [B, 1 + S + h·w, C]: class token, storage tokens, then patches row by row.
 * @param image [B, inChannels, H, W]; H and W multiples of the patch, otherwise free
 * @param mask  [B, h·w], not 0 where a patch is hidden behind the mask token
 */
export function dinov3Blocks(network: Dinov3, image: Value, mask: Value | null = null): Value[] {
  const { spec } = network;
  const { patch, width, heads, inChannels, depth } = spec;
  const [, channels, ...sides] = image.dims;
  if (image.dims.length !== 4 || channels !== inChannels || sides.some((side) => side % patch !== 0)) {
    throw new Error(`dinov3: ${showDims(image.dims)} should be [B, ${inChannels}, H, W] with sides that are multiples of ${patch}`);
  }
  if (width % heads !== 0) throw new Error(`dinov3: ${width} features cannot be shared between ${heads} heads`);
  const [rows, columns] = sides.map((side) => side / patch);
  const turn = rotation(rows, columns, network.periods ?? ropePeriods(width / heads), spec);
  let tokens = embed(network, image, mask);
  return Array.from({ length: depth }, (_, block) => {
    tokens = transformerBlock(network, `blocks.${block}`, tokens, turn);
    return tokens;
  });
}

/** Tokens told apart. */
export interface Dinov3Tokens {
  /** [B, C] */
  cls: Value;
  /** [B, S, C] */
  storage: Value;
  /** [B, h·w, C] */
  patches: Value;
}

/** The tokens after some block, as they are or through the network's final norms, which may differ between patches and the others. */
export function dinov3Tokens({ spec, parameters }: Dinov3, tokens: Value, norms: 'final' | 'none'): Dinov3Tokens {
  const [batch, count, width] = tokens.dims;
  const first = 1 + spec.storageTokens;
  const through = (x: Value, name: string) => (norms === 'none' ? x : normed(parameters, name, x));
  const others = through(slice(tokens, 1, 0, first), spec.norms.classApart ? 'cls_norm' : 'norm');
  return {
    cls: reshape(slice(others, 1, 0, 1), [batch, width]),
    storage: slice(others, 1, 1, first),
    patches: through(slice(tokens, 1, first, count), 'norm'),
  };
}

/** Patch tokens [B, h·w, C] of an image [B, …, H, W] as a picture [B, C, h, w]. */
export function dinov3Map({ spec }: Dinov3, patches: Value, image: Value): Value {
  const [batch, , width] = patches.dims;
  return reshape(transpose(patches, [0, 2, 1]), [batch, width, ...image.dims.slice(2).map((side) => side / spec.patch)]);
}

function get(parameters: Parameters, name: string): Value {
  const value = parameters.get(name);
  if (!value) throw new Error(`dinov3: no parameters for ${name}`);
  return value;
}
const normed = (parameters: Parameters, name: string, x: Value): Value =>
  layerNorm(x, get(parameters, `${name}.weight`), get(parameters, `${name}.bias`), epsilon);

/** A linear layer; it has a bias if there is one among the parameters. */
const dense = (parameters: Parameters, name: string, x: Value): Value =>
  linear(x, get(parameters, `${name}.weight`), parameters.get(`${name}.bias`) ?? null);

function embed({ spec, parameters }: Dinov3, image: Value, mask: Value | null): Value {
  const { patch, width, storageTokens } = spec;
  const weight = get(parameters, 'patch_embed.proj.weight');
  const grid = conv(image, weight, get(parameters, 'patch_embed.proj.bias'), { strides: [patch, patch] });
  const [batch, , rows, columns] = grid.dims;
  let patches = transpose(reshape(grid, [batch, width, rows * columns]), [0, 2, 1]);
  if (mask) {
    const hidden = reshape(cast(mask, 'bool'), [batch, rows * columns, 1]);
    patches = where(hidden, reshape(get(parameters, 'mask_token'), [1, 1, width]), patches);
  }
  const each = (name: string, count: number) => expand(get(parameters, name), [batch, count, width]);
  return concat([each('cls_token', 1), ...(storageTokens > 0 ? [each('storage_tokens', storageTokens)] : []), patches], 1);
}

/** x + γ₁·attention(norm x), then x + γ₂·feedForward(norm x). */
function transformerBlock(network: Dinov3, name: string, x: Value, turn: (x: Value) => Value): Value {
  const { parameters } = network;
  const scaled = (branch: Value, scale: string) => mul(branch, get(parameters, `${name}.${scale}.gamma`));
  const once = add(x, scaled(attention(network, `${name}.attn`, normed(parameters, `${name}.norm1`, x), turn), 'ls1'));
  return add(once, scaled(feedForward(network, `${name}.mlp`, normed(parameters, `${name}.norm2`, once)), 'ls2'));
}

function attention({ spec, parameters }: Dinov3, name: string, x: Value, turn: (x: Value) => Value): Value {
  const [batch, count, width] = x.dims;
  const headDim = width / spec.heads;
  const bias = spec.biases.qkv === 'none' ? null : qkvBias(get(parameters, `${name}.qkv.bias`), spec);
  const qkv = reshape(linear(x, get(parameters, `${name}.qkv.weight`), bias), [batch, count, 3, spec.heads, headDim]);
  const apart = transpose(qkv, [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((which) => reshape(slice(apart, 0, which, which + 1), [batch, spec.heads, count, headDim]));
  const scores = matmul(mul(turn(q), headDim ** -0.5), transposeLast(turn(k)));
  const mixed = transpose(matmul(softmax(scores, 3), v), [0, 2, 1, 3]);
  return dense(parameters, `${name}.proj`, reshape(mixed, [batch, count, width]));
}

/** The bias of q, k and v together. Where keys are masked, whatever the file holds for them counts as zero. */
function qkvBias(bias: Value, { biases, width }: Dinov3Spec): Value {
  if (biases.qkv !== 'keysMasked') return bias;
  const none = constant(tensor([width], new Float32Array(width)));
  return concat([slice(bias, 0, 0, width), none, slice(bias, 0, 2 * width, 3 * width)], 0);
}

function feedForward({ spec, parameters }: Dinov3, name: string, x: Value): Value {
  if (spec.feedForward.kind === 'mlp') return dense(parameters, `${name}.fc2`, gelu(dense(parameters, `${name}.fc1`, x)));
  return dense(parameters, `${name}.w3`, mul(silu(dense(parameters, `${name}.w1`, x)), dense(parameters, `${name}.w2`, x)));
}

/**
 * Turns [B, heads, tokens, headDim]: x·cos + swap(x)·sin with swap(a, b) = (−b, a) on halves. The sign sits in the table; class and
 * storage tokens have angle zero.
 */
function rotation(rows: number, columns: number, periods: ArrayLike<number>, spec: Dinov3Spec): (x: Value) => Value {
  const headDim = 4 * periods.length;
  if (headDim * spec.heads !== spec.width) {
    throw new Error(`dinov3: ${periods.length} periods are for heads of ${headDim} features, not ${spec.width / spec.heads}`);
  }
  const { sin, cos } = ropeTables(rows, columns, periods);
  const still = 1 + spec.storageTokens;
  const [sines, cosines] = [0, 1].map((value) => new Float32Array((still + rows * columns) * headDim).fill(value));
  cosines.set(cos.data as Float32Array, still * headDim);
  for (let n = 0; n < sin.data.length; n++)
    sines[still * headDim + n] = n % headDim < headDim / 2 ? -Number(sin.data[n]) : Number(sin.data[n]);
  const [s, c] = [sines, cosines].map((data) => constant(tensor([still + rows * columns, headDim], data)));
  return (x) => {
    const swapped = concat([slice(x, 3, headDim / 2, headDim), slice(x, 3, 0, headDim / 2)], 3);
    return add(mul(x, c), mul(swapped, s));
  };
}

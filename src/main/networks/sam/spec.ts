/** SAM (Kirillov et al. 2023) and its 3D kin SAM-Med3D as numbers: every size, and every parameter under its official key. */
import type { Draw } from '../initialisation';
import { type ParameterSpec, parameterCount } from '../network';

export interface SamSpec {
  /** Spatial axes: 2 is SAM; 3 is SAM-Med3D, whose weights SegAnyPET shares. */
  axes: 2 | 3;
  /** Channels of the image. */
  channels: number;
  /** Pixels along each side of the image. */
  imageSide: number;
  /** Pixels along each side of a token. */
  patch: number;
  /** Numbers per token in the encoder. */
  width: number;
  depth: number;
  heads: number;
  mlpWidth: number;
  /** Tokens along each side of a window. */
  window: number;
  /** Blocks that attend over the whole grid instead. */
  globalBlocks: readonly number[];
  /** Channels of the embedding, and numbers per prompt token. */
  promptWidth: number;
  /** Channels in the middle of the mask prompt's convolutions; a multiple of 4. */
  maskWidth: number;
  decoder: { depth: number; heads: number; mlpWidth: number };
  /** Hidden width of the head that guesses each mask's quality. */
  qualityWidth: number;
  /** Mask tokens: the single mask, then those of an ambiguous prompt. */
  masks: number;
}

/** Tokens along each side of the image. */
export const gridOf = ({ imageSide, patch }: SamSpec): number => imageSide / patch;
/** Tokens along each side of what one query of block `i` sees. */
export const sideOf = (spec: SamSpec, i: number): number => (spec.globalBlocks.includes(i) ? gridOf(spec) : spec.window);
/** One number per spatial axis. */
export const perAxis = <T>({ axes }: SamSpec, value: T): T[] => Array.from({ length: axes }, () => value);
/** Names of the axes of relative positions, slowest first. */
export const axisNames = ({ axes }: SamSpec): string[] => (axes === 3 ? ['d', 'h', 'w'] : ['h', 'w']);

const decoder = { depth: 2, heads: 8, mlpWidth: 2048 };
const plane = (width: number, depth: number, heads: number, globalBlocks: readonly number[]): SamSpec => ({
  ...{ axes: 2, channels: 3, imageSide: 1024, patch: 16, window: 14 },
  ...{ width, depth, heads, mlpWidth: 4 * width, globalBlocks },
  ...{ promptWidth: 256, maskWidth: 16, decoder, qualityWidth: 256, masks: 4 },
});
/** The released networks. */
export const officialSams = {
  'SAM ViT-B': plane(768, 12, 12, [2, 5, 8, 11]),
  'SAM ViT-L': plane(1024, 24, 16, [5, 11, 17, 23]),
  'SAM ViT-H': plane(1280, 32, 16, [7, 15, 23, 31]),
  'SAM-Med3D': { ...plane(768, 12, 12, [2, 5, 8, 11]), axes: 3, channels: 1, imageSide: 128, promptWidth: 384 },
} as const satisfies Record<string, SamSpec>;

/** The random directions of positional codes: stored beside the parameters, never trained. */
export const directionsKey = 'prompt_encoder.pe_layer.positional_encoding_gaussian_matrix';

/** PyTorch's start of a linear layer or convolution: weights and bias uniform within 1/√fan-in. */
function layer(name: string, dims: readonly number[], fanIn: number, outputs: number | null = dims[0]): ParameterSpec[] {
  const weight: ParameterSpec = { name: `${name}.weight`, dims, start: 'bias', fanIn };
  return outputs === null ? [weight] : [weight, { name: `${name}.bias`, dims: [outputs], start: 'bias', fanIn }];
}
const linear = (name: string, from: number, to: number) => layer(name, [to, from], from);
const norm = (name: string, width: number): ParameterSpec[] => [
  { name: `${name}.weight`, dims: [width], start: 'ones', fanIn: 1 },
  { name: `${name}.bias`, dims: [width], start: 'zeros', fanIn: 1 },
];
const zeros = (name: string, dims: readonly number[]): ParameterSpec => ({ name, dims, start: 'zeros', fanIn: 1 });
const standardNormal: Draw = (stream) => stream.normal();
const normal = (name: string, dims: readonly number[]): ParameterSpec => ({ name, dims, start: standardNormal, fanIn: 1 });
const range = (count: number) => [...Array(count).keys()];

/** Every parameter and buffer in the order of the official state. */
export const samParameters = (spec: SamSpec): ParameterSpec[] => [...imageParameters(spec), ...maskParameters(spec)];
/** What encoding an image takes. */
export const imageParameters = (spec: SamSpec): ParameterSpec[] => encoderParameters(spec).map(under('image_encoder'));
/** What encoding prompts and decoding masks takes. */
export const maskParameters = (spec: SamSpec): ParameterSpec[] => [
  ...promptParameters(spec).map(under('prompt_encoder')),
  ...decoderParameters(spec).map(under('mask_decoder')),
];
const under = (prefix: string) => (parameter: ParameterSpec) => ({ ...parameter, name: `${prefix}.${parameter.name}` });

/** Numbers that training could change. */
export const samParameterCount = (spec: SamSpec): number => parameterCount({ parameters: samParameters(spec) });

function encoderParameters(spec: SamSpec): ParameterSpec[] {
  const { width, mlpWidth, promptWidth, channels, patch, axes } = spec;
  const kernel = (side: number) => perAxis(spec, side);
  return [
    zeros('pos_embed', [1, ...perAxis(spec, gridOf(spec)), width]),
    ...layer('patch_embed.proj', [width, channels, ...kernel(patch)], channels * patch ** axes),
    ...range(spec.depth).flatMap((i) =>
      [
        ...norm('norm1', width),
        ...axisNames(spec).map((axis) => zeros(`attn.rel_pos_${axis}`, [2 * sideOf(spec, i) - 1, width / spec.heads])),
        ...linear('attn.qkv', width, 3 * width),
        ...linear('attn.proj', width, width),
        ...norm('norm2', width),
        ...linear('mlp.lin1', width, mlpWidth),
        ...linear('mlp.lin2', mlpWidth, width),
      ].map(under(`blocks.${i}`)),
    ),
    ...layer('neck.0', [promptWidth, width, ...kernel(1)], width, null),
    ...norm('neck.1', promptWidth),
    ...layer('neck.2', [promptWidth, promptWidth, ...kernel(3)], promptWidth * 3 ** axes, null),
    ...norm('neck.3', promptWidth),
  ];
}

function promptParameters(spec: SamSpec): ParameterSpec[] {
  const { axes, promptWidth, maskWidth } = spec;
  const corners = 2 ** axes;
  return [
    { ...normal('pe_layer.positional_encoding_gaussian_matrix', [axes, promptWidth / axes]), kind: 'buffer' },
    // Negative and positive points; in the plane also the two corners of a box.
    ...range(axes === 2 ? 4 : 2).map((i) => normal(`point_embeddings.${i}.weight`, [1, promptWidth])),
    normal('not_a_point_embed.weight', [1, promptWidth]),
    ...layer('mask_downscaling.0', [maskWidth / 4, 1, ...perAxis(spec, 2)], corners),
    ...norm('mask_downscaling.1', maskWidth / 4),
    ...layer('mask_downscaling.3', [maskWidth, maskWidth / 4, ...perAxis(spec, 2)], (maskWidth / 4) * corners),
    ...norm('mask_downscaling.4', maskWidth),
    ...layer('mask_downscaling.6', [promptWidth, maskWidth, ...perAxis(spec, 1)], maskWidth),
    normal('no_mask_embed.weight', [1, promptWidth]),
  ];
}

function decoderParameters(spec: SamSpec): ParameterSpec[] {
  const { promptWidth: width, qualityWidth, masks, decoder } = spec;
  const attention = (name: string, inner: number) => [
    ...['q_proj', 'k_proj', 'v_proj'].flatMap((part) => linear(`${name}.${part}`, width, inner)),
    ...linear(`${name}.out_proj`, inner, width),
  ];
  const rising = (name: string, from: number, to: number) => layer(name, [from, to, ...perAxis(spec, 2)], to * 2 ** spec.axes, to);
  const perceptron = (name: string, widths: readonly number[]) =>
    widths.slice(1).flatMap((to, i) => linear(`${name}.layers.${i}`, widths[i], to));
  return [
    ...range(decoder.depth).flatMap((i) =>
      [
        ...attention('self_attn', width),
        ...norm('norm1', width),
        ...attention('cross_attn_token_to_image', width / 2),
        ...norm('norm2', width),
        ...linear('mlp.lin1', width, decoder.mlpWidth),
        ...linear('mlp.lin2', decoder.mlpWidth, width),
        ...norm('norm3', width),
        ...norm('norm4', width),
        ...attention('cross_attn_image_to_token', width / 2),
      ].map(under(`transformer.layers.${i}`)),
    ),
    ...attention('transformer.final_attn_token_to_image', width / 2),
    ...norm('transformer.norm_final_attn', width),
    normal('iou_token.weight', [1, width]),
    normal('mask_tokens.weight', [masks, width]),
    ...rising('output_upscaling.0', width, width / 4),
    ...norm('output_upscaling.1', width / 4),
    ...rising('output_upscaling.3', width / 4, width / 8),
    ...range(masks).flatMap((i) => perceptron(`output_hypernetworks_mlps.${i}`, [width, width, width, width / 8])),
    ...perceptron('iou_prediction_head', [width, qualityWidth, qualityWidth, masks]),
  ];
}

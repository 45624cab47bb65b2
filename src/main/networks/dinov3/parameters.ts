/** What a DINOv3 vision transformer (Siméoni et al. 2025, arXiv 2508.10104) is made of: its sizes, and its parameters under the official names. */
import type { Random } from '../../../shared/random';
import { sizeOf, type Tensor } from '../../engine/tensor';
import type { Entry } from '../../engine/trainStep';

export interface Dinov3Spec {
  /** 3 for released weights. */
  inChannels: number;
  /** Side of a patch in pixels; sides of an image must be multiples of it. */
  patch: number;
  /** Numbers per token. */
  width: number;
  depth: number;
  heads: number;
  /** Tokens beside class and patches ("registers"); may be 0. */
  storageTokens: number;
  /** `mlp`: two layers with GELU between; `gated`: SwiGLU (Shazeer 2020). `hidden` is the number of features between. */
  feedForward: { kind: 'mlp' | 'gated'; hidden: number };
  /** Layers that have a bias. The key third of the qkv bias counts as zero where it is masked. */
  biases: { qkv: 'none' | 'plain' | 'keysMasked'; projection: boolean; feedForward: boolean };
  /** Final norms beside the one for patches: of class and storage tokens, and of local crops, which only training uses. */
  norms: { classApart: boolean; localClassApart: boolean };
}

const released = {
  inChannels: 3,
  patch: 16,
  storageTokens: 4,
  biases: { qkv: 'keysMasked', projection: true, feedForward: true },
  norms: { classApart: false, localClassApart: false },
} as const;

/** Features between the two halves of a SwiGLU layer: two thirds of ratio·width, rounded up to a multiple (8, or 64 for `swiglu64`). */
export function gatedHidden(width: number, ratio: number, multiple: number): number {
  return Math.ceil(Math.trunc((Math.trunc(width * ratio) * 2) / 3) / multiple) * multiple;
}

const mlp = (width: number) => ({ kind: 'mlp', hidden: 4 * width }) as const;
/** Sizes with released weights for images from the web. */
export const dinov3Sizes = {
  'ViT-S/16': { ...released, width: 384, depth: 12, heads: 6, feedForward: mlp(384) },
  'ViT-S+/16': { ...released, width: 384, depth: 12, heads: 6, feedForward: { kind: 'gated', hidden: gatedHidden(384, 6, 8) } },
  'ViT-B/16': { ...released, width: 768, depth: 12, heads: 12, feedForward: mlp(768) },
  'ViT-L/16': { ...released, width: 1024, depth: 24, heads: 16, feedForward: mlp(1024) },
} as const satisfies Record<string, Dinov3Spec>;

/** A parameter, and how it starts in a network that is trained from nothing. */
export interface Dinov3Parameter extends Entry {
  start: 'normal' | 'zeros' | 'ones' | 'layerScale';
}

/** Every parameter in the order of official files. Buffers (periods, bias masks) are not parameters. */
export function dinov3Parameters(spec: Dinov3Spec): Dinov3Parameter[] {
  const { width, patch, storageTokens, norms } = spec;
  return [
    { name: 'cls_token', dims: [1, 1, width], start: 'normal' },
    ...(storageTokens > 0 ? [{ name: 'storage_tokens', dims: [1, storageTokens, width], start: 'normal' as const }] : []),
    { name: 'mask_token', dims: [1, width], start: 'zeros' },
    { name: 'patch_embed.proj.weight', dims: [width, spec.inChannels, patch, patch], start: 'normal' },
    { name: 'patch_embed.proj.bias', dims: [width], start: 'zeros' },
    ...Array.from({ length: spec.depth }, (_, block) => blockParameters(`blocks.${block}`, spec)).flat(),
    ...norm('norm', width),
    ...(norms.classApart ? norm('cls_norm', width) : []),
    ...(norms.localClassApart ? norm('local_cls_norm', width) : []),
  ];
}

function blockParameters(block: string, { width, feedForward: { kind, hidden }, biases }: Dinov3Spec): Dinov3Parameter[] {
  const inner = kind === 'mlp' ? ['fc1'] : ['w1', 'w2'];
  return [
    ...norm(`${block}.norm1`, width),
    ...layer(`${block}.attn.qkv`, width, 3 * width, biases.qkv !== 'none'),
    ...layer(`${block}.attn.proj`, width, width, biases.projection),
    { name: `${block}.ls1.gamma`, dims: [width], start: 'layerScale' },
    ...norm(`${block}.norm2`, width),
    ...inner.flatMap((name) => layer(`${block}.mlp.${name}`, width, hidden, biases.feedForward)),
    ...layer(`${block}.mlp.${kind === 'mlp' ? 'fc2' : 'w3'}`, hidden, width, biases.feedForward),
    { name: `${block}.ls2.gamma`, dims: [width], start: 'layerScale' },
  ];
}

const norm = (name: string, width: number): Dinov3Parameter[] => [
  { name: `${name}.weight`, dims: [width], start: 'ones' },
  { name: `${name}.bias`, dims: [width], start: 'zeros' },
];
const layer = (name: string, from: number, to: number, hasBias: boolean): Dinov3Parameter[] => [
  { name: `${name}.weight`, dims: [to, from], start: 'normal' },
  ...(hasBias ? [{ name: `${name}.bias`, dims: [to], start: 'zeros' as const }] : []),
];

/** Numbers in all parameters. */
export const dinov3Count = (spec: Dinov3Spec): number => dinov3Parameters(spec).reduce((sum, { dims }) => sum + sizeOf(dims), 0);

/**
 * Fresh parameters: normal with a standard deviation of 0.02, biases zero, and layer scales that let every block start as almost nothing.
 * @param layerScale 1e-5 is the official start, made for very long training; a stand-in trained briefly wants more
 */
export function initialDinov3(spec: Dinov3Spec, random: Random, layerScale = 1e-5): Map<string, Tensor<Float32Array>> {
  return new Map(
    dinov3Parameters(spec).map(({ name, dims, start }) => {
      const stream = random.fork(name);
      const draw = { normal: () => stream.normal() * 0.02, zeros: () => 0, ones: () => 1, layerScale: () => layerScale }[start];
      return [name, { dims, data: Float32Array.from({ length: sizeOf(dims) }, draw) }];
    }),
  );
}

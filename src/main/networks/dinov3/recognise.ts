/** What DINOv3 a weights file holds, told from the shapes in it, and its parameters checked one by one. */
import { fail } from '../../../shared/errors';
import { typeOf } from '../../engine/stored';
import { sameDims, showDims, type Tensor } from '../../engine/tensor';
import { keyMask, officialDinov3, officialShapes, type Shaped } from './names';
import { type Dinov3Spec, dinov3Parameters } from './parameters';

/**
 * The network that tensors of these shapes belong to, under official or Hugging Face names; null if they are no DINOv3.
 * @param heads for files without periods, whose shapes do not show it. Not needed for released sizes; else `heads` is 0 without it
 */
export function recogniseDinov3(entries: ReadonlyMap<string, Shaped>, heads?: number): Dinov3Spec | null {
  const shapes = officialShapes(entries);
  const dims = (name: string): readonly number[] | undefined => shapes.get(name)?.dims;
  const patch = dims('patch_embed.proj.weight');
  const width = dims('cls_token')?.at(-1);
  // A learned table of positions marks its predecessors; layer scales and a mask token tell it from plain vision transformers.
  if (patch?.length !== 4 || !width || !dims('mask_token') || !dims('blocks.0.ls1.gamma') || dims('pos_embed')) return null;
  const hidden = dims('blocks.0.mlp.fc1.weight')?.[0];
  const gated = dims('blocks.0.mlp.w1.weight')?.[0];
  if (!hidden && !gated) return null;
  const blocks = [...shapes.keys()].flatMap((name) => /^blocks\.(\d+)\./.exec(name)?.[1] ?? []).map(Number);
  const has = (name: string) => shapes.has(name);
  const periods = dims('rope_embed.periods')?.[0];
  const masksKeys = has('blocks.0.attn.qkv.bias_mask') || isWithoutKeyBias(entries);
  return {
    inChannels: patch[1],
    patch: patch[2],
    width,
    depth: Math.max(...blocks) + 1,
    heads: periods ? width / (4 * periods) : (heads ?? releasedHeads[width] ?? 0),
    storageTokens: dims('storage_tokens')?.[1] ?? 0,
    feedForward: hidden ? { kind: 'mlp', hidden } : { kind: 'gated', hidden: gated as number },
    biases: {
      qkv: has('blocks.0.attn.qkv.bias') ? (masksKeys ? 'keysMasked' : 'plain') : 'none',
      projection: has('blocks.0.attn.proj.bias'),
      feedForward: has(hidden ? 'blocks.0.mlp.fc1.bias' : 'blocks.0.mlp.w1.bias'),
    },
    norms: { classApart: has('cls_norm.weight'), localClassApart: has('local_cls_norm.weight') },
  };
}

/** Heads of released sizes, by width. */
const releasedHeads: Readonly<Record<number, number>> = { 384: 6, 768: 12, 1024: 16, 1280: 20, 4096: 32 };

/** True for Hugging Face files with biases of queries and none of keys. */
function isWithoutKeyBias(entries: ReadonlyMap<string, Shaped>): boolean {
  const names = [...entries.keys()];
  return names.some((name) => /(q_proj|query)\.bias$/.test(name)) && !names.some((name) => /(k_proj|key)\.bias$/.test(name));
}

const isBuffer = (name: string): boolean => name === 'rope_embed.periods' || /^blocks\.\d+\.attn\.qkv\.bias_mask$/.test(name);

export interface Dinov3Weights {
  spec: Dinov3Spec;
  /** Under official names, exactly those of the network. */
  parameters: Map<string, Tensor>;
  /** As the file states them; otherwise they follow from the size. */
  periods?: number[];
}

/**
 * Checks weights and brings them under official names.
 * @param file what errors call them
 * @throws CHECKPOINT_MISMATCH naming every parameter that is missing, left over, or of another shape or type
 */
export function readDinov3(weights: ReadonlyMap<string, Tensor>, file: string, heads?: number): Dinov3Weights {
  const spec = recogniseDinov3(weights, heads) ?? fail('CHECKPOINT_MISMATCH', file, 'it is no DINOv3 vision transformer');
  if (!Number.isInteger(spec.heads) || !Number.isInteger(spec.width / spec.heads / 4)) {
    fail('CHECKPOINT_MISMATCH', file, `how ${spec.width} features are shared between heads is not known`);
  }
  const official = officialDinov3(weights);
  const periods = official.get('rope_embed.periods');
  const parameters = new Map<string, Tensor>();
  const faults: string[] = [];
  const buffers = new Map([...official].filter(([name]) => isBuffer(name)));
  const leftOver = new Set([...official.keys()].filter((name) => !isBuffer(name)));
  for (const { name, dims } of dinov3Parameters(spec)) {
    const given = official.get(name);
    leftOver.delete(name);
    if (!given) faults.push(`${name} is missing`);
    else if (!sameDims(given.dims, dims)) faults.push(`${name} has shape ${showDims(given.dims)}, expected ${showDims(dims)}`);
    else if (typeOf(given) !== 'float32') faults.push(`${name} holds ${typeOf(given)}, expected float32`);
    else parameters.set(name, given);
  }
  for (const name of leftOver) faults.push(`${name} is not expected`);
  for (const [name, { data }] of buffers) {
    if (name.endsWith('.bias_mask') && keyMask(data.length).data.some((value, n) => value !== data[n])) {
      faults.push(`${name} should mask the keys only`);
    }
  }
  if (faults.length > 0) fail('CHECKPOINT_MISMATCH', file, faults.join('; '));
  return { spec, parameters, ...(periods && { periods: Array.from(periods.data, Number) }) };
}

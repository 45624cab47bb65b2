/** Names of DINOv3 weights: the official ones, and those of Hugging Face, which are led back to them. */
import { sizeOf, type Tensor } from '../../engine/tensor';

/** Shapes are all that is needed to tell what a file holds. */
export interface Shaped {
  readonly dims: readonly number[];
}

/** Names that Hugging Face's converters used over time (transformers, `convert_dinov3_vit_to_hf`), under the official ones. */
const renames: readonly (readonly [RegExp, string])[] = [
  [/^embeddings\.(cls_token|mask_token)$/, '$1'],
  [/^embeddings\.register_tokens$/, 'storage_tokens'],
  [/^embeddings\.patch_embeddings\.(?:proj\.|projection\.)?(weight|bias)$/, 'patch_embed.proj.$1'],
  [/^layer\.(\d+)\.(norm[12])\.(weight|bias)$/, 'blocks.$1.$2.$3'],
  [/^layer\.(\d+)\.attention\.o_proj\.(weight|bias)$/, 'blocks.$1.attn.proj.$2'],
  [/^layer\.(\d+)\.layer_scale([12])\.lambda1$/, 'blocks.$1.ls$2.gamma'],
  [/^layer\.(\d+)\.mlp\.gate_proj\.(weight|bias)$/, 'blocks.$1.mlp.w1.$2'],
  [/^norm\.(weight|bias)$/, 'norm.$1'],
];
const attentionPart = /^layer\.(\d+)\.attention\.(q_proj|k_proj|v_proj|query|key|value)\.(weight|bias)$/;
const upOrDown = /^layer\.(\d+)\.mlp\.(up_proj|down_proj)\.(weight|bias)$/;

/** From each official name to the given names whose rows make it up, in order; null stands for a third that is zero. */
type Sources = Map<string, readonly (string | null)[]>;

/** Finds what official tensors `names` hold. Official names, and names that mean nothing here, stand for themselves. */
function officialNames(names: Iterable<string>): Sources {
  const sources: Sources = new Map();
  const plain = new Map([...names].map((name) => [name.replace(/^(?:model\.|encoder\.)+(?=embeddings\.|layer\.|norm\.)/, ''), name]));
  for (const [name, given] of plain) {
    const fused = attentionPart.exec(name);
    const [, block, kind, what] = fused ?? upOrDown.exec(name) ?? [];
    if (fused) {
      const part = (letter: string, word: string) =>
        plain.get(`layer.${block}.attention.${letter}_proj.${what}`) ?? plain.get(`layer.${block}.attention.${word}.${what}`) ?? null;
      sources.set(`blocks.${block}.attn.qkv.${what}`, [part('q', 'query'), part('k', 'key'), part('v', 'value')]);
    } else if (block) {
      const isGated = plain.has(`layer.${block}.mlp.gate_proj.weight`);
      const [up, down] = isGated ? ['w2', 'w3'] : ['fc1', 'fc2'];
      sources.set(`blocks.${block}.mlp.${kind === 'up_proj' ? up : down}.${what}`, [given]);
    } else {
      const rename = renames.find(([pattern]) => pattern.test(name));
      sources.set(rename ? name.replace(...rename) : given, [given]);
    }
  }
  return sources;
}

/** Shapes under official names. A file in which a part of a fused tensor is missing gets the shape it should have had. */
export function officialShapes(entries: ReadonlyMap<string, Shaped>): Map<string, Shaped> {
  return new Map(
    [...officialNames(entries.keys())].map(([name, parts]) => {
      const first = entries.get(parts.find((part) => part !== null) ?? '');
      const dims = first?.dims ?? [];
      return [name, { dims: parts.length === 1 ? dims : [parts.length * dims[0], ...dims.slice(1)] }];
    }),
  );
}

/**
 * Weights under official names: q, k and v in one tensor, the mask token without its second axis. Biases that a file leaves out of a fused
 * tensor are zero, and a bias mask says so where it is the keys'. Official weights come back as they are.
 * @throws a plain error where a fused weight lacks a part, or its parts differ in shape
 */
export function officialDinov3(weights: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const official = new Map<string, Tensor>();
  for (const [name, parts] of officialNames(weights.keys())) {
    if (parts.length === 1) official.set(name, weights.get(parts[0] ?? '') as Tensor);
    else {
      const whole = fuse(
        name,
        parts.map((part) => (part === null ? null : (weights.get(part) ?? null))),
      );
      official.set(name, whole);
      if (name.endsWith('bias') && parts[1] === null) official.set(`${name}_mask`, keyMask(whole.dims[0]));
    }
  }
  const maskToken = official.get('mask_token');
  if (maskToken?.dims.length === 3) official.set('mask_token', { dims: maskToken.dims.slice(1), data: maskToken.data });
  return official;
}

function fuse(name: string, parts: readonly (Tensor | null)[]): Tensor {
  const first = parts.find((part) => part !== null);
  if (!first || (name.endsWith('weight') && parts.includes(null))) throw new Error(`dinov3: ${name} lacks its part for q, k or v`);
  const each = sizeOf(first.dims);
  const data = new Float32Array(parts.length * each);
  for (const [at, part] of parts.entries()) {
    if (!part) continue;
    if (sizeOf(part.dims) !== each) throw new Error(`dinov3: the parts of ${name} have ${each} and ${sizeOf(part.dims)} numbers`);
    data.set(Float32Array.from(part.data, Number), at * each);
  }
  return { dims: [parts.length * first.dims[0], ...first.dims.slice(1)], data };
}

/** What a qkv bias is multiplied by: 1, but 0 in the middle third. */
export function keyMask(length: number): Tensor<Float32Array> {
  return { dims: [length], data: new Float32Array(length).fill(1).fill(0, length / 3, (2 * length) / 3) };
}

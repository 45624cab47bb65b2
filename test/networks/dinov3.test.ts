/** DINOv3 in all sizes, from files under every name that is in use, and what is refused. */
import { describe, expect, test } from 'vitest';
import { input } from '../../src/main/engine/graph';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { dinov3Blocks } from '../../src/main/networks/dinov3/dinov3';
import { dinov3Model } from '../../src/main/networks/dinov3/inference';
import { keyMask, officialDinov3 } from '../../src/main/networks/dinov3/names';
import {
  type Dinov3Spec,
  dinov3Count,
  dinov3Parameters,
  dinov3Sizes,
  gatedHidden,
  initialDinov3,
} from '../../src/main/networks/dinov3/parameters';
import { readDinov3, recogniseDinov3 } from '../../src/main/networks/dinov3/recognise';
import { ropePeriods } from '../../src/main/networks/dinov3/rope';
import { random } from '../../src/shared/random';
import { relativeDifference } from '../golden';

test.each([
  ['ViT-S/16', 21_601_152, 188],
  ['ViT-B/16', 85_669_632, 188],
  ['ViT-L/16', 303_154_176, 368],
] as const)('%s has %i parameters in %i tensors of an official file', (size, numbers, tensors) => {
  const spec = dinov3Sizes[size];
  expect(dinov3Count(spec)).toBe(numbers);
  expect(dinov3Parameters(spec).length + spec.depth + 1).toBe(tensors);
});

test('a gated layer is two thirds as wide as a plain one, rounded up', () => {
  expect(gatedHidden(384, 6, 8)).toBe(1536);
  expect(gatedHidden(4096, 3, 64)).toBe(8192);
  expect(gatedHidden(50, 4, 8)).toBe(136);
  expect(gatedHidden(48, 3, 64)).toBe(128);
});

/** Entries of an official file of that size. */
function officialFile(spec: Dinov3Spec): Map<string, { dims: readonly number[] }> {
  const entries = new Map(dinov3Parameters(spec).map(({ name, dims }) => [name, { dims }]));
  entries.set('rope_embed.periods', { dims: [spec.width / spec.heads / 4] });
  for (let block = 0; block < spec.depth; block++) entries.set(`blocks.${block}.attn.qkv.bias_mask`, { dims: [3 * spec.width] });
  return entries;
}

describe.each(Object.entries(dinov3Sizes))('%s', (_size, spec) => {
  test('is recognised from an official file', () => {
    expect(recogniseDinov3(officialFile(spec))).toEqual(spec);
  });

  test('is recognised under Hugging Face names', () => {
    const whole = new Map([...officialFile(spec)].map(([name, { dims }]) => [name, { dims, data: new Float32Array(0) }]));
    expect(recogniseDinov3(huggingFace(whole, 'q_proj'))).toEqual(spec);
  });
});

test('other networks are not taken for DINOv3', () => {
  const file = officialFile(dinov3Sizes['ViT-S/16']);
  const without = (name: string) => new Map([...file].filter(([other]) => other !== name));
  expect(recogniseDinov3(new Map())).toBeNull();
  expect(recogniseDinov3(new Map(file).set('pos_embed', { dims: [1, 1370, 384] }))).toBeNull();
  expect(recogniseDinov3(without('mask_token'))).toBeNull();
  expect(recogniseDinov3(without('blocks.0.ls1.gamma'))).toBeNull();
  const volumes = new Map(file).set('patch_embed.proj.weight', { dims: [384, 1, 16, 16, 16] });
  expect(recogniseDinov3(volumes)).toBeNull();
});

const small: Dinov3Spec = {
  inChannels: 3,
  patch: 4,
  width: 24,
  depth: 2,
  heads: 2,
  storageTokens: 2,
  feedForward: { kind: 'gated', hidden: 16 },
  biases: { qkv: 'keysMasked', projection: true, feedForward: true },
  norms: { classApart: false, localClassApart: false },
};

/** Random weights as in an official file: keys have a bias that does not count. */
function smallFile(spec = small): Map<string, Tensor> {
  const stream = random(5);
  const file = new Map<string, Tensor>(
    [...initialDinov3(spec, random(4), 0.5)].map(([name, { dims, data }]) => [
      name,
      { dims, data: data.map((x) => x + stream.normal() * 0.2) },
    ]),
  );
  for (let block = 0; block < spec.depth; block++) file.set(`blocks.${block}.attn.qkv.bias_mask`, keyMask(3 * spec.width));
  const periods = ropePeriods(spec.width / spec.heads);
  return file.set('rope_embed.periods', { dims: [periods.length], data: periods });
}

/** The same weights as Hugging Face stores them; `q_proj` names as of today, `query` ones as in early files. */
function huggingFace(official: ReadonlyMap<string, Tensor>, spelling: 'q_proj' | 'query', prefix = ''): Map<string, Tensor> {
  const file = new Map<string, Tensor>();
  const attention = spelling === 'q_proj' ? ['q_proj', 'k_proj', 'v_proj'] : ['query', 'key', 'value'];
  const isGated = official.has('blocks.0.mlp.w1.weight');
  const words: Record<string, string> = isGated
    ? { w1: 'gate_proj', w2: 'up_proj', w3: 'down_proj' }
    : { fc1: 'up_proj', fc2: 'down_proj' };
  for (const [name, { dims, data }] of official) {
    if (/periods$|bias_mask$/.test(name)) continue;
    const theirs = name
      .replace('storage_tokens', 'register_tokens')
      .replace(/^(cls|register|mask)_token/, 'embeddings.$&')
      .replace('patch_embed.proj', `embeddings.patch_embeddings${spelling === 'query' ? '.proj' : ''}`)
      .replace(/^blocks/, 'layer')
      .replace('attn.proj', 'attention.o_proj')
      .replace(/ls([12])\.gamma/, 'layer_scale$1.lambda1')
      .replace(/mlp\.(\w+)/, (_whole, layer: string) => `mlp.${words[layer]}`);
    const third = data.length / 3;
    const parts = [0, 1, 2].map((n) => ({ dims: [dims[0] / 3, ...dims.slice(1)], data: data.slice(n * third, (n + 1) * third) }));
    if (!theirs.includes('attn.qkv')) file.set(prefix + theirs, name === 'mask_token' ? { dims: [1, ...dims], data } : { dims, data });
    else {
      for (const [n, part] of parts.entries()) {
        if (n !== 1 || theirs.endsWith('weight')) file.set(prefix + theirs.replace('attn.qkv', `attention.${attention[n]}`), part);
      }
    }
  }
  return file;
}

describe.each(['mlp', 'gated'] as const)('a file with a layer of kind %s under Hugging Face names', (kind) => {
  const spec: Dinov3Spec = { ...small, feedForward: { kind, hidden: 16 } };
  const official = smallFile(spec);
  test.each([
    ['q_proj', ''],
    ['query', ''],
    ['q_proj', 'model.'],
  ] as const)('spelt %s with prefix “%s” holds the official weights', (spelling, prefix) => {
    const came = officialDinov3(huggingFace(official, spelling, prefix));
    const masked = (name: string, data: Tensor['data']) => {
      const counts = keyMask(data.length).data;
      return Array.from(data as Float32Array, (x, n) => (name.endsWith('qkv.bias') && counts[n] === 0 ? 0 : x));
    };
    const want = [...official].filter(([name]) => name !== 'rope_embed.periods');
    const ordered = (entries: [string, Tensor][]) => entries.map(([name, { dims, data }]) => [name, [...dims], masked(name, data)]).sort();
    expect(ordered([...came])).toEqual(ordered(want));
  });

  test('gives the features of the official file', async () => {
    const image = picture([1, 3, 8, 20]);
    const [ours, theirs] = await Promise.all(
      [readDinov3(official, 'official'), readDinov3(huggingFace(official, 'q_proj'), 'Hugging Face', spec.heads)].map(async (weights) => {
        const session = await Session.create(encodeModel(dinov3Model(weights, image.dims)), { device: 'cpu', threads: 1 });
        const results = await session.run({ image });
        await session.release();
        return results;
      }),
    );
    expect(ours.patches.dims).toEqual([1, spec.width, 2, 5]);
    expect(ours.cls.dims).toEqual([1, spec.width]);
    expect(relativeDifference(theirs.patches.data, ours.patches.data)).toBeLessThan(1e-5);
    expect(relativeDifference(theirs.cls.data, ours.cls.data)).toBeLessThan(1e-5);
  });
});

function picture(dims: readonly number[]): Tensor {
  const stream = random(6);
  return tensor(
    dims,
    Float32Array.from({ length: dims.reduce((product, side) => product * side, 1) }, () => stream.normal()),
  );
}

describe('a file is refused', () => {
  const reason = (change: (file: Map<string, Tensor>) => void, heads?: number) => {
    const file = smallFile();
    change(file);
    return () => readDinov3(file, 'weights.safetensors', heads);
  };
  const ones = (length: number): Tensor => tensor([length], new Float32Array(length).fill(1));

  test('when it is another network', () => {
    expect(reason((file) => file.delete('cls_token'))).toThrow('weights.safetensors does not fit this network: it is no DINOv3');
  });
  test('naming what is missing, what is left over, and what has another shape, all at once', () => {
    const wrong = reason((file) => {
      file.delete('blocks.1.norm2.bias');
      file.set('head.weight', ones(1)).set('norm.bias', ones(3));
    });
    expect(wrong).toThrow('blocks.1.norm2.bias is missing; norm.bias has shape [3], expected [24]; head.weight is not expected');
  });
  test('when its numbers are of another type', () => {
    expect(reason((file) => file.set('norm.bias', { dims: [24], data: new Float64Array(24) }))).toThrow(
      'norm.bias holds float64, expected float32',
    );
  });
  test('when its bias mask leaves keys a bias', () => {
    expect(reason((file) => file.set('blocks.1.attn.qkv.bias_mask', ones(72)))).toThrow(
      'blocks.1.attn.qkv.bias_mask should mask the keys only',
    );
  });
  test('when its heads cannot be known', () => {
    expect(reason((file) => file.delete('rope_embed.periods'))).toThrow('how 24 features are shared between heads is not known');
  });
  test('when a part of a fused weight is missing', () => {
    const file = huggingFace(smallFile(), 'q_proj');
    file.delete('layer.0.attention.k_proj.weight');
    expect(() => readDinov3(file, 'file', small.heads)).toThrow('blocks.0.attn.qkv.weight lacks its part for q, k or v');
  });
});

test('an image that cannot be cut into patches is refused', () => {
  const network = { spec: small, parameters: new Map() };
  expect(() => dinov3Blocks(network, input('image', 'float32', [1, 3, 8, 10]))).toThrow(
    'dinov3: [1, 3, 8, 10] should be [B, 3, H, W] with sides that are multiples of 4',
  );
  expect(() => dinov3Blocks({ ...network, periods: [1] }, input('image', 'float32', [1, 3, 8, 8]))).toThrow(
    'dinov3: 1 periods are for heads of 4 features, not 12',
  );
});

test('a fresh network starts as the official one does', () => {
  const fresh = initialDinov3(small, random(1));
  const { data } = fresh.get('blocks.1.attn.qkv.weight') as Tensor<Float32Array>;
  expect(Math.sqrt(data.reduce((sum, w) => sum + w * w, 0) / data.length) / 0.02).toBeCloseTo(1, 1);
  expect(new Set(fresh.get('blocks.0.ls2.gamma')?.data)).toEqual(new Set([Math.fround(1e-5)]));
  expect([...fresh.keys()]).toEqual(dinov3Parameters(small).map(({ name }) => name));
});

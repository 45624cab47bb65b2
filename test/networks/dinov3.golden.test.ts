/** DINOv3 against the official module: every block, every output, positions, gradients, and the same from Hugging Face's names. */
import { describe, expect, test } from 'vitest';
import { pullBack } from '../../src/main/engine/backward';
import { type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import { type Dinov3, dinov3Blocks, dinov3Map, dinov3Tokens } from '../../src/main/networks/dinov3/dinov3';
import { dinov3Model } from '../../src/main/networks/dinov3/inference';
import { officialDinov3 } from '../../src/main/networks/dinov3/names';
import { type Dinov3Spec, dinov3Count, dinov3Parameters, gatedHidden } from '../../src/main/networks/dinov3/parameters';
import { type Dinov3Weights, readDinov3, recogniseDinov3 } from '../../src/main/networks/dinov3/recognise';
import { ropePeriods, ropeTables } from '../../src/main/networks/dinov3/rope';
import { expectClose, golden, hasGolden, part, relativeDifference } from '../golden';

/** The options of the official constructor that decide the network's shape. */
interface Config {
  in_chans: number;
  pos_embed_rope_base: number;
  ffn_bias: boolean;
  proj_bias: boolean;
  mask_k_bias: boolean;
  patch_size: number;
  embed_dim: number;
  depth: number;
  num_heads: number;
  n_storage_tokens: number;
  ffn_ratio: number;
  ffn_layer: string;
  qkv_bias: boolean;
  untie_global_and_local_cls_norm: boolean;
  untie_cls_and_patch_norms?: boolean;
}

function specOf(config: Config): Dinov3Spec {
  const width = config.embed_dim;
  const multiple = Number(/^swiglu(\d*)$/.exec(config.ffn_layer)?.[1] || 8);
  return {
    inChannels: config.in_chans,
    patch: config.patch_size,
    width,
    depth: config.depth,
    heads: config.num_heads,
    storageTokens: config.n_storage_tokens,
    feedForward:
      config.ffn_layer === 'mlp'
        ? { kind: 'mlp', hidden: width * config.ffn_ratio }
        : { kind: 'gated', hidden: gatedHidden(width, config.ffn_ratio, multiple) },
    biases: {
      qkv: config.qkv_bias ? (config.mask_k_bias ? 'keysMasked' : 'plain') : 'none',
      projection: config.proj_bias,
      feedForward: config.ffn_bias,
    },
    norms: { classApart: config.untie_cls_and_patch_norms ?? false, localClassApart: config.untie_global_and_local_cls_norm },
  };
}

const inputsOf = (weights: Dinov3Weights): Map<string, Input> =>
  new Map([...weights.parameters].map(([name, { dims }]) => [name, input(name, 'float32', dims)]));

async function run(inputs: readonly Input[], outputs: Record<string, Value>, feeds: Record<string, Tensor>): Promise<Map<string, Tensor>> {
  const model = buildModel({ name: 'dinov3', inputs, outputs, form: 'cpu' });
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run(feeds);
  await session.release();
  return new Map(Object.entries(results));
}

/** Everything that the reference file holds, under its names. */
function everyOutput(network: Dinov3, image: Value, mask: Value): Record<string, Value> {
  const blocks = dinov3Blocks(network, image);
  const last = blocks.length - 1;
  const final = dinov3Tokens(network, blocks[last], 'final');
  const intermediate = (layer: number) => {
    const { cls, storage, patches } = dinov3Tokens(network, blocks[layer], 'final');
    const at = `intermediate${layer}`;
    return { [`${at}.patch_map`]: dinov3Map(network, patches, image), [`${at}.cls`]: cls, [`${at}.storage`]: storage };
  };
  return {
    x_norm_clstoken: final.cls,
    x_storage_tokens: final.storage,
    x_norm_patchtokens: final.patches,
    x_prenorm: blocks[last],
    ...Object.fromEntries(blocks.map((tokens, at) => [`block${at}`, tokens])),
    ...intermediate(0),
    ...intermediate(last),
    'last2_unnormed0.patch': dinov3Tokens(network, blocks[last - 1], 'none').patches,
    'last2_unnormed1.patch': dinov3Tokens(network, blocks[last], 'none').patches,
    'masked.x_norm_patchtokens': dinov3Tokens(network, dinov3Blocks(network, image, mask)[last], 'final').patches,
  };
}

const folder = 'dinov3_vit_tiny';
describe.each(['mlp', 'swiglu', 'swiglu64_nobias'])('the variant %s', (variant) => {
  const io = golden(`${folder}/${variant}.io`);
  const config = io.metadata.config as Config;
  const [rows, columns] = (io.metadata.input_hw as number[]).map((side) => side / config.patch_size);
  const file = part(golden(`${folder}/${variant}.meta_keys`), 'param.');
  const weights = readDinov3(file, variant);
  const expected = part(io, 'out.');
  const image = io.tensors.get('in.image') as Tensor;
  const mask = io.tensors.get('in.ibot_mask') as Tensor;
  const x = input('image', 'float32', image.dims);
  const hidden = input('mask', 'int64', mask.dims);

  const outputsOf = async (given: Dinov3Weights) => {
    const theta = inputsOf(given);
    const outputs = everyOutput({ ...given, parameters: theta }, x, hidden);
    return run([x, hidden, ...theta.values()], outputs, { image, mask, ...Object.fromEntries(given.parameters) });
  };
  const withoutTables = new Map([...expected].filter(([name]) => !name.startsWith('rope_')));

  test('is recognised from its shapes', () => {
    expect(recogniseDinov3(file)).toEqual(specOf(config));
  });

  test('has exactly the keys and shapes of the reference, in its order', () => {
    const parameters = [...file].filter(([name]) => !/periods$|bias_mask$/.test(name));
    expect(dinov3Parameters(weights.spec).map(({ name, dims }) => [name, dims])).toEqual(
      parameters.map(([name, { dims }]) => [name, dims]),
    );
    expect(dinov3Count(weights.spec)).toBe(parameters.reduce((sum, [, { data }]) => sum + data.length, 0));
  });

  test('turns by the reference angles, from the periods in the file and from their base', () => {
    const fromFile = ropeTables(rows, columns, weights.periods ?? []);
    expectClose(new Map(Object.entries(fromFile)), part(io, 'out.rope_'), { relative: 1e-6 });
    const periods = ropePeriods(config.embed_dim / config.num_heads, config.pos_embed_rope_base);
    expect(relativeDifference(periods, weights.periods ?? [])).toBeLessThan(1e-6);
  });

  test('gives every reference output', async () => {
    expectClose(await outputsOf(weights), withoutTables, { relative: 5e-6 });
  });

  test('as an inference model gives the reference features', async () => {
    const session = await Session.create(encodeModel(dinov3Model(weights, image.dims)), { device: 'cpu', threads: 1 });
    const { patches, cls } = await session.run({ image });
    await session.release();
    const last = `intermediate${config.depth - 1}`;
    expectClose(
      new Map(Object.entries({ [`${last}.patch_map`]: patches, [`${last}.cls`]: cls })),
      pick(expected, [`${last}.patch_map`, `${last}.cls`]),
      {
        relative: 5e-6,
      },
    );
  });

  test.runIf(hasGolden(`${folder}/${variant}.grads`))('has every reference gradient', async () => {
    const theta = inputsOf(weights);
    const network = { ...weights, parameters: theta };
    const { cls, patches } = dinov3Tokens(network, dinov3Blocks(network, x)[config.depth - 1], 'final');
    const cotangents = { cls: io.tensors.get('in.cot_cls') as Tensor, patches: io.tensors.get('in.cot_patch') as Tensor };
    const [toCls, toPatches] = [input('cls', 'float32', cls.dims), input('patches', 'float32', patches.dims)];
    const slopes = pullBack(
      [
        [cls, toCls],
        [patches, toPatches],
      ],
      [x, ...theta.values()],
    );
    const outputs = Object.fromEntries([...slopes].map(([target, slope]) => [`grad ${target.name}`, slope]));
    const feeds = { image, ...cotangents, ...Object.fromEntries(weights.parameters) };
    const results = await run([x, toCls, toPatches, ...theta.values()], outputs, feeds);
    const came = new Map([...results].map(([name, value]) => [name.slice('grad '.length), value]));
    expectClose(came, part(golden(`${folder}/${variant}.grads`), 'grad.'), { relative: 1e-5 });
    expectClose(came, part(io, 'grad_in.'), { relative: 1e-5 });
  });

  describe.runIf(hasGolden(`${folder}/${variant}.hf_keys`))("under Hugging Face's names", () => {
    const load = () => part(golden(`${folder}/${variant}.hf_keys`), 'param.');

    test('is the same network, as far as such files tell', () => {
      const given = readDinov3(load(), variant, config.num_heads);
      // They leave out the norm that only training uses.
      expect(given.spec).toEqual({ ...weights.spec, norms: { classApart: false, localClassApart: false } });
      const official = officialDinov3(load());
      const stated = [...file].filter(([name]) => !/periods$|local_cls_norm|qkv\.bias$/.test(name));
      expect([...official.keys()].filter((name) => !name.endsWith('qkv.bias')).sort()).toEqual(stated.map(([name]) => name).sort());
      expectClose(official, new Map(stated), { relative: 0 });
    });

    test('gives every reference output', async () => {
      expectClose(await outputsOf(readDinov3(load(), variant, config.num_heads)), withoutTables, { relative: 5e-6 });
    });
  });
});

const pick = (tensors: ReadonlyMap<string, Tensor>, names: readonly string[]): Map<string, Tensor> =>
  new Map([...tensors].filter(([name]) => names.includes(name)));

/** What the references do besides one plain training step: dropout, other norms, and nnU-Net's doubled keys. */
import { describe, expect, test } from 'vitest';
import { type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import { type Network, Pass, parameterInputs } from '../../src/main/networks/network';
import { plainConvUnetKey } from '../../src/main/networks/plainConvUnet';
import { vnet } from '../../src/main/networks/vnet';
import { expectClose, golden, hasGolden, part } from '../golden';

type Tensors = ReadonlyMap<string, Tensor>;
/** Whole numbers, such as the counts of batch norm, as the real ones our graphs keep. */
const asReal = (tensors: Tensors): Tensors =>
  new Map([...tensors].map(([name, { dims, data }]) => [name, { dims, data: Float32Array.from(data as ArrayLike<number>, Number) }]));
const only = (tensors: Tensors, name: string, as: string): Tensors => new Map([[as, tensors.get(name) as Tensor]]);

/** Logits and buffers of one pass. */
async function follow(
  network: Network,
  parameters: Tensors,
  image: Tensor,
  mode: 'evaluation' | 'training',
  dropped?: { share: number; masks: Tensors },
) {
  const theta = parameterInputs(network);
  const x = input('image', 'float32', image.dims);
  const masks = new Map<string, Input>([...(dropped?.masks ?? [])].map(([name, { dims }]) => [name, input(name, 'float32', dims)]));
  const pass = mode === 'evaluation' ? Pass.evaluation() : Pass.training(dropped ? { share: dropped.share, masks } : null);
  const outputs: Record<string, Value> = { logits: network.forward(theta, x, pass) };
  for (const [name, after] of pass.buffers) outputs[`next ${name}`] = after;
  const model = buildModel({ name: 'variant', inputs: [x, ...masks.values(), ...theta.values()], outputs, form: 'cpu' });
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run({ image, ...Object.fromEntries([...parameters, ...(dropped?.masks ?? [])]) });
  await session.release();
  return new Map(Object.entries(results).map(([name, value]) => [name.replace(/^next /, ''), value]));
}

test('V-Net drops whole channels of the bottleneck and before the head', async () => {
  const io = golden('students/vnet3d.io');
  const { n_channels: inChannels, n_classes: classes, n_filters: width, dropout3d_p: share } = io.metadata.config as Record<string, number>;
  const network = vnet({ axes: 3, inChannels, classes, width, norm: 'batch', skips: 'results' });
  const given = part(io, 'in.');
  const masks = new Map(
    Object.entries({ dropout1: 'dropout_mask_x5', dropout2: 'dropout_mask_x9' }).map(([mask, name]) => [mask, given.get(name) as Tensor]),
  );
  const image = given.get('x') as Tensor;
  expect(network.masks(image.dims)).toEqual([...masks].map(([name, { dims }]) => ({ name, dims })));
  const came = await follow(network, asReal(part(golden('students/vnet3d.params'), 'param.')), image, 'training', { share, masks });
  expectClose(came, only(part(io, 'out.train_dropout.'), 'logits', 'logits'), { relative: 2e-5 });
});

const otherNorms = 'students/vnet3d_other_norms';
describe.skipIf(!hasGolden(otherNorms))('V-Net', () => {
  test.each([
    ['none', 'none'],
    ['instancenorm', 'instance'],
  ] as const)('with the norm the reference calls %s has its keys and logits', async (variant, norm) => {
    const all = golden(otherNorms);
    const { n_channels: inChannels, n_classes: classes, n_filters: width } = all.metadata.config as Record<string, number>;
    const network = vnet({ axes: 3, inChannels, classes, width, norm, skips: 'results' });
    const parameters = part(all, `param.${variant}.`);
    expect(network.parameters.map(({ name }) => name).sort()).toEqual([...parameters.keys()].sort());
    const came = await follow(network, parameters, part(all, `in.${variant}.`).get('x') as Tensor, 'evaluation');
    expectClose(came, part(all, `out.${variant}.`), { relative: 2e-5 });
  });
});

test.each(['nnunet_plain2d', 'nnunet_plain3d'])("every further name in %s's checkpoint leads to a key of ours", (name) => {
  const { aliases } = golden(`students/${name}.io`).metadata as { aliases: Record<string, string> };
  const found = Object.fromEntries(Object.keys(aliases).map((alias) => [alias, plainConvUnetKey(alias)]));
  expect(found).toEqual(aliases);
});

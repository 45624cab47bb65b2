/** Models for use: norms folded away, a batch of any size, sound by ONNX's rules, and large ones in two files. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeModel } from '../../src/main/compute/jobs/exportModel';
import { anyBatch } from '../../src/main/engine/anyBatch';
import { constant, input, type Value } from '../../src/main/engine/graph';
import { importNetwork } from '../../src/main/engine/importer/importNetwork';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel, type Model } from '../../src/main/engine/onnx';
import { decodeModel } from '../../src/main/engine/onnx/decode';
import { readModel } from '../../src/main/engine/onnx/file';
import { conv } from '../../src/main/engine/ops/convolution';
import { convRising } from '../../src/main/engine/ops/convolutionInterpolated';
import { convTranspose } from '../../src/main/engine/ops/convolutionTransposed';
import { add, mul, relu } from '../../src/main/engine/ops/elementwise';
import { interpolate } from '../../src/main/engine/ops/interpolate';
import { batchNormFixed } from '../../src/main/engine/ops/layers';
import { concat, expand, reshape, slice } from '../../src/main/engine/ops/shape';
import { Session } from '../../src/main/engine/session';
import type { Tensor } from '../../src/main/engine/tensor';
import { frozen, inferenceGraph, type Usable } from '../../src/main/networks/inference';
import { temporaryFolder } from '../folders';
import { relativeDifference } from '../golden';
import { cpu, drawn, run } from './importNodes';
import { faults } from './onnxRules';

const dims = {
  'down.weight': [4, 1, 3, 3],
  'down.bias': [4],
  'up.weight': [4, 3, 2, 2],
  'rise.weight': [2, 8, 3, 3],
  'rise.bias': [2],
  'shared.weight': [6, 6, 1, 1],
  'head.weight': [2, 2, 1, 1],
};
const norms = ['down', 'up', 'rise', 'shared'];
const channels = { down: 4, up: 6, rise: 2, shared: 6 } as Record<string, number>;
const parameters = [
  ...Object.entries(dims).map(([name, sides]) => ({ name, dims: sides as readonly number[] })),
  ...norms.flatMap((name) =>
    ['scale', 'shift', 'mean', 'variance'].map((what) => ({ name: `${name}Norm.${what}`, dims: [channels[name]] as readonly number[] })),
  ),
];
/** Grouped, transposed and rising convolutions with norms after them, one weight used twice, and one result needed before its norm. */
const network: Usable = {
  parameters,
  forward(given, image) {
    const p = (name: string) => given.get(name) as Value;
    const norm = (name: string, x: Value) =>
      batchNormFixed(x, p(`${name}Norm.scale`), p(`${name}Norm.shift`), {
        mean: p(`${name}Norm.mean`),
        variance: p(`${name}Norm.variance`),
      });
    const down = relu(norm('down', conv(image, p('down.weight'), p('down.bias'), { strides: [2, 2], before: [1, 1], groups: 2 })));
    const up = norm('up', convTranspose(down, p('up.weight'), null, { strides: [2, 2], groups: 2 }));
    const once = norm('shared', conv(up, p('shared.weight'), null));
    const raw = conv(once, p('shared.weight'), null);
    const both = add(norm('shared', raw), raw);
    const rise = norm('rise', convRising(image, both, p('rise.weight'), p('rise.bias'), 'halfPixel'));
    return conv(relu(rise), p('head.weight'), null);
  },
};
const weights = new Map(
  parameters.map(({ name, dims: sides }) => {
    const { data } = drawn(...sides, name.length);
    const numbers = data.slice(
      0,
      sides.reduce((p, side) => p * side, 1),
    );
    return [name, { dims: sides, data: name.endsWith('variance') ? numbers.map((x) => 1 + x * x) : numbers }] as const;
  }),
);
const image = [1, 2, 8, 8];

async function answer(model: Uint8Array | string, feed: Tensor, name = 'image'): Promise<Tensor> {
  const session = await Session.create(model, cpu);
  const results = await session.run({ [name]: feed });
  await session.release();
  return Object.values(results)[0];
}
function expectSame(came: Tensor, expected: Tensor): void {
  expect(came.dims).toEqual(expected.dims);
  expect(relativeDifference(came.data, expected.data)).toBeLessThan(3e-6);
}

describe.each(['any', 'fixed'] as const)('exported for a batch that is %s', (batch) => {
  const model = inferenceGraph(network, weights, { image, batch, activation: 'none' });

  test('a network gives what it gives with its norms apart', async () => {
    const feed = drawn(...image);
    const x = input('image', 'float32', image);
    const { y } = await run({ y: network.forward(frozen(parameters, weights), x) }, x, feed, 'plain');
    expectSame(await answer(encodeModel(model), feed), y);
  });

  test('its norms are gone into the convolutions, whose weights keep their names', () => {
    const names = model.initializers.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['down.weight', 'down.bias', 'up.weight', 'rise.weight', 'rise.bias', 'head.weight']));
    expect(names.filter((name) => /^(down|up|rise)Norm/.test(name))).toEqual([]);
    const { data } = model.initializers.find(({ name }) => name === 'down.weight') as Tensor;
    expect(data).not.toEqual(weights.get('down.weight')?.data);
  });

  test('weights used twice are not taken for one after a norm went into one of them', () => {
    expect(model.initializers.find(({ name }) => name === 'shared.weight')?.data).toEqual(weights.get('shared.weight')?.data);
  });

  test('it keeps the rules of ONNX', () => expect(faults(model)).toEqual([]));
});

test('the rules find what is wrong', () => {
  const model = inferenceGraph(network, weights, { image, batch: 'any', activation: 'softmax' });
  const [first, second, ...others] = model.nodes;
  expect(faults({ ...model, nodes: [second, first, ...others] })).toContain(`${second.op} reads ${first.outputs[0]} before it is there`);
  expect(faults({ ...model, nodes: [...model.nodes, first] })).toContain(`${first.outputs[0]} is defined again by ${first.op}`);
  expect(faults({ ...model, nodes: [{ ...first, attributes: { strode: 1 } }, second, ...others] })).toContain(
    `${first.op} has no attribute strode`,
  );
  expect(faults({ ...model, outputs: [] })).toEqual([]);
});

describe('a batch of any size', () => {
  test('goes through sizes that were written down: reshapes, spreading, parts', async () => {
    const build = (batch: number): Model => {
      const x = input('image', 'float32', [batch, 4, 6]);
      const heads = reshape(x, [batch * 2, 2, 6]);
      const token = expand(constant(drawn(1, 1, 6)), [batch, 1, 6]);
      const flat = reshape(mul(heads, 2), [batch, 4, 6]);
      const all = concat([token, flat], 1);
      return buildModel({ name: 'parts', inputs: [x], outputs: { y: reshape(slice(all, 1, 0, 3), [3 * batch, 6]) }, form: 'plain' });
    };
    const model = anyBatch(build);
    expect(faults(model)).toEqual([]);
    expect(model.inputs[0].dims).toEqual(['batch', 4, 6]);
    for (const batch of [1, 2, 5]) {
      const feed = drawn(batch, 4, 6);
      expectSame(await answer(encodeModel(model), feed), await answer(encodeModel(build(batch)), feed));
    }
  });

  test('goes through interpolation onto a size that is no multiple', async () => {
    const build = (batch: number): Model => {
      const x = input('image', 'float32', [batch, 2, 5, 4]);
      return buildModel({ name: 'sizes', inputs: [x], outputs: { y: interpolate(x, [8, 7], 'halfPixel') }, form: 'plain' });
    };
    const feed = drawn(3, 2, 5, 4);
    expectSame(await answer(encodeModel(anyBatch(build)), feed), await answer(encodeModel(build(3)), feed));
  });

  test('is refused where numbers of the network depend on it', () => {
    const build = (batch: number): Model => {
      const x = input('image', 'float32', [batch, 4]);
      return buildModel({ name: 'odd', inputs: [x], outputs: { y: mul(x, 1 / batch) }, form: 'plain' });
    };
    expect(() => anyBatch(build)).toThrow(/^The network cannot be exported for a batch of any size: the numbers c0 \[\] depend on it\.$/);
  });

  test('is what an imported network gets as well', async () => {
    const bytes = readFileSync(join(import.meta.dirname, '../fixtures/onnx/tiny.onnx'));
    const imported = importNetwork(decodeModel(bytes), { image: [1, 2, 16, 16] });
    const model = inferenceGraph(imported, imported.weights, { image: [1, 2, 16, 16], batch: 'any', activation: 'none' });
    expect(faults(model)).toEqual([]);
    for (const batch of [1, 3]) {
      const feed = drawn(batch, 2, 16, 16);
      expectSame(await answer(encodeModel(model), feed), await answer(bytes, feed));
    }
  });
});

describe('sides of any length', () => {
  test('are open where nothing depends on them, and then any image that fits the strides may come', async () => {
    const options = { image, batch: 'any', sides: 'any', activation: 'softmax' } as const;
    const model = inferenceGraph(network, weights, options);
    expect(model.inputs[0].dims).toEqual(['batch', 2, 'j', 'i']);
    expect(model.outputs[0].dims).toEqual(['batch', 2, 'j', 'i']);
    expect(faults(model)).toEqual([]);
    const other = [2, 2, 12, 6];
    const feed = drawn(...other);
    const fixed = inferenceGraph(network, weights, { ...options, image: other, batch: 'fixed' });
    expectSame(await answer(encodeModel(model), feed), await answer(encodeModel(fixed), feed));
  });

  test('stay fixed where the network has written them down', () => {
    const flat: Usable = { parameters: [], forward: (_given, x) => reshape(x, [x.dims[0], x.dims[1], x.dims[2] * x.dims[3]]) };
    const model = inferenceGraph(flat, new Map(), { image, batch: 'any', sides: 'any', activation: 'none' });
    expect(model.inputs[0].dims).toEqual(['batch', 2, 8, 8]);
  });
});

describe('written to disk', () => {
  const model = inferenceGraph(network, weights, { image, batch: 'any', activation: 'softmax', metadata: { about: 'a test' } });
  const tables = ['first', 'second'].map((name, i) => ({
    name,
    dtype: 'float32' as const,
    dims: [2, 2, 40, 40],
    data: drawn(2, 2, 40, 40).data.map((x) => x + i),
  }));
  const large: Model = {
    ...model,
    initializers: [...model.initializers, ...tables],
    nodes: [...model.nodes, { op: 'Add', domain: '', inputs: ['first', 'second'], outputs: ['sum'], attributes: {} }],
  };

  test('a large model is two files that onnxruntime reads as one; a smaller one needs the second no longer', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'student.onnx');
    expect(await writeModel(path, large, 10_000)).toEqual([path, `${path}.data`]);
    expect((await readdir(folder)).sort()).toEqual(['student.onnx', 'student.onnx.data']);
    expect((await stat(`${path}.data`)).size).toBeGreaterThan(4 * 2 * 2 * 2 * 40 * 40);
    expect(readModel(path).initializers).toEqual(large.initializers);
    const feed = drawn(...image);
    expectSame(await answer(path, feed), await answer(encodeModel(model), feed));
    expect(await writeModel(path, model)).toEqual([path]);
    await rm(`${path}.data`);
    expectSame(await answer(path, feed), await answer(encodeModel(model), feed));
  });

  const python = '/usr/bin/python3';
  const hasChecker = existsSync(python) && succeeds(['-c', 'import onnx']);
  function succeeds(args: string[]): boolean {
    try {
      execFileSync(python, args, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }
  test.runIf(hasChecker)('the ONNX checker accepts it, with its norms folded and its batch open', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'student.onnx');
    await writeFile(path, encodeModel(model));
    const program = 'import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True); print("sound")';
    expect(execFileSync(python, ['-c', program, path], { encoding: 'utf8' }).trim()).toBe('sound');
  });
  test.skipIf(hasChecker)('the ONNX checker was not asked about folded norms: install the Debian package python3-onnx', () => undefined);
});

/** The split form of a decoder's first convolution against the one that papers write. */
import { describe, expect, test } from 'vitest';
import { pullBack } from '../../src/main/engine/backward';
import { type Form, type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { conv } from '../../src/main/engine/ops/convolution';
import { convRising } from '../../src/main/engine/ops/convolutionInterpolated';
import { relu } from '../../src/main/engine/ops/elementwise';
import { type Corners, interpolate } from '../../src/main/engine/ops/interpolate';
import { concat } from '../../src/main/engine/ops/shape';
import { Session } from '../../src/main/engine/session';
import { sizeOf, type Tensor } from '../../src/main/engine/tensor';
import { random } from '../../src/shared/random';
import { relativeDifference } from '../golden';

interface Shapes {
  skip: number[];
  coarse: number[];
  weights: number[];
}
const asWritten = (skip: Value, coarse: Value, w: Value, b: Value, corners: Corners) =>
  conv(concat([skip, interpolate(coarse, skip.dims.slice(2), corners)], 1), w, b, {
    before: w.dims.slice(2).map((side) => (side - 1) / 2),
  });

/** Result and gradients of both, on the same numbers. */
async function both({ skip, coarse, weights }: Shapes, corners: Corners): Promise<[Record<string, Tensor>, Record<string, Tensor>]> {
  const inputs = Object.entries({ skip, coarse, w: weights, b: [weights[0]] }).map(([name, dims]) => input(name, 'float32', dims));
  const [x, low, w, b] = inputs;
  const g = input('g', 'float32', [skip[0], weights[0], ...skip.slice(2)]);
  const stream = random(3);
  const noise = ({ dims }: Input) => ({ dims, data: Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()) });
  const feeds = Object.fromEntries([...inputs, g].map((one) => [one.name, noise(one)]));
  const run = async (y: Value) => {
    const slopes = pullBack([[y, g]], inputs);
    const outputs = { y, ...Object.fromEntries(inputs.map((one) => [`d${one.name}`, slopes.get(one) as Value])) };
    const session = await Session.create(encodeModel(buildModel({ name: 'rising', inputs: [...inputs, g], outputs, form: 'cpu' })), {
      device: 'cpu',
      threads: 1,
    });
    const results = await session.run(feeds);
    await session.release();
    return results;
  };
  return [await run(convRising(x, low, w, b, corners)), await run(asWritten(x, low, w, b, corners))];
}

describe.each<Shapes & { what: string }>([
  { what: 'a volume twice as fine', skip: [2, 3, 4, 6, 8], coarse: [2, 5, 2, 3, 4], weights: [4, 8, 3, 3, 3] },
  { what: 'a picture twice as fine', skip: [1, 2, 6, 4], coarse: [1, 3, 3, 2], weights: [2, 5, 3, 3] },
  { what: 'a volume finer in plane only', skip: [1, 2, 3, 6, 6], coarse: [1, 2, 3, 3, 3], weights: [3, 4, 3, 3, 3] },
  { what: 'sizes that are no multiples', skip: [1, 1, 5, 7, 3], coarse: [1, 2, 3, 4, 2], weights: [2, 3, 5, 3, 1] },
])('$what', (shapes) => {
  test.each<Corners>(['halfPixel', 'aligned'])('with %s corners gives the same result and gradients', async (corners) => {
    const [split, written] = await both(shapes, corners);
    for (const [name, expected] of Object.entries(written)) expect(relativeDifference(split[name].data, expected.data)).toBeLessThan(3e-6);
  });
});

test('a coarse image that was made of the skip connection itself gets and gives its own share of the gradient', async () => {
  const x = input('x', 'float32', [1, 2, 4, 4]);
  const w = input('w', 'float32', [2, 4, 3, 3]);
  const b = input('b', 'float32', [2]);
  const skip = relu(x);
  const forms: Value[] = [convRising(skip, relu(skip), w, b, 'aligned'), asWritten(skip, relu(skip), w, b, 'aligned')];
  const g = input('g', 'float32', forms[0].dims);
  const outputs = Object.fromEntries(forms.map((y, i) => [`dx${i}`, pullBack([[y, g]], [x]).get(x) as Value]));
  const session = await Session.create(encodeModel(buildModel({ name: 'shared', inputs: [x, w, b, g], outputs, form: 'cpu' })), {
    device: 'cpu',
    threads: 1,
  });
  const stream = random(4);
  const noise = ({ dims }: Input) => ({ dims, data: Float32Array.from({ length: sizeOf(dims) }, () => stream.normal()) });
  const { dx0, dx1 } = await session.run(Object.fromEntries([x, w, b, g].map((one) => [one.name, noise(one)])));
  expect(relativeDifference(dx0.data, dx1.data)).toBeLessThan(3e-6);
  await session.release();
});

test.each<Form>(['plain', 'gpu'])('the %s form knows nothing of it', (form) => {
  const [skip, coarse, w] = [
    [1, 2, 4, 4],
    [1, 3, 2, 2],
    [2, 5, 3, 3],
  ].map((dims, i) => input(`x${i}`, 'float32', dims));
  const { nodes } = buildModel({
    name: 'written',
    inputs: [skip, coarse, w],
    outputs: { y: convRising(skip, coarse, w, null, 'aligned') },
    form,
  });
  expect(nodes.filter(({ op }) => op === 'Conv')).toHaveLength(1);
  expect(nodes.map(({ op }) => op)).not.toContain('ConvRising');
});

test('weights for other channels, or with even sides, are refused by name', () => {
  const [skip, coarse] = [
    [1, 2, 4, 4],
    [1, 3, 2, 2],
  ].map((dims, i) => input(`x${i}`, 'float32', dims));
  const weights = (dims: number[]) => input('w', 'float32', dims);
  expect(() => convRising(skip, coarse, weights([2, 4, 3, 3]), null, 'aligned')).toThrow('weights [2, 4, 3, 3] for 2 and 3 channels');
  expect(() => convRising(skip, coarse, weights([2, 5, 2, 3]), null, 'aligned')).toThrow('odd sides');
});

/** Small models written node by node, in the manner of any version of the operators, and what onnxruntime says of them. */
import type { Form, input, Value } from '../../src/main/engine/graph';
import { importNetwork } from '../../src/main/engine/importer/importNetwork';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel, type FileAttribute, type Initializer, type Model } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { type Dtype, sizeOf, type Tensor, type TensorData } from '../../src/main/engine/tensor';
import { random } from '../../src/shared/random';

export const cpu = { device: 'cpu', threads: 1 } as const;

/** `['Conv', 'x w', 'y', { strides: [1, 1] }]`: op, inputs (`-` where none is given), outputs, attributes. */
export type Line = readonly [op: string, inputs: string, outputs: string, attributes?: Readonly<Record<string, FileAttribute>>];

/** Numbers of an initializer: whole ones are int64, a count in `drawn` is that many drawn floats. */
export const ints = (...values: number[]): Tensor => ({ dims: [values.length], data: BigInt64Array.from(values, BigInt) });
export const floats = (...values: number[]): Tensor => ({ dims: [values.length], data: Float32Array.from(values) });
export const one = (value: number): Tensor => ({ dims: [], data: Float32Array.of(value) });
export const whole = (value: number): Tensor => ({ dims: [], data: BigInt64Array.of(BigInt(value)) });
export function drawn(...dims: number[]): Tensor<Float32Array> {
  const stream = random(4).fork(dims.join('x'));
  return { dims, data: Float32Array.from({ length: sizeOf(dims) }, () => stream.uniform(-1, 1.5)) };
}

export interface Written {
  opset: number;
  image: readonly number[];
  lines: readonly Line[];
  weights?: Readonly<Record<string, Tensor>>;
  /** Results; `y` unless given. */
  outputs?: readonly string[];
  /** Element types of results that are not float32. */
  types?: Readonly<Record<string, Dtype>>;
}
export function modelOf({ opset, image, lines, weights = {}, outputs = ['y'], types = {} }: Written): Model {
  const names = (list: string) => list.split(' ').map((name) => (name === '-' ? '' : name));
  return {
    name: 'written',
    opset,
    nodes: lines.map(([op, from, to, attributes = {}]) => ({
      op,
      domain: '',
      inputs: from === '' ? [] : names(from),
      outputs: names(to),
      attributes,
    })),
    inputs: [{ name: 'x', dtype: 'float32', dims: image.map((_, axis) => `side ${axis}`) }],
    outputs: outputs.map((name) => ({ name, dtype: types[name] ?? 'float32', dims: [] })),
    initializers: Object.entries(weights).map(([name, { dims, data }]): Initializer => ({ name, dims, data, dtype: dtypeOf(data) })),
    metadata: {},
  };
}
const dtypeOf = (data: TensorData) => (data instanceof BigInt64Array ? 'int64' : data instanceof Float32Array ? 'float32' : 'bool');

/** Runs values that depend on one image. */
export async function run(outputs: Readonly<Record<string, Value>>, image: ReturnType<typeof input>, feed: Tensor, form: Form) {
  const session = await Session.create(encodeModel(buildModel({ name: 'imported', inputs: [image], outputs, form })), cpu);
  const results = await session.run({ [image.name]: feed });
  await session.release();
  return results;
}

/** The largest disagreement of any result between onnxruntime on the file and the imported graph; infinite if shapes differ. */
export async function disagreement(bytes: Uint8Array, model: Model, feed: Tensor, form: Form = 'plain'): Promise<number> {
  const session = await Session.create(bytes, cpu);
  const expected = await session.run({ [model.inputs[0].name]: feed });
  await session.release();
  const imported = importNetwork(model, { image: feed.dims });
  const came = await run(imported.outputs, imported.image, feed, form);
  const errors = Object.entries(expected).map(([name, { dims, data }]) => {
    if (JSON.stringify(dims) !== JSON.stringify(came[name].dims)) return Number.POSITIVE_INFINITY;
    const [a, b] = [Array.from<number | bigint, number>(data, Number), Array.from<number | bigint, number>(came[name].data, Number)];
    return a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - b[i]) / Math.max(1, Math.abs(x))), 0);
  });
  return Math.max(...errors);
}

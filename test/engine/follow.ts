/** One variant of a reference file as a graph: its results and gradients on the CPU, compared with PyTorch's. */
import { pullBack } from '../../src/main/engine/backward';
import { type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { constantLike } from '../../src/main/engine/ops/elementwise';
import { Session } from '../../src/main/engine/session';
import { sameDims, showDims, type Tensor } from '../../src/main/engine/tensor';
import { expectClose, golden, part } from '../golden';

export type Variant = Record<string, unknown>;
/** Results by name from inputs, configuration and parameters; a single value is the result `y`. */
export type Build = (x: Record<string, Value>, variant: Variant, parameters: Record<string, Value>) => Value | Record<string, Value>;

async function run(outputs: Record<string, Value>, feeds: Map<Input, Tensor>): Promise<Map<string, Tensor>> {
  const model = buildModel({ name: 'golden', inputs: [...feeds.keys()], outputs, form: 'cpu' });
  const session = await Session.create(encodeModel(model), { device: 'cpu', threads: 1 });
  const results = await session.run(Object.fromEntries([...feeds].map(([{ name }, value]) => [name, value])));
  await session.release();
  return new Map(Object.entries(results));
}

const asInputs = (tensors: ReadonlyMap<string, Tensor>, prefix: string) =>
  new Map(
    [...tensors].map(([name, { dims, data }]) => [
      name,
      input(`${prefix}${name}`, data instanceof BigInt64Array ? 'int64' : 'float32', dims),
    ]),
  );

/** Compares results and gradients of one variant. A result with a cotangent is differentiated with it, a scalar without one directly. */
export async function follow(file: string, name: string, build: Build): Promise<void> {
  const all = golden(`ops/${file}`);
  const variant = (all.metadata.variants as Record<string, Variant>)[name];
  const [given, weights] = [part(all, `in.${name}.`), part(all, `param.${name}.`)];
  const [xs, ws] = [asInputs(given, 'in '), asInputs(weights, 'param ')];
  const built = build(Object.fromEntries(xs), variant, Object.fromEntries(ws));
  const results = 'dims' in built ? { y: built as Value } : built;
  const seeds = Object.entries(results).flatMap(([key, y]): [Value, Value][] => {
    const cotangent = xs.get(`cot_${key}`) ?? (y.dims.length === 0 ? constantLike(y, 1) : null);
    return cotangent ? [[y, cotangent]] : [];
  });
  const slopes = pullBack(seeds, [...xs.values(), ...ws.values()]);
  const wanted = new Map(
    ['out', 'grad_in', 'grad'].flatMap((kind) =>
      [...part(all, `${kind}.${name}.`)].map(([key, value]) => [`${kind} ${key}`, value] as const),
    ),
  );
  const outputs: Record<string, Value> = Object.fromEntries(Object.entries(results).map(([key, y]) => [`out ${key}`, y]));
  for (const [key, x] of xs) if (wanted.has(`grad_in ${key}`)) outputs[`grad_in ${key}`] = slopes.get(x) as Value;
  for (const [key, w] of ws) if (wanted.has(`grad ${key}`)) outputs[`grad ${key}`] = slopes.get(w) as Value;
  for (const [key, { dims }] of wanted) {
    if (outputs[key] && !sameDims(outputs[key].dims, dims)) {
      throw new Error(`${key} has the shape ${showDims(outputs[key].dims)}, PyTorch's has ${showDims(dims)}`);
    }
  }
  const feeds = new Map([...xs].map(([key, x]) => [x, given.get(key) as Tensor]));
  for (const [key, w] of ws) feeds.set(w, weights.get(key) as Tensor);
  expectClose(await run(outputs, feeds), wanted, { relative: 3e-6, absolute: 1e-6 });
}

/** Names of all variants of a file. */
export const variantsOf = (file: string): string[] => Object.keys(golden(`ops/${file}`).metadata.variants as Record<string, Variant>);

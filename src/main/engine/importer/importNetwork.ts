/** Foreign ONNX models as networks of this engine: run, exported, and fine-tuned where every op on the way has a gradient. */
import { evaluated } from '../evaluate';
import { type Constant, constant, type Input, input, type Value } from '../graph';
import type { Initializer, Model, ModelNode, Port } from '../onnx';
import { showDims, sizeOf, type Tensor } from '../tensor';
import { curveOps } from './curves';
import { Operation, type Translations } from './operation';
import { paddingOps } from './padding';
import { productOps } from './products';
import { resizeOps } from './resizing';
import { shapeOps } from './shapes';
import { windowOps } from './windows';

const translations: Translations = { ...windowOps, ...curveOps, ...productOps, ...shapeOps, ...paddingOps, ...resizeOps };

export interface ImportOptions {
  /** [N, C, …]: sides the model leaves open are taken from here, fixed ones of the image may differ if the model allows it. */
  image: readonly number[];
  /** Which parameters become inputs of the graph, to be trained; none unless given. */
  trainable?: (name: string) => boolean;
}
export interface ImportedNetwork {
  /** Float32 weights that steer no sizes and are no running statistics, in the file's order. */
  readonly parameters: readonly { name: string; dims: readonly number[] }[];
  /** The values the file gives them. */
  readonly weights: ReadonlyMap<string, Tensor<Float32Array>>;
  readonly image: Input;
  /** The trainable parameters, as inputs of the graph. */
  readonly trained: ReadonlyMap<string, Input>;
  /** Results by the file's names, with trained parameters as inputs and the others as constants. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** The first result for any image, with other values for some or all parameters. */
  forward(parameters: ReadonlyMap<string, Value>, image: Value): Value;
}

/**
 * Turns a model with one image as its input into values.
 * @throws one sentence that lists all operators that are not supported, or names the node, what it expected and what came
 */
export function importNetwork(model: Model, { image: dims, trainable = () => false }: ImportOptions): ImportedNetwork {
  const [port, ...others] = model.inputs;
  if (!port || others.length > 0) {
    const names = model.inputs.map(({ name }) => name).join(', ');
    throw new Error(`The model has ${model.inputs.length} inputs${names && ` (${names})`}; expected one, the image.`);
  }
  checkImage(port, dims);
  const nodes = neededNodes(model);
  checkOperators(nodes);
  const weights = parametersOf(model, nodes);
  const image = input('image', port.dtype, dims);
  const trained = new Map([...weights].filter(([name]) => trainable(name)).map(([name, { dims }]) => [name, input(name, 'float32', dims)]));
  const run = (parameters: ReadonlyMap<string, Value>, from: Value) =>
    outputsOf(model, nodes, weights, parameters, new Map([[port.name, from]]));
  return {
    parameters: [...weights].map(([name, { dims }]) => ({ name, dims })),
    weights,
    image,
    trained,
    outputs: run(trained, image),
    forward: (parameters, from) => run(parameters, from)[model.outputs[0].name],
  };
}

function checkImage({ name, dims }: Port, image: readonly number[]): void {
  const fits = dims.length === 0 || (dims.length === image.length && (typeof dims[1] === 'string' || dims[1] === image[1]));
  if (!fits) throw new Error(`The model's input ${name} is [${dims.join(', ')}]; an image ${showDims(image)} came.`);
}

/** Nodes the outputs depend on, in the file's order. */
function neededNodes(model: Model): ModelNode[] {
  const wanted = new Set(model.outputs.map(({ name }) => name));
  const needed = model.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => name !== '' && wanted.has(name))) return false;
    for (const name of node.inputs) wanted.add(name);
    return true;
  });
  return needed.toReversed();
}

const nameOf = ({ domain, op }: ModelNode) => (domain === '' ? op : `${domain}.${op}`);
function checkOperators(nodes: readonly ModelNode[]): void {
  const unknown = new Map<string, number>();
  for (const name of nodes.map(nameOf)) if (!Object.hasOwn(translations, name)) unknown.set(name, (unknown.get(name) ?? 0) + 1);
  if (unknown.size === 0) return;
  const list = [...unknown].map(([name, count]) => `${name} (${count})`).join(', ');
  throw new Error(`The model uses operators that are not supported: ${list}.`);
}

/** Inputs that say how to compute, and running statistics: numbers a gradient should not move. */
const settings: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  Clip: [1, 2],
  ConstantOfShape: [0],
  Dropout: [1, 2],
  Pad: [1, 2],
  Pow: [1],
  Range: [0, 1, 2],
  Resize: [1, 2, 3],
  Upsample: [1],
};
/** Float32 initializers by name that are weights wherever they are used. */
function parametersOf(model: Model, nodes: readonly ModelNode[]): Map<string, Tensor<Float32Array>> {
  const uses = new Map<string, 'weight' | 'setting'>();
  for (const { op, inputs } of nodes) {
    for (const [at, name] of inputs.entries()) {
      if (settings[op]?.includes(at)) uses.set(name, 'setting');
      else if (!uses.has(name)) uses.set(name, 'weight');
    }
  }
  const isWeight = ({ name, dims }: Initializer) => uses.get(name) === 'weight' && dims.length > 0 && !isEngines(name);
  return new Map(
    model.initializers.flatMap((initializer) => {
      const { name, dims, data } = initializer;
      return isWeight(initializer) && data instanceof Float32Array ? [[name, { dims, data }] as const] : [];
    }),
  );
}

/** Ops whose results do not depend on the numbers in their inputs. */
const shapesOnly = new Set(['Shape', 'Size']);

/** Walks the nodes. What depends on no weight and no voxel is worked out at once: such are sizes and grids of positions. */
function outputsOf(
  model: Model,
  nodes: readonly ModelNode[],
  weights: ReadonlyMap<string, Tensor>,
  parameters: ReadonlyMap<string, Value>,
  feeds: ReadonlyMap<string, Value>,
): Record<string, Value> {
  const values = new Map<string, Value>(feeds);
  const weighty = new Set<Value>();
  for (const initializer of model.initializers) {
    const { name } = initializer;
    const isWeight = weights.has(name);
    const value = (isWeight && parameters.get(name)) || named(initializer, isWeight);
    values.set(name, value);
    if (isWeight) weighty.add(value);
  }
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => {
      if (name === '') return null;
      const value = values.get(name);
      if (!value) throw new Error(`${sayNode(node)} reads ${name}, which nothing gives.`);
      return value;
    });
    const results = translated(node, new Operation(node, inputs, model.opset ?? 0));
    const isWeighty = !shapesOnly.has(node.op) && inputs.some((value) => value !== null && weighty.has(value));
    for (const [at, name] of node.outputs.entries()) {
      if (name === '') continue;
      const result = results[at];
      // An output nobody reads need not be known here: a dropout's mask, the statistics of a norm.
      if (!result) continue;
      const value = isWeighty ? result : (evaluated(result) ?? result);
      if (isWeighty) weighty.add(value);
      values.set(name, value);
    }
  }
  return Object.fromEntries(
    model.outputs.map(({ name }) => {
      const value = values.get(name);
      if (!value) throw new Error(`The model's output ${name} is given by no node.`);
      return [name, value];
    }),
  );
}

/** Names the engine gives to constants and results that have none: under them nothing can be kept apart. */
const isEngines = (name: string) => /^[cv]\d+(\.\d+)?$/.test(name);
function named({ name, dims, dtype, data }: Initializer, isWeight: boolean): Constant {
  return { ...constant({ dims, data }, isWeight ? name : null), dtype };
}

/** Numbers in one value: 8 GiB, more than a model in use can hold. */
const mostNumbers = 2 ** 31;
const sayNode = (node: ModelNode) => `The node ${node.name || node.outputs.find((name) => name !== '') || '?'} (${nameOf(node)})`;
function translated(node: ModelNode, op: Operation): readonly Value[] {
  try {
    const result = translations[nameOf(node)](op);
    const results = 'kind' in result ? [result] : result;
    for (const { dims } of results) {
      if (!(sizeOf(dims) <= mostNumbers)) throw new Error(`the result ${showDims(dims)} is more than ${mostNumbers} numbers`);
    }
    return results;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${sayNode(node)}: ${reason}.`, { cause: error });
  }
}

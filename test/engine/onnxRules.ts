/** ONNX's rules for a graph, as far as they can be read off a model: what a checker would say of it. */
import type { Model, ModelNode } from '../../src/main/engine/onnx';

/** Attributes of the operators that models for use hold. */
const attributes: Readonly<Record<string, readonly string[]>> = {
  ArgMax: ['axis', 'keepdims', 'select_last_index'],
  BatchNormalization: ['epsilon', 'momentum', 'training_mode'],
  Cast: ['to'],
  Concat: ['axis'],
  Conv: ['auto_pad', 'dilations', 'group', 'kernel_shape', 'pads', 'strides'],
  ConvTranspose: ['auto_pad', 'dilations', 'group', 'kernel_shape', 'output_padding', 'output_shape', 'pads', 'strides'],
  DepthToSpace: ['blocksize', 'mode'],
  Gather: ['axis'],
  GatherElements: ['axis'],
  InstanceNormalization: ['epsilon'],
  LayerNormalization: ['axis', 'epsilon', 'stash_type'],
  LeakyRelu: ['alpha'],
  LogSoftmax: ['axis'],
  MaxPool: ['auto_pad', 'ceil_mode', 'dilations', 'kernel_shape', 'pads', 'storage_order', 'strides'],
  Pad: ['mode'],
  ReduceL2: ['axes', 'keepdims'],
  ReduceMax: ['axes', 'keepdims'],
  ReduceMean: ['axes', 'keepdims'],
  ReduceSum: ['keepdims', 'noop_with_empty_axes'],
  ReduceSumSquare: ['axes', 'keepdims'],
  Resize: ['coordinate_transformation_mode', 'cubic_coeff_a', 'exclude_outside', 'extrapolation_value', 'mode', 'nearest_mode'],
  Shape: ['start', 'end'],
  Softmax: ['axis'],
  SpaceToDepth: ['blocksize'],
  Transpose: ['perm'],
};
for (const plain of [
  'Abs',
  'Add',
  'And',
  'Clip',
  'Cos',
  'Div',
  'Equal',
  'Erf',
  'Exp',
  'Expand',
  'Greater',
  'Identity',
  'Less',
  'Log',
  'MatMul',
  'Max',
  'Mul',
  'Neg',
  'Not',
  'Or',
  'PRelu',
  'Pow',
  'Reciprocal',
  'Relu',
  'Reshape',
  'Sigmoid',
  'Sin',
  'Slice',
  'Softplus',
  'Sqrt',
  'Sub',
  'Tanh',
  'Where',
])
  Object.assign(attributes, { [plain]: [] });
/** Operators all of whose inputs have one type. */
const sameTyped = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Max',
  'MatMul',
  'Conv',
  'ConvTranspose',
  'Concat',
  'Pow',
  'Equal',
  'Less',
  'Greater',
  'PRelu',
]);
/** Places of inputs that must be 64-bit whole numbers. */
const wholeInputs: Readonly<Record<string, readonly number[]>> = {
  Reshape: [1],
  Expand: [1],
  Slice: [1, 2, 3, 4],
  Pad: [1],
  ReduceSum: [1],
  Resize: [3],
  Gather: [1],
};

/** Everything that breaks a rule, in words; nothing for a sound model. Types are checked where the model knows them. */
export function faults(model: Model): string[] {
  const found: string[] = [];
  const known = new Set<string>();
  const define = (name: string, by: string) => {
    if (known.has(name)) found.push(`${name} is defined again by ${by}`);
    known.add(name);
  };
  for (const { name } of [...model.inputs, ...model.initializers]) define(name, 'the graph');
  for (const { name, dims, data } of model.initializers) {
    if (dims.reduce((p, side) => p * side, 1) !== data.length) found.push(`${name} has ${data.length} numbers for [${dims}]`);
  }
  const types = new Map([...(model.types ?? [])].map(([name, { dtype }]) => [name, dtype]));
  for (const { name, dtype } of [...model.inputs, ...model.initializers]) types.set(name, dtype);
  for (const node of model.nodes) {
    for (const name of node.inputs) if (name !== '' && !known.has(name)) found.push(`${node.op} reads ${name} before it is there`);
    for (const name of node.outputs) if (name !== '') define(name, node.op);
    found.push(...faultsOf(node, types));
  }
  for (const { name } of model.outputs) if (!known.has(name)) found.push(`the output ${name} is not there`);
  const used = new Set([...model.nodes.flatMap((node) => node.inputs), ...model.outputs.map(({ name }) => name)]);
  for (const { name } of model.initializers) if (!used.has(name)) found.push(`${name} is not used`);
  return found;
}

function faultsOf({ op, inputs, attributes: given }: ModelNode, types: ReadonlyMap<string, string>): string[] {
  const allowed = attributes[op];
  if (!allowed) return [`${op} is no operator of a model for use`];
  const found = Object.keys(given).flatMap((name) => (allowed.includes(name) ? [] : [`${op} has no attribute ${name}`]));
  const typeOf = inputs.flatMap((name) => types.get(name) ?? []);
  if (sameTyped.has(op) && new Set(typeOf).size > 1) found.push(`${op} of ${typeOf.join(' and ')}`);
  for (const at of wholeInputs[op] ?? []) {
    const type = types.get(inputs[at] ?? '');
    if (type !== undefined && type !== 'int64') found.push(`${op} takes ${type} as its input ${at}`);
  }
  return found;
}

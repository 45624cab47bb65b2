/** For use, not for training: what multiplies and shifts the channels of a convolution with known weights becomes part of those weights. */
import { evaluated } from './evaluate';
import { absent, type Constant, type Node, type Value } from './graph';
import { type Outputs, rewritten } from './lowering';
import { sizeOf } from './tensor';

/** Convolutions by name, and which of their inputs the weights are; the bias comes next. */
const convolutions: Readonly<Record<string, number>> = { Conv: 1, ConvTranspose: 1, ConvRising: 2 };

/**
 * The same outputs with batch norms of known statistics folded into the convolutions before them. The new weights keep the old ones'
 * names. A convolution whose result is needed elsewhere as well stays as it is.
 */
export function foldNorms(outputs: Outputs): Record<string, Value> {
  const uses = usesOf(outputs);
  return rewritten(outputs, (inputs, node) => {
    if (node.op.onnx !== 'Mul' && node.op.onnx !== 'Add') return null;
    for (const [x, k] of [
      [0, 1],
      [1, 0],
    ]) {
      const before = inputs[x];
      const numbers = perChannel(inputs[k], node);
      if (before.kind !== 'node' || !numbers || uses.get(node.inputs[x]) !== 1) continue;
      const folded = absorbed(before, node.op.onnx, numbers, uses);
      if (folded) return folded;
    }
    return null;
  });
}

function usesOf(outputs: Outputs): Map<Value, number> {
  const uses = new Map<Value, number>();
  const seen = new Set<Value>();
  const work = [...Object.values(outputs)];
  const use = (value: Value) => {
    uses.set(value, (uses.get(value) ?? 0) + 1);
    if (!seen.has(value)) work.push(value);
    seen.add(value);
  };
  for (const value of Object.values(outputs)) uses.set(value, (uses.get(value) ?? 0) + 1);
  for (let value = work.pop(); value; value = work.pop()) if (value.kind === 'node') for (const input of value.inputs) use(input);
  return uses;
}

/** The numbers for each channel of a result [N, C, …], if that is what a value holds. */
function perChannel(value: Value, { dims }: Node): Float32Array | null {
  const lead = dims.length - value.dims.length;
  const size = sizeOf(value.dims);
  const isPerChannel = lead >= 0 && (size === 1 || (size === dims[1] && value.dims[1 - lead] === size));
  if (dims.length < 3 || !isPerChannel || value.dtype !== 'float32') return null;
  const known = evaluated(value);
  if (!known) return null;
  return size === 1 ? new Float32Array(dims[1]).fill(Number(known.data[0])) : (known.data as Float32Array);
}

function absorbed(node: Node, how: 'Mul' | 'Add', numbers: Float32Array, uses: ReadonlyMap<Value, number>): Value | null {
  const at = convolutions[node.op.onnx];
  if (at === undefined) return null;
  const [w, b] = [node.inputs[at], node.inputs[at + 1] ?? absent];
  const isKnown = w.kind === 'constant' && b.kind === 'constant' && w.data instanceof Float32Array;
  if (!isKnown || node.dims[1] !== numbers.length) return null;
  const bias = new Float32Array(numbers.length);
  for (const [k, number] of numbers.entries()) {
    const before = b === absent ? 0 : Number(b.data[k]);
    bias[k] = how === 'Mul' ? before * number : before + number;
  }
  // Weights that two layers share are theirs under one name no longer.
  const name = (value: Constant) => ((uses.get(value) ?? 1) > 1 ? null : value.name);
  const newBias: Constant = { kind: 'constant', dims: [bias.length], dtype: 'float32', data: bias, name: b === absent ? null : name(b) };
  const weights: Constant = how === 'Mul' ? { ...w, data: scaled(node, w, numbers), name: name(w) } : w;
  return { ...node, inputs: [...node.inputs.slice(0, at), weights, newBias] };
}

/** Weights [K, C/groups, …], or [C, K/groups, …] of a transposed convolution, with each output channel multiplied. */
function scaled(node: Node, w: Constant, numbers: Float32Array): Float32Array {
  const data = new Float32Array(w.data.length);
  const [first, second, ...kernel] = w.dims;
  const voxels = sizeOf(kernel);
  const isTransposed = node.op.onnx === 'ConvTranspose';
  const perGroup = first / ((node.attributes.group as number | undefined) ?? 1);
  for (let a = 0; a < first; a++) {
    for (let b = 0; b < second; b++) {
      const factor = isTransposed ? numbers[Math.floor(a / perGroup) * second + b] : numbers[a];
      const from = (a * second + b) * voxels;
      for (let i = from; i < from + voxels; i++) data[i] = Number(w.data[i]) * factor;
    }
  }
  return data;
}

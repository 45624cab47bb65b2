/** What a model costs before it has run: operations, traffic and memory, from shapes alone. */
import type { Typed } from './graph';
import type { Model, ModelNode } from './onnx';
import { bytesPer, sizeOf } from './tensor';

export interface Cost {
  /** Floating-point operations of one run; a multiply-add counts as two. */
  flops: number;
  /** Bytes moved by one run if every node reads its inputs and writes its outputs once. */
  trafficBytes: number;
  /** Largest sum of intermediate values alive at once, in bytes, when run in the model's order; inputs and outputs of the model are not counted. */
  peakBytes: number;
  /** Bytes of the model's inputs and outputs together: batch, and parameters and slots twice. */
  borderBytes: number;
}

/** Nodes that hand their input on under another shape: no work, no memory. */
const views = new Set(['Reshape', 'Identity']);

/** Throws if the model does not know its shapes, which every model made by `buildModel` does. */
export function costOf(model: Model): Cost {
  const typeOf = (name: string): Typed => {
    const type = model.types?.get(name);
    if (!type) throw new Error(`costOf: the shape of ${name} is not known`);
    return type;
  };
  const bytes = (name: string) => sizeOf(typeOf(name).dims) * bytesPer(typeOf(name).dtype);
  const border = new Set([...model.inputs, ...model.outputs].map((port) => port.name));
  const fixed = new Set([...border, ...model.initializers.map((initializer) => initializer.name)]);

  // A view shares the memory of what it views.
  const owner = new Map<string, string>();
  const ownerOf = (name: string): string => owner.get(name) ?? name;
  const lastUse = new Map<string, number>();
  for (const [at, node] of model.nodes.entries()) {
    if (views.has(node.op)) owner.set(node.outputs[0], ownerOf(node.inputs[0]));
    for (const name of node.inputs) lastUse.set(ownerOf(name), at);
  }

  const cost: Cost = { flops: 0, trafficBytes: 0, peakBytes: 0, borderBytes: 0 };
  for (const name of border) cost.borderBytes += model.types?.has(name) ? bytes(name) : 0;
  let alive = 0;
  for (const [at, node] of model.nodes.entries()) {
    if (views.has(node.op)) continue;
    const inputs = node.inputs.filter((name) => name !== '');
    const outputs = node.outputs.filter((name) => model.types?.has(name));
    cost.flops += flopsOf(node, typeOf);
    cost.trafficBytes += [...inputs, ...outputs].reduce((sum, name) => sum + bytes(name), 0);
    for (const name of outputs) if (!fixed.has(name)) alive += bytes(name);
    cost.peakBytes = Math.max(cost.peakBytes, alive);
    for (const name of new Set(inputs.map(ownerOf))) if (lastUse.get(name) === at && !fixed.has(name)) alive -= bytes(name);
  }
  return cost;
}

function flopsOf(node: ModelNode, typeOf: (name: string) => Typed): number {
  const result = sizeOf(typeOf(node.outputs[0]).dims);
  if (node.op === 'Conv') {
    const [outputs, ...perOutput] = typeOf(node.inputs[1]).dims;
    return outputs === 0 ? 0 : 2 * result * sizeOf(perOutput);
  }
  if (node.op === 'MatMul') return 2 * result * (typeOf(node.inputs[0]).dims.at(-1) ?? 1);
  return Math.max(result, node.inputs[0] ? sizeOf(typeOf(node.inputs[0]).dims) : 0);
}

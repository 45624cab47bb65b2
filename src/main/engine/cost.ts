/** What a model costs before it has run: operations, traffic and memory, from shapes alone. */
import type { Typed } from './graph';
import type { Model, ModelNode } from './onnx';
import { peakOf, views } from './runtimeMemory';
import { bytesPer, sizeOf } from './tensor';

export interface Cost {
  /** Floating-point operations of one run; a multiply-add counts as two. */
  flops: number;
  /** Bytes moved by one run if every node reads its inputs and writes its outputs once. */
  trafficBytes: number;
  /** Most memory taken at once for intermediate values, in bytes, as the runtime plans it; inputs and outputs of the model are not counted. */
  peakBytes: number;
  /** Nodes that do something. */
  nodes: number;
  /** Bytes of the model's inputs and outputs together: batch, and parameters and slots twice. */
  borderBytes: number;
}

/** Throws if the model does not know its shapes, which every model made by `buildModel` does. */
export function costOf(model: Model): Cost {
  const typeOf = (name: string): Typed => {
    const type = model.types?.get(name);
    if (!type) throw new Error(`costOf: the shape of ${name} is not known`);
    return type;
  };
  const bytes = (name: string) => sizeOf(typeOf(name).dims) * bytesPer(typeOf(name).dtype);
  const border = new Set([...model.inputs, ...model.outputs].map((port) => port.name));

  const cost: Cost = { flops: 0, trafficBytes: 0, peakBytes: peakOf(model), nodes: 0, borderBytes: 0 };
  for (const name of border) cost.borderBytes += model.types?.has(name) ? bytes(name) : 0;
  for (const node of model.nodes) {
    if (views.has(node.op)) continue;
    const inputs = node.inputs.filter((name) => name !== '');
    const outputs = node.outputs.filter((name) => model.types?.has(name));
    cost.nodes++;
    cost.flops += flopsOf(node, typeOf(outputs[0]), typeOf);
    cost.trafficBytes += [...inputs, ...outputs].reduce((sum, name) => sum + bytes(name), 0);
  }
  return cost;
}

/** Operations that a processor does in the time it takes to move a byte, and to start a node. */
const flopsPerByte = 20;
const flopsPerNode = 2e6;

/**
 * One number in proportion to the time of one run, in operations: convolutions run at the speed of arithmetic, nearly everything else at
 * that of memory. On one processor, plans that differed fivefold in operations per byte
 * differed by less than half in work per second.
 */
export const workOf = ({ flops, trafficBytes, nodes }: Pick<Cost, 'flops' | 'trafficBytes' | 'nodes'>): number =>
  flops + flopsPerByte * trafficBytes + flopsPerNode * nodes;

function flopsOf(node: ModelNode, output: Typed, typeOf: (name: string) => Typed): number {
  const result = sizeOf(output.dims);
  if (node.op === 'Conv') {
    const [outputs, ...perOutput] = typeOf(node.inputs[1]).dims;
    return outputs === 0 ? 0 : 2 * result * sizeOf(perOutput);
  }
  if (node.op === 'MatMul') return 2 * result * (typeOf(node.inputs[0]).dims.at(-1) ?? 1);
  return Math.max(result, node.inputs[0] ? sizeOf(typeOf(node.inputs[0]).dims) : 0);
}

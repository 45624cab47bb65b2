/**
 * The memory onnxruntime's sequential executor takes for intermediate values, by following its planner: depth-first order from the last
 * output, results written over inputs that nothing else needs, and freed buffers kept for later values of the same shape.
 */
import type { Typed } from './graph';
import type { Model, ModelNode } from './onnx';
import { bytesPer, sameDims, sizeOf } from './tensor';

/** Nodes that hand their input on under another shape: no work, no memory. */
export const views: ReadonlySet<string> = new Set(['Reshape', 'Identity']);
/** Nodes that may write over an input. */
const overwriting = new Set('Add Sub Mul Div Relu LeakyRelu Neg Exp Log Sqrt Sigmoid Tanh Abs Reciprocal Cast Clip Softmax Erf'.split(' '));

/** Positions of the nodes in the order they run: each leaf's inputs first, the one written down last before the others. */
export function runtimeOrder(nodes: readonly ModelNode[]): number[] {
  const maker = new Map<string, number>();
  for (const [at, { outputs }] of nodes.entries()) for (const name of outputs) if (name !== '') maker.set(name, at);
  const inputs = nodes.map((node) => [...new Set(node.inputs.flatMap((name) => maker.get(name) ?? []))].sort((a, b) => a - b));
  const used = new Set(inputs.flat());
  const work = [...nodes.keys()].filter((at) => !used.has(at)).map((at) => ({ at, isLeft: false }));
  const seen = new Set<number>();
  const order: number[] = [];
  for (let top = work.pop(); top; top = work.pop()) {
    if (top.isLeft) order.push(top.at);
    else if (!seen.has(top.at)) {
      seen.add(top.at);
      work.push({ at: top.at, isLeft: true });
      for (const at of inputs[top.at]) if (!seen.has(at)) work.push({ at, isLeft: false });
    }
  }
  return order;
}

/** A stretch of memory and the steps of the order during which it is taken. */
interface Buffer {
  type: Typed;
  from: number;
  to: number;
  /** Reads still to come. */
  reads: number;
}

/**
 * Largest sum of buffers taken at once, in bytes. What crosses the model's border, and constants, are not counted.
 * Throws if the model does not know its shapes.
 */
export function peakOf(model: Model): number {
  const typeOf = (name: string): Typed => {
    const type = model.types?.get(name);
    if (!type) throw new Error(`peakOf: the shape of ${name} is not known`);
    return type;
  };
  const fixed = new Set([...model.inputs, ...model.outputs, ...model.initializers].map(({ name }) => name));
  const reads = new Map<string, number>();
  for (const { inputs } of model.nodes) for (const name of inputs) reads.set(name, (reads.get(name) ?? 0) + 1);

  const bufferOf = new Map<string, Buffer>();
  const all: Buffer[] = [];
  const free: Buffer[] = [];
  const bufferFor = (node: ModelNode, type: Typed, at: number): Buffer | null => {
    if (views.has(node.op)) return bufferOf.get(node.inputs[0]) ?? null;
    if (overwriting.has(node.op)) {
      for (const name of node.inputs) {
        const buffer = bufferOf.get(name);
        if (buffer?.reads === 1 && isAlike(typeOf(name), type)) return buffer;
      }
    }
    const kept = type.dims.length === 0 ? -1 : free.findIndex((buffer) => isAlike(buffer.type, type));
    if (kept >= 0) return free.splice(kept, 1)[0];
    const fresh = { type, from: at, to: at, reads: 0 };
    all.push(fresh);
    return fresh;
  };
  const release = (buffer: Buffer) => {
    if (buffer.reads === 0 && !free.includes(buffer)) free.unshift(buffer);
  };

  for (const [at, place] of runtimeOrder(model.nodes).entries()) {
    const node = model.nodes[place];
    const made: Buffer[] = [];
    for (const name of node.outputs) {
      if (name === '' || fixed.has(name) || !model.types?.has(name)) continue;
      const buffer = bufferFor(node, typeOf(name), at);
      if (!buffer) continue; // a view of what crosses the border
      buffer.reads += reads.get(name) ?? 0;
      buffer.to = at;
      bufferOf.set(name, buffer);
      made.push(buffer);
    }
    for (const name of node.inputs) {
      const buffer = bufferOf.get(name);
      if (!buffer) continue;
      buffer.reads--;
      buffer.to = at;
      release(buffer);
    }
    for (const buffer of made) release(buffer);
  }
  return highest(all);
}

const isAlike = (a: Typed, b: Typed): boolean => bytesPer(a.dtype) === bytesPer(b.dtype) && sameDims(a.dims, b.dims);

function highest(buffers: readonly Buffer[]): number {
  const change = new Map<number, number>();
  const add = (at: number, bytes: number) => change.set(at, (change.get(at) ?? 0) + bytes);
  for (const { type, from, to } of buffers) {
    const bytes = sizeOf(type.dims) * bytesPer(type.dtype);
    add(from, bytes);
    add(to + 1, -bytes);
  }
  let [taken, most] = [0, 0];
  for (const at of [...change.keys()].sort((a, b) => a - b)) {
    taken += change.get(at) as number;
    most = Math.max(most, taken);
  }
  return most;
}

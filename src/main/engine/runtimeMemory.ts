/** The memory onnxruntime's sequential executor takes for intermediate values, by following the order it chooses. */
import type { Model, ModelNode } from './onnx';
import { bytesPer, sizeOf } from './tensor';

/** Nodes that hand their input on under another shape: no work, no memory. */
export const views: ReadonlySet<string> = new Set(['Reshape', 'Identity']);
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

/**
 * Largest sum of values alive at once, in bytes, where the runtime does not know shapes beforehand (`hideShapes`): each value lives from
 * the node that makes it to its last reader. What crosses the model's border, and constants, are not counted.
 * Throws if the model does not know its shapes.
 */
export function peakOf(model: Model): number {
  const bytesOf = (name: string): number => {
    const type = model.types?.get(name);
    if (!type) throw new Error(`peakOf: the shape of ${name} is not known`);
    return sizeOf(type.dims) * bytesPer(type.dtype);
  };
  const order = runtimeOrder(model.nodes).map((at) => model.nodes[at]);
  const fixed = new Set([...model.inputs, ...model.outputs, ...model.initializers].map(({ name }) => name));
  const owners = new Map<string, string>();
  const ownerOf = (name: string) => owners.get(name) ?? name;
  const lastUse = new Map<string, number>();
  for (const [at, { op, inputs, outputs }] of order.entries()) {
    if (views.has(op)) owners.set(outputs[0], ownerOf(inputs[0]));
    for (const name of inputs) lastUse.set(ownerOf(name), at);
  }
  let [alive, most] = [0, 0];
  for (const [at, { op, inputs, outputs }] of order.entries()) {
    const made = views.has(op) ? [] : outputs.filter((name) => model.types?.has(name) && !fixed.has(name));
    for (const name of made) alive += bytesOf(name);
    most = Math.max(most, alive);
    const read = inputs.map(ownerOf).filter((name) => name !== '' && !fixed.has(name) && lastUse.get(name) === at);
    for (const name of new Set([...read, ...made.filter((name) => !lastUse.has(name))])) alive -= bytesOf(name);
  }
  return most;
}

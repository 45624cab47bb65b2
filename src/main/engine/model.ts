/** From values to a model: what nothing needs is left out, what is computed twice is computed once, ops take their faster form. */
import { absent, type Constant, contentOf, type Form, type Input, inOrder, type Node, type Value } from './graph';
import { lowered, type Outputs } from './lowering';
import type { Initializer, Model, ModelNode, Port } from './onnx';
import { withNumbersOf } from './stored';

export interface ModelOptions {
  name: string;
  /** In this order; an input nothing uses stays an input. */
  inputs: readonly Input[];
  outputs: Outputs;
  metadata?: Readonly<Record<string, string>>;
  form: Form;
  /**
   * Lets the runtime see shapes only while it runs. Where it knows them beforehand it keeps freed buffers back for later values of the
   * same shape, which costs a training step much of its memory.
   */
  hideShapes?: boolean;
  /** Changes the values once every op has its form. */
  finish?: (outputs: Outputs) => Outputs;
}

/** Builds the model. Throws if an output depends on an input that was not listed. */
export function buildModel({
  name,
  inputs,
  outputs,
  metadata = {},
  form,
  hideShapes = false,
  finish = (same) => same,
}: ModelOptions): Model {
  const results = finish(lowered(outputs, form));
  const listed = new Set<Value>(inputs);
  const wanted = new Map(Object.entries(results).map(([output, value]) => [value, output]));
  const names = new Map<Value, string>();
  const known = new Map<string, ModelNode>();
  const nodes: ModelNode[] = [];
  const initializers = new Map<string, Initializer>();

  for (const value of inOrder(Object.values(results))) {
    if (value.kind === 'input') {
      if (!listed.has(value)) throw new Error(`buildModel: the input ${value.name} was not listed`);
      names.set(value, value.name);
    } else if (value === absent) continue;
    else if (value.kind === 'constant') names.set(value, initializerFor(value, initializers));
    else names.set(value, nodeFor(value));
  }

  function nodeFor(value: Node): string {
    const from = value.inputs.map((input) => (input === absent ? '' : (names.get(input) ?? '')));
    const { onnx, rule } = value.op;
    const key = JSON.stringify([onnx, from, value.attributes]);
    let node = known.get(key);
    if (!node) {
      node = { op: onnx, domain: rule.domain ?? '', inputs: from, outputs: [], attributes: value.attributes };
      known.set(key, node);
      nodes.push(node);
    }
    const at = rule.output ?? 0;
    while (node.outputs.length <= at) node.outputs.push('');
    // ONNX's first output may not be left out.
    node.outputs[0] ||= (at === 0 && wanted.get(value)) || `v${nodes.length}`;
    node.outputs[at] ||= wanted.get(value) ?? `${node.outputs[0]}.${at}`;
    return node.outputs[at];
  }

  // What is an input, a constant, or known under another name already becomes an output by a copy.
  for (const [output, value] of Object.entries(results)) {
    const from = names.get(value) as string;
    if (from !== output) nodes.push({ op: 'Identity', domain: '', inputs: [from], outputs: [output], attributes: {} });
  }
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return {
    name,
    nodes,
    inputs: [...inputs.map(({ name, dtype, dims }) => ({ name, dtype, dims })), ...(hideShapes ? shapesOf(nodes, initializers) : [])],
    outputs: Object.entries(results).map(([name, { dtype, dims }]) => ({ name, dtype, dims })),
    initializers: [...initializers.values()].filter((initializer) => used.has(initializer.name)),
    metadata,
    types: new Map([...names].map(([value, name]) => [name, value])),
  };
}

/**
 * Constants that are also inputs: nobody has to feed them, but somebody might, so the runtime may not take their values for granted. Of any length, so
 * that not even the number of axes is known: what may have axes is compared with every freed buffer, a second for every few thousand nodes. That
 * length has another name for every number of axes: what has lengths of one name the runtime holds for equally long, and lays one value where another was.
 */
function shapesOf(nodes: readonly ModelNode[], initializers: ReadonlyMap<string, Initializer>): Port[] {
  const shapes = new Set(nodes.filter((node) => node.op === 'Reshape').map((node) => node.inputs[1]));
  return [...initializers.values()]
    .filter(({ name }) => shapes.has(name))
    .map(({ name, dtype, dims: [axes] }) => ({ name, dtype, dims: [`${axes} axes`] }));
}

function initializerFor(value: Constant, initializers: Map<string, Initializer>): string {
  const key = value.name ?? contentOf(value);
  let found = initializers.get(key);
  if (!found) {
    found = withNumbersOf({ name: value.name ?? `c${initializers.size}`, dtype: value.dtype, dims: value.dims }, value);
    initializers.set(key, found);
  }
  return found.name;
}

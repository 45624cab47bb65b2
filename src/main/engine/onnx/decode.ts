/** Reads ONNX inference models of any origin: any version of the format, every encoding of numbers; what it cannot use is skipped. */
import { attributeKinds, type FileAttribute, type Initializer, type Model, type ModelNode, type Port } from '../onnx';
import type { Dtype } from '../tensor';
import { dtypeOfCode, type ReadBeside, readPair, readTensor } from './tensors';
import { each, part, real, reals, type Take, text, whole, wholes } from './wire';

const alone: ReadBeside = (location) => {
  throw new Error(`its numbers lie in ${location}, beside the model, which must be read as a file`);
};

/**
 * Reads a model's bytes. An initializer that is listed as an input too, as files before version 4 of the format demand, is no input here.
 * @param beside reads data that lies in other files; without it such models are refused
 * @throws one sentence that starts with "This is not a readable ONNX model" and says what is wrong
 */
export function decodeModel(bytes: Uint8Array, beside: ReadBeside = alone): Model {
  try {
    return readModel(bytes, beside);
  } catch (error) {
    throw new Error(`This is not a readable ONNX model: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
}

function readModel(bytes: Uint8Array, beside: ReadBeside): Model {
  const metadata: Record<string, string> = {};
  const domains: Record<string, number> = {};
  let graph: Uint8Array | null = null;
  each(bytes, 'the model', {
    7: part((value) => {
      graph = value;
    }),
    8: part((value) => {
      const [domain, version] = readVersion(value);
      // ONNX's own set has two names.
      domains[domain === 'ai.onnx' ? '' : domain] = version;
    }),
    14: part((value) => {
      const [key, said] = readPair(value);
      metadata[key] = said;
    }),
  });
  if (!graph) throw new Error('it has no graph');
  const { '': opset, ...others } = domains;
  if (opset === undefined) throw new Error('it does not say which version of the operators it uses');
  return { ...readGraph(graph, beside), metadata, opset, domains: others };
}

function readVersion(bytes: Uint8Array): [string, number] {
  let [domain, version] = ['', 0];
  each(bytes, 'an operator set', {
    1: text((value) => {
      domain = value;
    }),
    2: whole((value) => {
      version = value;
    }),
  });
  return [domain, version];
}

function readGraph(bytes: Uint8Array, beside: ReadBeside): Pick<Model, 'name' | 'nodes' | 'inputs' | 'outputs' | 'initializers'> {
  const nodes: ModelNode[] = [];
  const inputs: Port[] = [];
  const outputs: Port[] = [];
  const initializers: Initializer[] = [];
  let name = '';
  each(bytes, 'the graph', {
    1: part((value) => nodes.push(readNode(value, beside))),
    2: text((value) => {
      name = value;
    }),
    5: part((value) => initializers.push(readTensor(value, beside))),
    11: part((value) => inputs.push(readPort(value))),
    12: part((value) => outputs.push(readPort(value))),
    15: () => {
      throw new Error('it holds sparse tensors, which are not read here');
    },
  });
  const given = new Set(initializers.map((initializer) => initializer.name));
  return { name, nodes, inputs: inputs.filter((port) => !given.has(port.name)), outputs, initializers };
}

function readNode(bytes: Uint8Array, beside: ReadBeside): ModelNode {
  const node: ModelNode = { op: '', domain: '', inputs: [], outputs: [], attributes: {} };
  const attributes: Record<string, FileAttribute> = {};
  each(bytes, 'a node', {
    1: text((value) => node.inputs.push(value)),
    2: text((value) => node.outputs.push(value)),
    3: text((value) => {
      node.name = value;
    }),
    4: text((value) => {
      node.op = value;
    }),
    5: part((value) => {
      const [name, said] = readAttribute(value, beside);
      attributes[name] = said;
    }),
    7: text((value) => {
      node.domain = value === 'ai.onnx' ? '' : value;
    }),
  });
  return { ...node, attributes };
}

/** Writers that leave zeros and empty texts out rely on the stated kind; the oldest files do not state it. */
function readAttribute(bytes: Uint8Array, beside: ReadBeside): [string, FileAttribute] {
  let [name, kind] = ['', 0];
  const found = new Map<number, FileAttribute>();
  const [floats, ints, strings]: [number[], number[], string[]] = [[], [], []];
  const keep = (as: number, value: FileAttribute) => {
    found.set(as, value);
  };
  const graph: Take = part((value) => keep(attributeKinds.graph, { graph: nameOfGraph(value) }));
  each(bytes, 'an attribute', {
    1: text((value) => {
      name = value;
    }),
    2: real((value) => keep(attributeKinds.float, { float: value })),
    3: whole((value) => keep(attributeKinds.int, value)),
    4: text((value) => keep(attributeKinds.string, value)),
    5: part((value) => keep(attributeKinds.tensor, { tensor: readTensor(value, beside) })),
    6: graph,
    7: reals((value) => {
      floats.push(value);
    }),
    8: wholes((value) => {
      ints.push(value);
    }),
    9: text((value) => strings.push(value)),
    11: graph,
    20: whole((value) => {
      kind = value;
    }),
  });
  const lists: [number, FileAttribute, number][] = [
    [attributeKinds.floats, { floats }, floats.length],
    [attributeKinds.ints, ints, ints.length],
    [attributeKinds.strings, { strings }, strings.length],
  ];
  for (const [as, value, length] of lists) if (length > 0 || kind === as) keep(as, value);
  const unwritten: Record<number, FileAttribute> = {
    [attributeKinds.float]: { float: 0 },
    [attributeKinds.int]: 0,
    [attributeKinds.string]: '',
  };
  const value = found.get(kind === attributeKinds.graphs ? attributeKinds.graph : kind) ?? unwritten[kind] ?? [...found.values()][0];
  if (value === undefined) throw new Error(`the attribute ${name} holds nothing that is read here`);
  return [name, value];
}

function nameOfGraph(bytes: Uint8Array): string {
  let name = '';
  each(bytes, 'a graph', {
    2: text((value) => {
      name = value;
    }),
  });
  return name;
}

/** An input or output; a side without a number or name is called `?`. */
function readPort(bytes: Uint8Array): Port {
  let name = '';
  let dtype: Dtype = 'float32';
  const dims: (number | string)[] = [];
  let code = 0;
  const side = part((value) => {
    dims.push('?');
    const say = (what: number | string) => {
      dims[dims.length - 1] = what;
    };
    each(value, 'a side', { 1: whole(say), 2: text(say) });
  });
  const shape = part((value) => each(value, 'a shape', { 1: side }));
  const tensor = part((value) =>
    each(value, 'a type', {
      1: whole((said) => {
        code = said;
      }),
      2: shape,
    }),
  );
  each(bytes, 'an input or output', {
    1: text((value) => {
      name = value;
    }),
    2: part((value) => each(value, 'a type', { 1: tensor })),
  });
  if (code !== 0) dtype = dtypeOfCode(code, name);
  return { name, dtype, dims };
}

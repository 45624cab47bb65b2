/** ONNX files as bytes and back: the part of the format that a graph of tensors needs (onnx.proto3 of the ONNX project). */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Attribute, Attributes, Typed } from './graph';
import { type Dtype, type TensorData, zeros } from './tensor';

/** Every operator used here exists, with the same meaning, since this version of the standard set. */
export const opset = 17;
const irVersion = 8;

/** A model as a list of named steps. A side that is a string is chosen when the model runs. */
export interface Model {
  name: string;
  nodes: ModelNode[];
  inputs: Port[];
  outputs: Port[];
  initializers: Initializer[];
  metadata: Readonly<Record<string, string>>;
  /** Shapes of everything by name, where they are known; not part of the file. */
  types?: ReadonlyMap<string, Typed>;
  /** Versions of operator sets other than ONNX's own. */
  domains?: Readonly<Record<string, number>>;
}
export interface ModelNode {
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Attributes;
}
export interface Port {
  name: string;
  dtype: Dtype;
  dims: readonly (number | string)[];
}
export interface Initializer extends Typed {
  name: string;
  data: TensorData;
}

const typeCodes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const satisfies Record<Dtype, number>;
const dtypeOfCode = new Map(Object.entries(typeCodes).map(([dtype, code]) => [code as number, dtype as Dtype]));

type Fill = (writer: BinaryWriter) => void;
const message = (writer: BinaryWriter, field: number, fill: Fill) => {
  writer.tag(field, WireType.LengthDelimited).fork();
  fill(writer);
  writer.join();
};
const text = (writer: BinaryWriter, field: number, value: string) => writer.tag(field, WireType.LengthDelimited).string(value);
const whole = (writer: BinaryWriter, field: number, value: number) => writer.tag(field, WireType.Varint).int64(value);

/** The bytes of a model. */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  whole(writer, 1, irVersion);
  text(writer, 2, 'Understudy');
  message(writer, 7, (graph) => {
    for (const node of model.nodes) message(graph, 1, (w) => writeNode(w, node));
    text(graph, 2, model.name);
    for (const initializer of model.initializers) message(graph, 5, (w) => writeTensor(w, initializer));
    for (const port of model.inputs) message(graph, 11, (w) => writePort(w, port));
    for (const port of model.outputs) message(graph, 12, (w) => writePort(w, port));
  });
  for (const [domain, version] of Object.entries({ '': opset, ...model.domains })) {
    message(writer, 8, (w) => {
      text(w, 1, domain);
      whole(w, 2, version);
    });
  }
  for (const [key, value] of Object.entries(model.metadata)) {
    message(writer, 14, (w) => {
      text(w, 1, key);
      text(w, 2, value);
    });
  }
  return writer.finish();
}

function writeNode(writer: BinaryWriter, node: ModelNode): void {
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  // A node's name shows up in profiles; its first output says best where it belongs.
  text(writer, 3, `${node.op}:${node.outputs.find((name) => name !== '')}`);
  text(writer, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) message(writer, 5, (w) => writeAttribute(w, name, value));
  if (node.domain !== '') text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    whole(writer, 3, value);
    whole(writer, 20, 2);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    whole(writer, 20, 3);
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    whole(writer, 20, 1);
  } else {
    for (const item of value) whole(writer, 8, item);
    whole(writer, 20, 7);
  }
}

function writeTensor(writer: BinaryWriter, { name, dims, dtype, data }: Initializer): void {
  for (const side of dims) whole(writer, 1, side);
  whole(writer, 2, typeCodes[dtype]);
  text(writer, 8, name);
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writePort(writer: BinaryWriter, { name, dtype, dims }: Port): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      whole(tensor, 1, typeCodes[dtype]);
      message(tensor, 2, (shape) => {
        for (const side of dims) message(shape, 1, (w) => (typeof side === 'number' ? whole(w, 1, side) : text(w, 2, side)));
      });
    }),
  );
}

/** Reads a model's bytes. Throws plainly on anything this file would not have written, naming it. */
export function decodeModel(bytes: Uint8Array): Model {
  const model: Model = { name: '', nodes: [], inputs: [], outputs: [], initializers: [], metadata: {} };
  const metadata: Record<string, string> = {};
  const domains: Record<string, number> = {};
  each(bytes, {
    7: (graph) =>
      each(graph.bytes(), {
        1: (r) => model.nodes.push(readNode(r.bytes())),
        2: (r) => {
          model.name = r.string();
        },
        5: (r) => model.initializers.push(readTensor(r.bytes())),
        11: (r) => model.inputs.push(readPort(r.bytes())),
        12: (r) => model.outputs.push(readPort(r.bytes())),
      }),
    8: (r) => {
      let [domain, version] = ['', 0];
      each(r.bytes(), {
        1: (d) => {
          domain = d.string();
        },
        2: (v) => {
          version = Number(v.int64());
        },
      });
      domains[domain] = version;
    },
    14: (r) => {
      const [key, value] = pair(r.bytes());
      metadata[key] = value;
    },
  });
  if (domains[''] !== opset) throw new Error(`decodeModel: operator set ${domains['']}, expected ${opset}`);
  delete domains[''];
  return { ...model, metadata, domains };
}

/** Calls the reader of each field; fields nobody asked for are skipped. */
function each(bytes: Uint8Array, fields: Record<number, (reader: BinaryReader) => unknown>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (fields[field]) fields[field](reader);
    else reader.skip(wire, field);
  }
}

function pair(bytes: Uint8Array): [string, string] {
  const both: [string, string] = ['', ''];
  each(bytes, {
    1: (r) => {
      both[0] = r.string();
    },
    2: (r) => {
      both[1] = r.string();
    },
  });
  return both;
}

function readNode(bytes: Uint8Array): ModelNode {
  const node: ModelNode = { op: '', domain: '', inputs: [], outputs: [], attributes: {} };
  const attributes: Record<string, Attribute> = {};
  each(bytes, {
    1: (r) => node.inputs.push(r.string()),
    2: (r) => node.outputs.push(r.string()),
    4: (r) => {
      node.op = r.string();
    },
    5: (r) => {
      const [name, value] = readAttribute(r.bytes());
      attributes[name] = value;
    },
    7: (r) => {
      node.domain = r.string();
    },
  });
  return { ...node, attributes };
}

function readAttribute(bytes: Uint8Array): [string, Attribute] {
  let name = '';
  let value: Attribute | null = null;
  const list: number[] = [];
  each(bytes, {
    1: (r) => {
      name = r.string();
    },
    2: (r) => {
      value = { float: r.float() };
    },
    3: (r) => {
      value = Number(r.int64());
    },
    4: (r) => {
      value = r.string();
    },
    8: (r) => list.push(Number(r.int64())),
  });
  return [name, value ?? list];
}

function readTensor(bytes: Uint8Array): Initializer {
  const dims: number[] = [];
  let [name, code] = ['', 0];
  let raw: Uint8Array = new Uint8Array(0);
  each(bytes, {
    1: (r) => dims.push(Number(r.int64())),
    2: (r) => {
      code = Number(r.int64());
    },
    8: (r) => {
      name = r.string();
    },
    9: (r) => {
      raw = r.bytes();
    },
  });
  const dtype = dtypeOfCode.get(code);
  if (!dtype) throw new Error(`decodeModel: ${name} has the unknown element type ${code}`);
  const data = zeros(dtype, raw.byteLength / zeros(dtype, 1).BYTES_PER_ELEMENT);
  new Uint8Array(data.buffer).set(raw);
  return { name, dtype, dims, data };
}

function readPort(bytes: Uint8Array): Port {
  const port = { name: '', dtype: 'float32' as Dtype, dims: [] as (number | string)[] };
  const side = (r: BinaryReader) => each(r.bytes(), { 1: (v) => port.dims.push(Number(v.int64())), 2: (v) => port.dims.push(v.string()) });
  const tensor = (r: BinaryReader) =>
    each(r.bytes(), {
      1: (v) => {
        port.dtype = dtypeOfCode.get(Number(v.int64())) ?? port.dtype;
      },
      2: (v) => each(v.bytes(), { 1: side }),
    });
  each(bytes, {
    1: (r) => {
      port.name = r.string();
    },
    2: (r) => each(r.bytes(), { 1: tensor }),
  });
  return port;
}

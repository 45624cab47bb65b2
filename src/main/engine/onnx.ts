/** ONNX models and their bytes: the part of the format that a graph of tensors needs (onnx.proto3 of the ONNX project). */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Attribute, Typed } from './graph';
import type { StoredAt } from './stored';
import type { Dtype, TensorData } from './tensor';

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
  /** Version of ONNX's own operator set, where it is not the one used here. */
  opset?: number;
  /** Versions of operator sets other than ONNX's own. */
  domains?: Readonly<Record<string, number>>;
}
/** What a file may say of a node; a graph is kept by its name only. */
export type FileAttribute =
  | Attribute
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] }
  | { readonly tensor: Initializer }
  | { readonly graph: string };
export interface ModelNode {
  op: string;
  domain: string;
  /** As the file names it; files written here name a node after its first output. */
  name?: string;
  inputs: string[];
  outputs: string[];
  attributes: Readonly<Record<string, FileAttribute>>;
}
export interface Port {
  name: string;
  dtype: Dtype;
  dims: readonly (number | string)[];
}
export interface Initializer extends Typed {
  name: string;
  data: TensorData;
  /** Where the numbers lie, if they stay there until `data` is asked for. */
  stored?: StoredAt;
}

export const typeCodes = { float32: 1, float16: 10, uint8: 2, int32: 6, int64: 7, bool: 9, float64: 11 } as const satisfies Record<
  Dtype,
  number
>;

/** What an attribute says it is. */
export const attributeKinds = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, graphs: 10 } as const;
/** What a tensor says when its numbers lie in another file. */
export const dataBeside = 1;

type Fill = (writer: BinaryWriter) => void;
const message = (writer: BinaryWriter, field: number, fill: Fill) => {
  writer.tag(field, WireType.LengthDelimited).fork();
  fill(writer);
  writer.join();
};
const text = (writer: BinaryWriter, field: number, value: string) => writer.tag(field, WireType.LengthDelimited).string(value);
const whole = (writer: BinaryWriter, field: number, value: number) => writer.tag(field, WireType.Varint).int64(value);

/** Where a tensor lies in a file beside the model. */
export interface Place {
  offset: number;
  length: number;
}
/** The file beside the model, by its name, and the tensors that lie in it. */
export interface Beside {
  location: string;
  places: ReadonlyMap<string, Place>;
}

/** The bytes of a model; tensors that lie beside it are only referred to. Numbers are copied once, into the result: they may be half a gigabyte. */
export function encodeModel(model: Model, beside?: Beside): Uint8Array<ArrayBuffer> {
  const head = written((w) => {
    whole(w, 1, irVersion);
    text(w, 2, 'Understudy');
  });
  const nodes = written((w) => {
    for (const node of model.nodes) message(w, 1, (inner) => writeNode(inner, node));
    text(w, 2, model.name);
  });
  const tensors = model.initializers.flatMap((initializer) => framed(5, tensorPieces(initializer, beside)));
  const ports = written((w) => {
    for (const port of model.inputs) message(w, 11, (inner) => writePort(inner, port));
    for (const port of model.outputs) message(w, 12, (inner) => writePort(inner, port));
  });
  const tail = written((w) => {
    for (const [domain, version] of Object.entries({ '': model.opset ?? opset, ...model.domains })) {
      message(w, 8, (inner) => {
        text(inner, 1, domain);
        whole(inner, 2, version);
      });
    }
    for (const [key, value] of Object.entries(model.metadata)) message(w, 14, (inner) => writePair(inner, key, value));
  });
  return endToEnd([head, ...framed(7, [nodes, ...tensors, ports]), tail]);
}

function written(fill: Fill): Uint8Array {
  const writer = new BinaryWriter();
  fill(writer);
  return writer.finish();
}
const lengthOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, { length }) => sum + length, 0);
/** A message of pieces that lie one after another. */
const framed = (field: number, pieces: readonly Uint8Array[]): Uint8Array[] => [
  written((w) => w.tag(field, WireType.LengthDelimited).uint32(lengthOf(pieces))),
  ...pieces,
];
function endToEnd(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function writePair(writer: BinaryWriter, key: string, value: string): void {
  text(writer, 1, key);
  text(writer, 2, value);
}

function writeNode(writer: BinaryWriter, node: ModelNode): void {
  for (const name of node.inputs) text(writer, 1, name);
  for (const name of node.outputs) text(writer, 2, name);
  // A node's name shows up in profiles; its first output says best where it belongs.
  text(writer, 3, node.name ?? `${node.op}:${node.outputs.find((name) => name !== '')}`);
  text(writer, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) message(writer, 5, (w) => writeAttribute(w, name, value));
  if (node.domain !== '') text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, value: FileAttribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    whole(writer, 3, value);
    whole(writer, 20, attributeKinds.int);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    whole(writer, 20, attributeKinds.string);
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    whole(writer, 20, attributeKinds.float);
  } else if ('floats' in value) {
    for (const item of value.floats) writer.tag(7, WireType.Bit32).float(item);
    whole(writer, 20, attributeKinds.floats);
  } else if ('strings' in value) {
    for (const item of value.strings) text(writer, 9, item);
    whole(writer, 20, attributeKinds.strings);
  } else if ('tensor' in value) {
    for (const piece of framed(5, tensorPieces(value.tensor))) writer.raw(piece);
    whole(writer, 20, attributeKinds.tensor);
  } else if ('graph' in value) {
    throw new Error(`encodeModel: the attribute ${name} holds the graph ${value.graph}, which cannot be written`);
  } else {
    for (const item of value) whole(writer, 8, item);
    whole(writer, 20, attributeKinds.ints);
  }
}

/** A tensor's message: what it is, and its numbers as they lie in memory. */
function tensorPieces(tensor: Initializer, beside?: Beside): Uint8Array[] {
  const { name, dims, dtype } = tensor;
  const about = written((w) => {
    for (const side of dims) whole(w, 1, side);
    whole(w, 2, typeCodes[dtype]);
    text(w, 8, name);
  });
  const place = beside?.places.get(name);
  if (!beside || !place) return [about, ...framed(9, [bytesOf(tensor.data)])];
  const entries = { location: beside.location, offset: String(place.offset), length: String(place.length) };
  const where = written((w) => {
    for (const [key, value] of Object.entries(entries)) message(w, 13, (inner) => writePair(inner, key, value));
    whole(w, 14, dataBeside);
  });
  return [about, where];
}
/** A tensor's bytes, without a copy. */
export const bytesOf = (data: TensorData): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

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

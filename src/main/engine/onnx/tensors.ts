/** Tensors of ONNX files in all their encodings: raw bytes, typed lists, half floats, and data in a file beside the model. */
import { type Initializer, typeCodes } from '../onnx';
import { type Dtype, showDims, sizeOf, type TensorData, zeros } from '../tensor';
import { doubles, each, exactWholes, part, reals, text, whole, wholes } from './wire';

/** Reads bytes of a file beside the model: `length` of them from `offset`. Throws a sentence if they are not there. */
export type ReadBeside = (location: string, offset: number, length: number) => Uint8Array;

/** How an element type of a file is stored, and as what it is read: kinds this engine does not compute with become the next larger one. */
interface Storage {
  dtype: Dtype;
  bytes: number;
  read(view: DataView, at: number): number | bigint;
}
const direct: Readonly<Record<number, Storage>> = {
  1: { dtype: 'float32', bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { dtype: 'uint8', bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { dtype: 'int32', bytes: 1, read: (view, at) => view.getInt8(at) },
  4: { dtype: 'int32', bytes: 2, read: (view, at) => view.getUint16(at, true) },
  5: { dtype: 'int32', bytes: 2, read: (view, at) => view.getInt16(at, true) },
  6: { dtype: 'int32', bytes: 4, read: (view, at) => view.getInt32(at, true) },
  7: { dtype: 'int64', bytes: 8, read: (view, at) => view.getBigInt64(at, true) },
  9: { dtype: 'bool', bytes: 1, read: (view, at) => view.getUint8(at) },
  10: { dtype: 'float32', bytes: 2, read: (view, at) => halfFloat(view.getUint16(at, true)) },
  11: { dtype: 'float64', bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  12: { dtype: 'int64', bytes: 4, read: (view, at) => BigInt(view.getUint32(at, true)) },
  13: { dtype: 'int64', bytes: 8, read: (view, at) => view.getBigInt64(at, true) },
  16: { dtype: 'float32', bytes: 2, read: (view, at) => brainFloat(view.getUint16(at, true)) },
};
/** Whether a type's bytes are already those of the typed array it is read into. */
const isStoredAs = (code: number): boolean => typeCodes[direct[code].dtype] === code;

/** The element type a file's code is read as. Throws if there is none, as for strings and complex numbers. */
export function dtypeOfCode(code: number, of: string): Dtype {
  const storage = direct[code];
  if (!storage) throw new Error(`${of} has the element type ${code}, which is not read here`);
  return storage.dtype;
}

/** IEEE 754 half precision: 1 sign, 5 exponent, 10 fraction bits. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
const word = new DataView(new ArrayBuffer(4));
/** The upper half of a float32. */
export function brainFloat(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

/** A tensor message. Every length is checked against what the file holds before anything is allocated. */
export function readTensor(bytes: Uint8Array, beside: ReadBeside): Initializer {
  const dims: number[] = [];
  let [name, code, source] = ['', 0, 0];
  let raw: Uint8Array | null = null;
  const lists = { real: [] as number[], int32: [] as number[], int64: [] as bigint[], double: [] as number[], unsigned: [] as bigint[] };
  const entries = new Map<string, string>();
  const put =
    <T>(list: T[]) =>
    (value: T) => {
      list.push(value);
    };
  each(bytes, 'a tensor', {
    1: wholes(put(dims)),
    2: whole((value) => {
      code = value;
    }),
    4: reals(put(lists.real)),
    5: wholes(put(lists.int32)),
    7: exactWholes(put(lists.int64)),
    8: text((value) => {
      name = value;
    }),
    9: part((value) => {
      raw = value;
    }),
    10: doubles(put(lists.double)),
    11: exactWholes(put(lists.unsigned)),
    13: part((value) => {
      const [key, said] = readPair(value);
      entries.set(key, said);
    }),
    14: whole((value) => {
      source = value;
    }),
  });
  const of = name === '' ? 'a tensor' : `the tensor ${name}`;
  const dtype = dtypeOfCode(code, of);
  const count = sizeOf(dims);
  if (dims.some((side) => side < 0) || !Number.isSafeInteger(count)) throw new Error(`${of} has the shape ${showDims(dims)}`);
  if (source !== 0) raw = readBeside(of, entries, count * direct[code].bytes, beside);
  const listed = [lists.real, lists.int32, lists.int64, lists.double, lists.unsigned].find((list) => list.length > 0);
  const data = raw ? fromRaw(raw, code, count, of) : fromList(listed ?? [], code, count, of);
  return { name, dtype, dims, data };
}

/** A key and a value. */
export function readPair(bytes: Uint8Array): [string, string] {
  const both: [string, string] = ['', ''];
  each(bytes, 'a pair', {
    1: text((value) => {
      both[0] = value;
    }),
    2: text((value) => {
      both[1] = value;
    }),
  });
  return both;
}

function readBeside(of: string, entries: ReadonlyMap<string, string>, expected: number, beside: ReadBeside): Uint8Array {
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? expected);
  if (!Number.isSafeInteger(offset) || offset < 0 || length !== expected) {
    throw new Error(`${of} needs ${expected} bytes; the model points to ${entries.get('length')} from ${entries.get('offset')}`);
  }
  return beside(entries.get('location') ?? '', offset, length);
}

function fromRaw(raw: Uint8Array, code: number, count: number, of: string): TensorData {
  const { dtype, bytes, read } = direct[code];
  if (raw.byteLength !== count * bytes) throw new Error(`${of} should have ${count * bytes} bytes, ${raw.byteLength} came`);
  const data = zeros(dtype, count);
  if (isStoredAs(code)) new Uint8Array(data.buffer).set(raw);
  else {
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    for (let i = 0; i < count; i++) data[i] = read(view, i * bytes);
  }
  return data;
}

/** Half floats come as their bits, one in each whole number. */
function fromList(list: readonly (number | bigint)[], code: number, count: number, of: string): TensorData {
  if (list.length !== count) throw new Error(`${of} should have ${count} numbers, ${list.length} came`);
  const { dtype } = direct[code];
  const data = zeros(dtype, count);
  const decode = { 10: halfFloat, 16: brainFloat }[code] ?? ((value: number) => value);
  for (let i = 0; i < count; i++) data[i] = data instanceof BigInt64Array ? BigInt(list[i]) : decode(Number(list[i]));
  return data;
}

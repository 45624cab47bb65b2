/** Weights as safetensors (the Hugging Face format): a JSON header with shapes and offsets, then plain numbers. Nothing in a file is executed. */
import { readFile } from 'node:fs/promises';
import { fail } from '../../shared/errors';
import { asFileError, writeDurably } from '../files/durable';
import type { Contents } from './contents';
import { bytesOf, countOf, type ElementType, isCount, toNumbers, type Weight, type WeightData } from './elements';
import type { Source } from './source';

export type { Weight, WeightData } from './elements';

export interface Safetensors {
  tensors: Map<string, Weight>;
  metadata: Record<string, string>;
}

/** The format's own names of element types. */
const typeOf = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<string, ElementType>;
type Stored = keyof typeof typeOf;
const isStored = (name: unknown): name is Stored => typeof name === 'string' && Object.hasOwn(typeOf, name);

const headerLimit = 100_000_000;

/** What a header says: where in the body each tensor lies. */
interface Layout {
  places: Map<string, { dtype: ElementType; dims: number[]; from: number; to: number }>;
  metadata: Record<string, string>;
}

/**
 * Reads a whole file.
 * @throws FILE_UNREADABLE, or FILE_INVALID naming the part of the header that cannot be true
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const bytes = await readFile(path).catch((error: unknown) => fail('FILE_UNREADABLE', path, String(asFileError(error, path))));
  return decodeSafetensors(bytes, path);
}

/** Decodes a file already in memory; `file` is what errors call it. */
export function decodeSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const start = bodyStart(bytes.subarray(0, 8), bytes.byteLength, file);
  const { places, metadata } = parseLayout(bytes.subarray(8, start), bytes.byteLength - start, file);
  const tensors = new Map<string, Weight>();
  for (const [name, { dtype, dims, from, to }] of places) {
    // A copy of their own: numbers must start at a multiple of their size. (A Buffer's own slice would not copy.)
    tensors.set(name, { dims, data: toNumbers(new Uint8Array(bytes.subarray(start + from, start + to)), dtype) });
  }
  return { tensors, metadata };
}

/** Reads the header only; numbers follow tensor by tensor. @throws FILE_INVALID, FILE_DAMAGED */
export async function openSafetensors(source: Source): Promise<Contents> {
  const start = bodyStart(await source.read(0, Math.min(8, source.size)), source.size, source.name);
  const { places, metadata } = parseLayout(await source.read(8, start - 8), source.size - start, source.name);
  const tensors = [...places].map(([name, { dtype, dims, from, to }]) => {
    const read = async () => ({ dims, data: toNumbers(await source.read(start + from, to - from), dtype) });
    return [name, { dims, dtype, read, ...(dtype === 'float32' && { offset: start + from }) }] as const;
  });
  return { format: 'safetensors', metadata, tensors: new Map(tensors) };
}

/** Where the numbers start in a file of `size` bytes. */
function bodyStart(head: Uint8Array, size: number, file: string): number {
  if (head.byteLength < 8) fail('FILE_INVALID', file, 'its size', 'at least 8 bytes', `${size}`);
  const length = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  if (length > Math.min(headerLimit, size - 8)) {
    fail('FILE_INVALID', file, 'the header', `at most ${Math.min(headerLimit, size - 8)} bytes long`, `${length}`);
  }
  return 8 + length;
}

function parseLayout(bytes: Uint8Array, bodyBytes: number, file: string): Layout {
  const header = parseHeader(bytes, file);
  const places: Layout['places'] = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const place = parseEntry(entry, name, file);
    if (place.to > bodyBytes) fail('FILE_INVALID', file, `the end of ${name}`, `at most ${bodyBytes}`, `${place.to}`);
    places.set(name, place);
  }
  checkSpans(
    [...places].map(([name, { from, to }]) => [from, to, name]),
    bodyBytes,
    file,
  );
  return { places, metadata: parseMetadata(header.__metadata__, file) };
}

/** What can be written: weights, or the bits of numbers in half precision. */
export interface Written {
  readonly dims: readonly number[];
  readonly data: WeightData | Uint16Array;
}

/** Writes a file durably: afterwards it is all there, or as it was before. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Written>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeDurably(path, encodeSafetensors(tensors, metadata));
}

/** The bytes of a file; names in the given order, numbers little-endian. */
export function encodeSafetensors(tensors: ReadonlyMap<string, Written>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const places = [...tensors].map(([name, { dims, data }]) => ({ name, dims, dtype: storedAs(data), bytes: data.byteLength }));
  const header = encodeHeader(places, metadata);
  const bytes = new Uint8Array(header.byteLength + places.reduce((sum, place) => sum + place.bytes, 0));
  bytes.set(header);
  let at = header.byteLength;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** The same bytes piece by piece, of float32 weights that are asked for one after another, so that they need not all be in memory. */
export async function* safetensorsPieces(
  entries: readonly { name: string; dims: readonly number[] }[],
  read: (name: string) => Promise<Float32Array>,
  metadata: Readonly<Record<string, string>> = {},
): AsyncGenerator<Uint8Array> {
  yield encodeHeader(
    entries.map(({ name, dims }) => ({ name, dims, dtype: 'F32', bytes: 4 * countOf(dims) })),
    metadata,
  );
  for (const { name, dims } of entries) {
    const data = await read(name);
    if (data.length !== countOf(dims)) throw new Error(`safetensors: ${name} has ${data.length} numbers, expected ${countOf(dims)}`);
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
}

interface Placed {
  name: string;
  dims: readonly number[];
  dtype: Stored;
  bytes: number;
}
/** Everything before the numbers. Spaces fill it up to a multiple of 8, so that numbers can be viewed in place. */
function encodeHeader(places: readonly Placed[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let end = 0;
  for (const { name, dims, dtype, bytes } of places) {
    header[name] = { dtype, shape: dims, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const start = 8 + Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(start).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  return bytes;
}

function storedAs(data: Written['data']): Stored {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Uint16Array) return 'F16';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof BigInt64Array) return 'I64';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return header as Record<string, unknown>;
  } catch {
    // Falls through to the one sentence for anything that is not a JSON object.
  }
  return fail('FILE_INVALID', file, 'the header', 'a JSON object', 'something else');
}

function parseEntry(entry: unknown, name: string, file: string): { dtype: ElementType; dims: number[]; from: number; to: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isStored(dtype)) fail('FILE_INVALID', file, `the element type of ${name}`, Object.keys(typeOf).join(', '), String(dtype));
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    fail('FILE_INVALID', file, `the shape of ${name}`, 'a list of whole numbers', JSON.stringify(shape) ?? 'missing');
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    fail('FILE_INVALID', file, `the place of ${name}`, 'two whole numbers', JSON.stringify(offsets) ?? 'missing');
  }
  const [from, to] = offsets;
  const needed = countOf(shape) * bytesOf[typeOf[dtype]];
  if (to - from !== needed) fail('FILE_INVALID', file, `the size of ${name}`, `${needed} bytes`, `${to - from}`);
  return { dtype: typeOf[dtype], dims: shape, from, to };
}

/** Tensors must follow each other without gap or overlap and fill the file, so that no byte has two meanings or none. */
function checkSpans(spans: [number, number, string][], length: number, file: string): void {
  let end = 0;
  for (const [from, to, name] of spans.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (from !== end) fail('FILE_INVALID', file, `the start of ${name}`, `${end}`, `${from}`);
    end = to;
  }
  if (end !== length) fail('FILE_INVALID', file, 'the size of the data', `${end} bytes`, `${length}`);
}

function parseMetadata(metadata: unknown, file: string): Record<string, string> {
  if (metadata === undefined) return {};
  const isText = typeof metadata === 'object' && metadata !== null && Object.values(metadata).every((value) => typeof value === 'string');
  return isText
    ? (metadata as Record<string, string>)
    : fail('FILE_INVALID', file, 'the metadata', 'a list of texts', JSON.stringify(metadata));
}

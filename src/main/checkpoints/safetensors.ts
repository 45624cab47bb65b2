/** Weights as safetensors (the Hugging Face format): a JSON header with shapes and offsets, then plain numbers. Nothing in a file is executed. */
import { readFile } from 'node:fs/promises';
import { fail } from '../../shared/errors';
import { asFileError, writeDurably } from '../files/durable';

/** What a weights file holds. Half-precision numbers arrive as float32. */
export type WeightData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;
export interface Weight {
  readonly dims: readonly number[];
  readonly data: WeightData;
}
export interface Safetensors {
  tensors: Map<string, Weight>;
  metadata: Record<string, string>;
}

const bytesOf = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const;
type Stored = keyof typeof bytesOf;
const isStored = (name: unknown): name is Stored => typeof name === 'string' && Object.hasOwn(bytesOf, name);

const headerLimit = 100_000_000;

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
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 8) fail('FILE_INVALID', file, 'its size', 'at least 8 bytes', `${bytes.byteLength}`);
  const length = Number(view.getBigUint64(0, true));
  if (length > Math.min(headerLimit, bytes.byteLength - 8)) {
    fail('FILE_INVALID', file, 'the header', `at most ${bytes.byteLength - 8} bytes long`, `${length}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + length), file);
  const body = bytes.subarray(8 + length);
  const tensors = new Map<string, Weight>();
  const spans: [number, number, string][] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, dims, from, to } = parseEntry(entry, name, file);
    if (to > body.byteLength) fail('FILE_INVALID', file, `the end of ${name}`, `at most ${body.byteLength}`, `${to}`);
    tensors.set(name, { dims, data: numbers(body.subarray(from, to), dtype) });
    spans.push([from, to, name]);
  }
  checkSpans(spans, body.byteLength, file);
  return { tensors, metadata: parseMetadata(header.__metadata__, file) };
}

/** Writes a file durably: afterwards it is all there, or as it was before. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Weight>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeDurably(path, encodeSafetensors(tensors, metadata));
}

/** The bytes of a file; names in the given order, numbers little-endian. */
export function encodeSafetensors(tensors: ReadonlyMap<string, Weight>, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let end = 0;
  for (const [name, { dims, data }] of tensors) {
    header[name] = { dtype: storedAs(data), shape: dims, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  // Spaces fill the header up to a multiple of 8, so that numbers can be viewed in place.
  const json = Buffer.from(JSON.stringify(header));
  const start = 8 + Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let at = start;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function storedAs(data: WeightData): Stored {
  if (data instanceof Float32Array) return 'F32';
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

function parseEntry(entry: unknown, name: string, file: string): { dtype: Stored; dims: number[]; from: number; to: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isStored(dtype)) fail('FILE_INVALID', file, `the element type of ${name}`, Object.keys(bytesOf).join(', '), String(dtype));
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    fail('FILE_INVALID', file, `the shape of ${name}`, 'a list of whole numbers', JSON.stringify(shape) ?? 'missing');
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    fail('FILE_INVALID', file, `the place of ${name}`, 'two whole numbers', JSON.stringify(offsets) ?? 'missing');
  }
  const [from, to] = offsets;
  const needed = shape.reduce((product: number, side: number) => product * side, 1) * bytesOf[dtype];
  if (to - from !== needed) fail('FILE_INVALID', file, `the size of ${name}`, `${needed} bytes`, `${to - from}`);
  return { dtype, dims: shape, from, to };
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

function numbers(bytes: Uint8Array, dtype: Stored): WeightData {
  // A copy of their own: numbers must start at a multiple of their size. (A Buffer's own slice would not copy.)
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'F64':
      return new Float64Array(buffer);
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return Float32Array.from(new Uint16Array(buffer), halfToFloat);
    case 'BF16':
      // The upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}

/** IEEE 754 binary16 to a number. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

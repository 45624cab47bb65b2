/** Test support: writes zip archives, pickles and NumPy files, sound ones and others. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface Member {
  name: string;
  bytes: Uint8Array;
  isDeflated?: boolean;
  /** What the archive claims instead of the truth. */
  claims?: { size?: number; crc?: number; at?: number };
}

const bytesOf = (...numbers: [value: number | bigint, width: 2 | 4 | 8][]): Buffer =>
  Buffer.concat(
    numbers.map(([value, width]) => {
      const bytes = Buffer.alloc(width);
      if (width === 8) bytes.writeBigUInt64LE(BigInt(value));
      else bytes.writeUIntLE(Number(value), 0, width);
      return bytes;
    }),
  );

/** An archive in pieces, so that a large one needs little memory. Long: every size stands in a zip64 field. */
export function* zipParts(members: Iterable<Member>, { isLong = false } = {}): Generator<Uint8Array> {
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, isDeflated = false, claims = {} } of members) {
    const body = isDeflated ? deflateRawSync(bytes) : bytes;
    const label = Buffer.from(name);
    const size = claims.size ?? bytes.byteLength;
    const sum = claims.crc ?? crc32(bytes);
    const packed = isDeflated ? body.byteLength : size;
    const method = isDeflated ? 8 : 0;
    const start = claims.at ?? at;
    const extra = isLong ? bytesOf([1, 2], [24, 2], [size, 8], [packed, 8], [start, 8]) : Buffer.alloc(0);
    const short = (value: number) => (isLong ? 0xffffffff : value);
    const common = bytesOf([0, 2], [method, 2], [0, 4], [sum, 4], [short(packed), 4], [short(size), 4], [label.length, 2]);
    const local = Buffer.concat([bytesOf([0x04034b50, 4], [45, 2]), common, bytesOf([0, 2]), label]);
    yield local;
    yield body;
    const rest = bytesOf([extra.length, 2], [0, 2], [0, 2], [0, 2], [0, 4], [short(start), 4]);
    directory.push(Buffer.concat([bytesOf([0x02014b50, 4], [45, 2], [45, 2]), common, rest, label, extra]));
    at += local.length + body.byteLength;
  }
  const listing = Buffer.concat(directory);
  yield listing;
  const count = directory.length;
  if (isLong) {
    yield bytesOf([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8], [listing.length, 8], [at, 8]);
    yield bytesOf([0x07064b50, 4], [0, 4], [at + listing.length, 8], [1, 4]);
  }
  const [shortCount, shortBytes, shortAt] = isLong ? [0xffff, 0xffffffff, 0xffffffff] : [count, listing.length, at];
  yield bytesOf([0x06054b50, 4], [0, 2], [0, 2], [shortCount, 2], [shortCount, 2], [shortBytes, 4], [shortAt, 4], [0, 2]);
}

export const zipBytes = (members: Iterable<Member>, options?: { isLong?: boolean }): Buffer =>
  Buffer.concat([...zipParts(members, options)]);

/** Pieces of pickles (protocol 2), to be joined with `pickled`. */
export const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from('X'), bytesOf([bytes.length, 4]), bytes]);
};
export const whole = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes.writeBigInt64LE(BigInt(value), 1);
  bytes[0] = 8;
  return Buffer.concat([Buffer.from([0x8a]), bytes]);
};
export const named = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
export const op = (code: string): Buffer => Buffer.from(code, 'latin1');
export const tuple = (...items: Uint8Array[]): Buffer => Buffer.concat([op('('), ...items, op('t')]);
export const list = (...items: Uint8Array[]): Buffer => Buffer.concat([op(']('), ...items, op('e')]);
export const call = (callable: Uint8Array, ...args: Uint8Array[]): Buffer => Buffer.concat([callable, tuple(...args), op('R')]);
export const dictionary = (entries: Iterable<readonly [string, Uint8Array]>): Buffer =>
  Buffer.concat([op('}('), ...[...entries].flatMap(([key, value]) => [text(key), value]), op('u')]);
export const pickled = (...pieces: Uint8Array[]): Buffer => Buffer.concat([op('\x80\x02'), ...pieces, op('.')]);

export interface TensorRecipe {
  /** PyTorch's name of the storage's class. */
  storage?: string;
  key: string;
  /** Elements in the storage. */
  count: number;
  first?: number;
  dims: readonly number[];
  strides?: readonly number[];
  /** The third version of the rebuilding function names the type itself. */
  dtype?: string;
}

/** A tensor as `torch.save` pickles it. */
export function tensor({ storage = 'FloatStorage', key, count, first = 0, dims, strides, dtype }: TensorRecipe): Buffer {
  const place = tuple(text('storage'), named(dtype ? 'torch.storage' : 'torch', storage), text(key), text('cpu'), whole(count));
  const steps = strides ?? dims.map((_, axis) => dims.slice(axis + 1).reduce((product, side) => product * side, 1));
  const shared = [Buffer.concat([place, op('Q')]), whole(first), tuple(...dims.map(whole)), tuple(...steps.map(whole)), op('\x89')];
  const hooks = call(named('collections', 'OrderedDict'));
  return dtype
    ? call(named('torch._utils', '_rebuild_tensor_v3'), ...shared, hooks, named('torch', dtype))
    : call(named('torch._utils', '_rebuild_tensor_v2'), ...shared, hooks);
}

/** The members of an archive of `torch.save`. */
export const torchMembers = (pickle: Uint8Array, storages: Record<string, Uint8Array>, order?: string): Member[] => [
  { name: 'archive/data.pkl', bytes: pickle },
  ...(order ? [{ name: 'archive/byteorder', bytes: Buffer.from(order) }] : []),
  ...Object.entries(storages).map(([key, bytes]) => ({ name: `archive/data/${key}`, bytes })),
  { name: 'archive/version', bytes: Buffer.from('3\n') },
];

/** A NumPy file. */
export function npyBytes(descr: string, dims: readonly number[], body: Uint8Array, { isFortran = false, version = 1 } = {}): Buffer {
  const shape = `(${dims.join(', ')}${dims.length === 1 ? ',' : ''})`;
  const header = `{'descr': '${descr}', 'fortran_order': ${isFortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
  const start = version === 1 ? 10 : 12;
  const padded = `${header.padEnd(64 * Math.ceil((start + header.length + 1) / 64) - start - 1)}\n`;
  const length = version === 1 ? bytesOf([padded.length, 2]) : bytesOf([padded.length, 4]);
  return Buffer.concat([op('\x93NUMPY'), Buffer.from([version, 0]), length, Buffer.from(padded), body]);
}

export const bytesOfArray = (array: NodeJS.TypedArray): Buffer => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/** NumPy's names of element types, and the header of its files (format 1.0 to 3.0, numpy/lib/format.py). */
import { fail } from '../../shared/errors';
import { type ByteOrder, bytesOf, countOf, type ElementType, isCount } from './elements';

const types: Record<string, ElementType> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u8: 'uint64',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  b1: 'bool',
};

/** `<f4` and the like; null for objects, records and everything else that is not plain numbers. */
export function numpyType(descriptor: string): { type: ElementType; order: ByteOrder } | null {
  const [, order, name] = /^([<>|=]?)([fiub]\d)$/.exec(descriptor) ?? [];
  const type = Object.hasOwn(types, name ?? '') ? types[name] : null;
  return type ? { type, order: order === '>' ? 'big' : 'little' } : null;
}

export interface NpyHeader {
  type: ElementType;
  order: ByteOrder;
  layout: 'C' | 'Fortran';
  dims: number[];
  /** Place of the numbers. */
  start: number;
}

export const isNpy = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 6)).toString('latin1') === '\x93NUMPY';

/**
 * Reads the header from the first bytes of a file or member of `size` bytes.
 * @throws FILE_INVALID, FILE_DAMAGED
 */
export function parseNpyHeader(head: Uint8Array, size: number, name: string, file: string): NpyHeader {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.byteLength < 12 || !isNpy(head)) fail('FILE_INVALID', file, name, 'a NumPy array', 'something else');
  const isLong = head[6] >= 2;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (isLong ? 12 : 10) + length;
  if (start > head.byteLength) fail('FILE_INVALID', file, `the header of ${name}`, `at most ${head.byteLength} bytes long`, `${start}`);
  const text = Buffer.from(head.buffer, head.byteOffset, start)
    .toString('latin1', start - length)
    .trim();
  const descriptor = /'descr':\s*'([^']*)'/.exec(text)?.[1] ?? 'a record';
  const found = numpyType(descriptor);
  if (!found) return fail('FILE_INVALID', file, `the element type of ${name}`, 'plain numbers', descriptor.slice(0, 40));
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  const dims = shape?.match(/\d+/g)?.map(Number) ?? [];
  if (!order || shape === undefined || dims.length > 64 || !dims.every(isCount)) {
    return fail('FILE_INVALID', file, `the header of ${name}`, 'a shape and an order', text.slice(0, 100));
  }
  const needed = start + countOf(dims) * bytesOf[found.type];
  if (needed !== size) fail('FILE_DAMAGED', file, `${name} should have ${needed} bytes, but has ${size}`);
  return { ...found, layout: order === 'True' ? 'Fortran' : 'C', dims, start };
}

/** From a view of stored bytes (place, shape, strides) to numbers in order, the last axis fastest. */
import { fail } from '../../shared/errors';
import type { StoredContent } from './contents';
import { type ByteOrder, bytesOf, countOf, gather, isDense, spanOf, stridesOf, toNumbers } from './elements';
import { PickledArray, type StoredTensor } from './pickledObjects';

/** Bytes somewhere in a file. */
export interface StoredBytes {
  readonly size: number;
  read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A view may repeat the numbers of its storage, but not blow a small file up to more than this. */
const repeatLimit = 16 << 20;

/** A view on bytes: `first` and `strides` in elements. @throws FILE_DAMAGED, FILE_INVALID where it reaches beyond them */
export function stridedView(
  stored: StoredBytes,
  view: Pick<StoredTensor, 'type' | 'first' | 'dims' | 'strides'>,
  order: ByteOrder,
  name: string,
  file: string,
): StoredContent {
  const { type, first, dims, strides } = view;
  const width = bytesOf[type];
  const span = spanOf(dims, strides);
  if (span > 0 && !((first + span) * width <= stored.size)) {
    fail('FILE_DAMAGED', file, `${name} reaches to byte ${(first + span) * width} of a storage with ${stored.size}`);
  }
  const most = Math.max(stored.size, repeatLimit);
  if (!(countOf(dims) * width <= most))
    fail('FILE_INVALID', file, `the size of ${name}`, `at most ${most} bytes`, `${countOf(dims) * width}`);
  return {
    dims,
    dtype: type,
    async read() {
      const bytes = span === 0 ? new Uint8Array(0) : await stored.read(first * width, span * width);
      return { dims, data: toNumbers(isDense(dims, strides) ? bytes : gather(bytes, width, dims, strides), type, order) };
    },
  };
}

/** A tensor or array as a pickle describes it. @throws FILE_DAMAGED, FILE_INVALID where storage and description disagree */
export function viewOf(
  tensor: StoredTensor | PickledArray,
  name: string,
  file: string,
  order: ByteOrder,
  find: (key: string) => StoredBytes | undefined,
): StoredContent {
  if (tensor instanceof PickledArray) return arrayView(tensor, name, file);
  const { key, type, count, partFrom } = tensor.storage;
  const stored = find(key) ?? fail('FILE_DAMAGED', file, `the numbers of ${name} (storage ${key}) are missing`);
  const needed = ((partFrom ?? 0) + count) * (type === 'untyped' ? 1 : bytesOf[type]);
  if (partFrom === null ? needed !== stored.size : !(needed <= stored.size)) {
    fail('FILE_DAMAGED', file, `the storage of ${name} should have ${needed} bytes, but has ${stored.size}`);
  }
  return stridedView(stored, { ...tensor, first: tensor.first + (partFrom ?? 0) }, order, name, file);
}

function arrayView({ type, order, layout, dims, bytes }: PickledArray, name: string, file: string): StoredContent {
  const needed = type ? countOf(dims) * bytesOf[type] : Number.NaN;
  if (!type || needed !== bytes.byteLength) {
    return fail('FILE_DAMAGED', file, `${name} should have ${needed} bytes, but has ${bytes.byteLength}`);
  }
  const stored = {
    size: bytes.byteLength,
    read: async (from: number, length: number) => new Uint8Array(bytes.subarray(from, from + length)),
  };
  return stridedView(stored, { type, first: 0, dims, strides: stridesOf(dims, layout) }, order, name, file);
}

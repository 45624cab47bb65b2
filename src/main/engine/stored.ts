/** Weights that stay in their file: a session maps it into memory, and whoever asks for the numbers themselves reads them. */
import { closeSync, openSync, readSync } from 'node:fs';
import { type Dtype, dtypeOf, sizeOf, type Tensor } from './tensor';

/** Where float32 numbers lie one after another, little-endian. */
export interface StoredAt {
  readonly path: string;
  /** Bytes before the first. */
  readonly offset: number;
}

/** A tensor of numbers in a file. Its `data` throws a plain error if they are no longer there. */
export function storedTensor(dims: readonly number[], stored: StoredAt): Tensor<Float32Array> {
  let read: Float32Array | null = null;
  return {
    dims,
    stored,
    get data() {
      read ??= numbersAt(stored, sizeOf(dims));
      return read;
    },
  };
}

/** A tensor's element type, without a look at what lies in a file. */
export const typeOf = (tensor: Tensor): Dtype => (tensor.stored ? 'float32' : dtypeOf(tensor.data));

/** An object with the numbers of another, unread where they lie in a file. */
export function withNumbersOf<T extends object>(object: T, from: Pick<Tensor, 'data' | 'stored'>): T & Pick<Tensor, 'data' | 'stored'> {
  const { stored } = from;
  if (!stored) return { ...object, data: from.data };
  return {
    ...object,
    stored,
    get data() {
      return from.data;
    },
  };
}

function numbersAt({ path, offset }: StoredAt, count: number): Float32Array {
  const numbers = new Float32Array(count);
  const bytes = new Uint8Array(numbers.buffer);
  const file = openSync(path, 'r');
  try {
    // One call reads at most 2 GiB.
    for (let at = 0; at < bytes.length; ) {
      const got = readSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30), offset + at);
      if (got === 0) throw new Error(`${path} ends before byte ${offset + bytes.length}, where ${count} of its numbers should end`);
      at += got;
    }
  } finally {
    closeSync(file);
  }
  return numbers;
}

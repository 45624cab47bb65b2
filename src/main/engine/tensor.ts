/** Numbers in memory: a shape and a typed array, last axis fastest. The array's class is the element type. */
import type { StoredAt } from './stored';

export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

export interface Tensor<D extends TensorData = TensorData> {
  readonly dims: readonly number[];
  readonly data: D;
  /** Where the numbers lie, if they stay there until `data` is asked for. */
  readonly stored?: StoredAt;
}

/** Element types a graph may hold; `bool` and `float16` never cross the graph's border. */
export type Dtype = 'float32' | 'float16' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool';

const arrays = {
  float32: Float32Array,
  float16: Uint16Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} satisfies Record<Dtype, unknown>;

/** Number of elements; 1 for a scalar (no axes). */
export const sizeOf = (dims: readonly number[]): number => dims.reduce((product, side) => product * side, 1);

/** Bytes per element. */
export const bytesPer = (dtype: Dtype): number => arrays[dtype].BYTES_PER_ELEMENT;

/** A fresh array of zeros. */
export function zeros(dtype: Dtype, length: number): TensorData {
  if (dtype === 'float16') throw new Error('zeros: float16 exists inside graphs only');
  return new arrays[dtype](length);
}

/** The element type of an array. */
export function dtypeOf(data: TensorData): Exclude<Dtype, 'bool' | 'float16'> {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof BigInt64Array) return 'int64';
  return data instanceof Int32Array ? 'int32' : 'uint8';
}

/** A float32 tensor; throws if the count of numbers is not what the shape demands. */
export function tensor(dims: readonly number[], data: ArrayLike<number>): Tensor<Float32Array> {
  if (data.length !== sizeOf(dims)) throw new Error(`tensor: ${showDims(dims)} needs ${sizeOf(dims)} numbers, ${data.length} came`);
  return { dims, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** `[2, 16, 64]`; a scalar is `[]`. */
export const showDims = (dims: readonly number[]): string => `[${dims.join(', ')}]`;

export const sameDims = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

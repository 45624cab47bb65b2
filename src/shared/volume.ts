/** Voxels in memory and as bytes: the few element types a working copy may have. */
import { type Grid, voxelCount } from './geometry';

/** Element types of stored volumes. Labels are `uint8`; images keep the narrowest type that holds their values exactly. */
export const dtypes = ['uint8', 'int16', 'uint16', 'float32'] as const;
export type Dtype = (typeof dtypes)[number];
export type Voxels = Uint8Array | Int16Array | Uint16Array | Float32Array;

const arrays = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array };

/** A scalar field. `voxels.length` is the grid's voxel count, i fastest; values are in the unit the owner states. */
export interface Volume {
  readonly grid: Grid;
  readonly voxels: Voxels;
}

/** A label map: 0 is background, other values are structure indices. */
export interface LabelMap {
  readonly grid: Grid;
  readonly voxels: Uint8Array;
}

/** Bytes per element. */
export const bytesPer = (dtype: Dtype): number => arrays[dtype].BYTES_PER_ELEMENT;

/** The element type of an array. */
export function dtypeOf(voxels: Voxels): Dtype {
  if (voxels instanceof Uint8Array) return 'uint8';
  if (voxels instanceof Int16Array) return 'int16';
  return voxels instanceof Uint16Array ? 'uint16' : 'float32';
}

/**
 * Views little-endian bytes as voxels without copying where alignment allows.
 * Throws a plain error if the byte count is not what grid and type demand: stored volumes are checked by hash, so this is a bug.
 */
export function viewVoxels(bytes: Uint8Array, dtype: Dtype, grid: Pick<Grid, 'size'>): Voxels {
  const expected = voxelCount(grid) * bytesPer(dtype);
  if (bytes.byteLength !== expected) {
    throw new Error(`viewVoxels: ${grid.size.join('×')} ${dtype} needs ${expected} bytes, ${bytes.byteLength} came`);
  }
  const aligned = bytes.byteOffset % bytesPer(dtype) === 0 ? bytes : bytes.slice();
  return new arrays[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, voxelCount(grid));
}

/** The bytes behind voxels, little-endian on every machine this program runs on. */
export const bytesOf = (voxels: Voxels): Uint8Array => new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength);

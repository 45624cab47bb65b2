/** Opens the reference tensors under test/fixtures/golden, and turns numpy's C order into ours (i fastest). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Grid } from '../../src/shared/geometry';
import { goldenFolder } from '../golden';

export interface Tensor {
  shape: number[];
  data: Float32Array | Float64Array;
}

/** All tensors of a safetensors file (F32 and I64; whole numbers come as float64). */
export function golden(name: string): { tensors: Map<string, Tensor>; metadata: Record<string, string> } {
  const file = readFileSync(join(goldenFolder, name));
  const length = Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  > & { __metadata__: Record<string, string> };
  const tensors = new Map<string, Tensor>();
  for (const [key, { dtype, shape, data_offsets }] of Object.entries(entries)) {
    const bytes = file.buffer.slice(file.byteOffset + 8 + length + data_offsets[0], file.byteOffset + 8 + length + data_offsets[1]);
    const data = dtype === 'F32' ? new Float32Array(bytes) : Float64Array.from(new BigInt64Array(bytes as ArrayBuffer), Number);
    tensors.set(key, { shape, data });
  }
  return { tensors, metadata };
}

/** A tensor [i, j, k] in C order as voxels with i fastest. */
export function voxelsOf({ shape: [ni, nj, nk], data }: Tensor): Float32Array {
  const voxels = new Float32Array(ni * nj * nk);
  for (let i = 0, n = 0; i < ni; i++)
    for (let j = 0; j < nj; j++) for (let k = 0; k < nk; k++, n++) voxels[i + ni * (j + nj * k)] = data[n];
  return voxels;
}

export const gridOf = (data: Tensor, affine: Tensor): Grid => ({
  size: data.shape.slice(0, 3) as unknown as Grid['size'],
  affine: [...affine.data],
});

/** Largest absolute difference of two arrays of the same length. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let n = 0; n < a.length; n++) most = Math.max(most, Number.isNaN(a[n] - b[n]) ? Number.POSITIVE_INFINITY : Math.abs(a[n] - b[n]));
  return most;
}

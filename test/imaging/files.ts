/** Test support: NIfTI bytes built field by field so that every one of them can lie. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface Recipe {
  version?: 1 | 2;
  little?: boolean;
  dim?: number[];
  datatype?: number;
  bitpix?: number;
  pixdim?: number[];
  offset?: number;
  slope?: number;
  inter?: number;
  units?: number;
  qform?: number;
  sform?: number;
  quatern?: number[];
  qoffset?: number[];
  srow?: number[];
  magic?: string;
  /** Voxels as numbers; written in the type of `datatype`. */
  values?: ArrayLike<number>;
}
const bitsOf: Record<number, number> = { 2: 8, 4: 16, 8: 32, 16: 32, 64: 64, 256: 8, 512: 16, 768: 32, 1024: 64, 1280: 64 };

/** The bytes of a NIfTI file; without a recipe a sound 3×4×5 int16 ramp at 2×3×4 mm. */
export function niftiBytes(recipe: Recipe = {}): Buffer {
  const { version = 1, little = true, dim = [3, 3, 4, 5], datatype = 4, pixdim = [1, 2, 3, 4], units = 2 } = recipe;
  const { qform = 0, sform = 1, quatern = [0, 0, 0], qoffset = [0, 0, 0], srow = [2, 0, 0, -10, 0, 3, 0, -20, 0, 0, 4, -30] } = recipe;
  const header = version === 1 ? 348 : 540;
  const { offset = header + 4, slope = 0, inter = 0, bitpix = bitsOf[datatype] ?? 16, magic = `n+${version}` } = recipe;
  const count = dim.slice(1, 1 + Math.max(0, Math.min(7, dim[0]))).reduce((a, b) => a * b, 1);
  const values = recipe.values ?? Array.from({ length: Math.min(10_000, Math.max(0, count)) }, (_, n) => n);
  const width = (bitsOf[datatype] ?? 16) / 8;
  const bytes = Buffer.alloc(Math.max(header + 4, offset) + values.length * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const int16 = (at: number, x: number) => view.setInt16(at, x, little);
  const put =
    version === 1 ? (at: number, x: number) => view.setFloat32(at, x, little) : (at: number, x: number) => view.setFloat64(at, x, little);
  const series = (at: number, numbers: number[]) => {
    for (const [n, x] of numbers.entries()) put(at + n * (version === 1 ? 4 : 8), x);
  };
  view.setInt32(0, header, little);
  if (version === 1) {
    for (const [at, n] of dim.entries()) int16(40 + 2 * at, n);
    int16(70, datatype);
    int16(72, bitpix);
    series(76, pixdim);
    series(108, [offset, slope, inter]);
    bytes[123] = units;
    int16(252, qform);
    int16(254, sform);
    series(256, [...quatern, ...qoffset, ...srow]);
    bytes.write(magic, 344, 'latin1');
  } else {
    bytes.write(magic, 4, 'latin1');
    int16(12, datatype);
    int16(14, bitpix);
    for (const [at, n] of dim.entries()) view.setBigInt64(16 + 8 * at, BigInt(n), little);
    series(104, pixdim);
    view.setBigInt64(168, BigInt(offset), little);
    series(176, [slope, inter]);
    view.setInt32(344, qform, little);
    view.setInt32(348, sform, little);
    series(352, [...quatern, ...qoffset, ...srow]);
    view.setInt32(500, units, little);
  }
  const at = Math.max(header + 4, offset);
  for (let n = 0; n < values.length; n++) putVoxel(view, at + n * width, datatype, values[n], little);
  return bytes;
}

function putVoxel(view: DataView, at: number, datatype: number, x: number, little: boolean): void {
  if (datatype === 2) view.setUint8(at, x);
  else if (datatype === 256) view.setInt8(at, x);
  else if (datatype === 512) view.setUint16(at, x, little);
  else if (datatype === 8) view.setInt32(at, x, little);
  else if (datatype === 768) view.setUint32(at, x, little);
  else if (datatype === 16) view.setFloat32(at, x, little);
  else if (datatype === 64) view.setFloat64(at, x, little);
  else if (datatype === 1024) view.setBigInt64(at, BigInt(x), little);
  else if (datatype === 1280) view.setBigUint64(at, BigInt(x), little);
  else view.setInt16(at, x, little);
}

/** Writes a file into a folder, gzipped if the name ends in .gz; answers its path. */
export function put(folder: string, name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return path;
}

/** Test support: damages sound NIfTI files in random ways and judges what the reader makes of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type NiftiFile, readNifti } from '../../src/main/imaging/niftiRead';
import { AppError } from '../../src/shared/errors';
import { voxelCount } from '../../src/shared/geometry';
import { type Random, random } from '../../src/shared/random';
import { niftiBytes } from './files';

export interface Verdict {
  accepted: number;
  refused: number;
  /** Anything the reader must never do, in words. */
  sins: string[];
}

/** Reads `count` damaged files; the same seed damages the same way. */
export async function readDamaged(folder: string, seed: number, count: number): Promise<Verdict> {
  const verdict: Verdict = { accepted: 0, refused: 0, sins: [] };
  for (let n = 0; n < count; n++) {
    const stream = random(seed).fork(n);
    const bytes = damaged(stream);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const path = join(folder, isPacked ? 'damaged.nii.gz' : 'damaged.nii');
    writeFileSync(path, bytes);
    const role = stream.uniform() < 0.5 ? 'image' : 'label';
    try {
      const file = await readNifti(path, role);
      verdict.accepted++;
      const sin = judge(file, isPacked ? unpack(bytes) : bytes, role);
      if (sin) verdict.sins.push(`damage ${n}: ${sin}`);
    } catch (error) {
      verdict.refused++;
      const isSentence = error instanceof AppError && error.message.startsWith('damaged.nii') && error.message.endsWith('.');
      if (!isSentence) verdict.sins.push(`damage ${n}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  return verdict;
}

/** Places that decide most: dimensions, type, offset, scaling, forms. */
const vital = {
  1: [0, 40, 42, 44, 46, 48, 70, 72, 76, 80, 84, 88, 108, 112, 116, 123, 252, 254, 256, 280, 284, 300, 320, 344],
  2: [0, 4, 12, 14, 16, 24, 32, 40, 48, 104, 112, 168, 176, 184, 344, 348, 352, 400, 480, 500],
};

function damaged(stream: Random): Buffer {
  const version = stream.uniform() < 0.7 ? 1 : 2;
  const types = [2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280];
  let bytes = niftiBytes({
    version,
    little: stream.uniform() < 0.8,
    datatype: types[stream.integer(types.length)],
    qform: stream.integer(2),
    sform: stream.integer(2),
    slope: stream.integer(2),
    dim: stream.uniform() < 0.2 ? [4, 3, 4, 5, 2] : [3, 3, 4, 5],
  });
  const rounds = 1 + stream.integer(3);
  const packFirst = stream.uniform() < 0.15;
  if (packFirst) bytes = gzipSync(bytes);
  for (let round = 0; round < rounds; round++) {
    const kind = stream.integer(6);
    const places = vital[version];
    const at = stream.uniform() < 0.7 ? places[stream.integer(places.length)] + stream.integer(2) : stream.integer(bytes.length);
    if (at >= bytes.length) continue;
    if (kind === 0) bytes = bytes.subarray(0, stream.integer(bytes.length));
    else if (kind === 1) bytes = Buffer.concat([bytes, Buffer.alloc(1 + stream.integer(100), 7)]);
    else if (kind === 2) bytes[at] ^= 1 << stream.integer(8);
    else if (kind === 3) bytes[at] = stream.integer(256);
    else if (kind === 4) bytes.fill(stream.uniform() < 0.5 ? 0 : 255, at, Math.min(bytes.length, at + 1 + stream.integer(8)));
    else bytes.writeInt16LE([0, 1, -1, 2, 3, 4, 8, 255, 32_767, -32_768][stream.integer(10)], Math.min(at, bytes.length - 2));
    if (bytes.length < 16) break;
  }
  return !packFirst && stream.uniform() < 0.3 ? gzipSync(bytes) : bytes;
}

function unpack(bytes: Buffer): Buffer {
  return gunzipSync(bytes, { finishFlush: 2 });
}

/** Decodes an accepted file again, as plainly as possible, and names the first thing that differs. */
function judge({ version, grid, frames, slope, inter, type, warnings }: NiftiFile, bytes: Buffer, role: 'image' | 'label'): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = view.getInt32(0, true) === (version === 1 ? 348 : 540);
  const dim = (n: number) => (version === 1 ? view.getInt16(40 + 2 * n, little) : Number(view.getBigInt64(16 + 8 * n, little)));
  const rank = dim(0);
  const sides = [1, 2, 3, 4].map((n) => (n <= rank ? dim(n) : 1));
  if (sides.slice(0, 3).some((n, axis) => n !== grid.size[axis]) || frames.length !== sides[3])
    return `size ${grid.size} × ${frames.length}, the header says ${sides}`;
  if (!grid.affine.every(Number.isFinite)) return 'a place that is not finite';
  const code = view.getInt16(version === 1 ? 70 : 12, little);
  const offset = version === 1 ? view.getFloat32(108, little) : Number(view.getBigInt64(168, little));
  const width = { 2: 1, 256: 1, 4: 2, 512: 2, 8: 4, 768: 4, 16: 4, 64: 8, 1024: 8, 1280: 8 }[code] ?? 0;
  const count = voxelCount(grid);
  const end = offset + count * frames.length * width;
  if (end > bytes.length) return 'more voxels than the file holds';
  if (end < bytes.length && warnings.length === 0) return `${bytes.length - end} bytes ignored without a word`;
  for (const [frame, { voxels }] of frames.entries()) {
    if (voxels.length !== count) return `${voxels.length} voxels for ${grid.size}`;
    if (role === 'label' && !(voxels instanceof Uint8Array)) return `a label as ${voxels.constructor.name}`;
    for (let n = 0; n < count; n++) {
      const expected = plain(view, offset + (frame * count + n) * width, code, little) * slope + inter;
      const close = Math.abs(voxels[n] - expected) <= 1e-6 * Math.abs(expected);
      if (!close && warnings.length === 0) return `voxel ${n} (${type}) is ${voxels[n]}, plainly read ${expected}`;
    }
  }
  return null;
}

function plain(view: DataView, at: number, code: number, little: boolean): number {
  switch (code) {
    case 2:
      return view.getUint8(at);
    case 256:
      return view.getInt8(at);
    case 4:
      return view.getInt16(at, little);
    case 512:
      return view.getUint16(at, little);
    case 8:
      return view.getInt32(at, little);
    case 768:
      return view.getUint32(at, little);
    case 16:
      return view.getFloat32(at, little);
    case 64:
      return view.getFloat64(at, little);
    case 1024:
      return Number(view.getBigInt64(at, little));
    default:
      return Number(view.getBigUint64(at, little));
  }
}

/** Writes volumes as NIfTI-1 files, compressed when the name ends in .gz, and durably. */
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type Grid, spacingMm } from '../../shared/geometry';
import { bytesOf, type Dtype, dtypeOf, type Volume } from '../../shared/volume';
import { writeDurably } from '../files/durable';
import { quaternionOf } from './quaternion';

const codes: Record<Dtype, { datatype: number; bits: number }> = {
  uint8: { datatype: 2, bits: 8 },
  int16: { datatype: 4, bits: 16 },
  float32: { datatype: 16, bits: 32 },
  uint16: { datatype: 512, bits: 16 },
};
/** Header, then four bytes that say "no extensions". */
const dataOffset = 352;

/** Stored value · slope + inter = real value. */
export interface Scaling {
  slope: number;
  inter: number;
}

/**
 * Writes a volume to `path`: `.nii`, or `.nii.gz`. The place of the voxels goes into the sform, and into the qform too unless the axes are sheared.
 * Voxels are written as they are; `scaling` only says what they mean.
 * @throws DISK_FULL, FOLDER_NOT_WRITABLE
 */
export async function writeNifti(path: string, volume: Volume, scaling: Scaling = { slope: 1, inter: 0 }): Promise<void> {
  const header = niftiHeader(volume.grid, dtypeOf(volume.voxels), scaling);
  const bytes = bytesOf(volume.voxels);
  await writeDurably(path, async (file) => {
    if (!path.toLowerCase().endsWith('.gz')) {
      await file.writeFile(header);
      await file.writeFile(bytes);
      return;
    }
    const piece = 1 << 20;
    function* pieces() {
      yield header;
      for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
    }
    // Level 4 is about twice as fast as the default 6 on CT and loses 3 % in size.
    const packed = Readable.from(pieces(), { objectMode: false, highWaterMark: piece }).pipe(createGzip({ level: 4, chunkSize: piece }));
    for await (const chunk of packed) await file.writeFile(chunk as Buffer);
  });
}

/** The 352 bytes before the voxels of a little-endian NIfTI-1 file. Throws a plain error beyond 32 767 voxels a side. */
export function niftiHeader({ size, affine }: Grid, dtype: Dtype, { slope, inter }: Scaling): Uint8Array {
  if (size.some((n) => n > 32_767)) throw new Error(`niftiHeader: ${size.join('×')} does not fit NIfTI-1`);
  const bytes = new Uint8Array(dataOffset);
  const view = new DataView(bytes.buffer);
  const int16 = (at: number, value: number) => view.setInt16(at, value, true);
  const float = (at: number, value: number) => view.setFloat32(at, value, true);
  view.setInt32(0, 348, true);
  [3, ...size, 1, 1, 1, 1].forEach((n, at) => {
    int16(40 + 2 * at, n);
  });
  int16(70, codes[dtype].datatype);
  int16(72, codes[dtype].bits);
  const quaternion = quaternionOf(affine);
  [quaternion?.qfac ?? 1, ...spacingMm({ affine }), 1, 1, 1, 1].forEach((x, at) => {
    float(76 + 4 * at, x);
  });
  float(108, dataOffset);
  float(112, slope);
  float(116, inter);
  bytes[123] = 2; // millimetres
  int16(252, quaternion ? 1 : 0);
  int16(254, 1); // scanner coordinates
  if (quaternion) {
    [quaternion.b, quaternion.c, quaternion.d, affine[3], affine[7], affine[11]].forEach((x, at) => {
      float(256 + 4 * at, x);
    });
  }
  for (let n = 0; n < 12; n++) float(280 + 4 * n, affine[n]);
  bytes.set(new TextEncoder().encode('n+1'), 344);
  return bytes;
}

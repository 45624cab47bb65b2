/** Reads and doubts a NIfTI header: NIfTI-1 and 2, both byte orders. Everything odd becomes one clear sentence. */
import { fail } from '../../shared/errors';
import type { Grid } from '../../shared/geometry';
import { placeVoxels } from './niftiPlacement';

/** Voxel types that hold one real number. Complex, colour and 128-bit numbers have no place here. */
const types: Record<number, { name: RawType; bits: number }> = {
  2: { name: 'uint8', bits: 8 },
  4: { name: 'int16', bits: 16 },
  8: { name: 'int32', bits: 32 },
  16: { name: 'float32', bits: 32 },
  64: { name: 'float64', bits: 64 },
  256: { name: 'int8', bits: 8 },
  512: { name: 'uint16', bits: 16 },
  768: { name: 'uint32', bits: 32 },
  1024: { name: 'int64', bits: 64 },
  1280: { name: 'uint64', bits: 64 },
};
const refusedTypes: Record<number, string> = {
  1: 'single bits',
  32: 'complex numbers',
  128: 'RGB colours',
  1536: '128-bit numbers',
  1792: 'complex numbers',
  2048: 'complex numbers',
  2304: 'RGBA colours',
};
export type RawType = 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'uint64' | 'int64' | 'float32' | 'float64';

/** Bytes of the longest header; give `parseNiftiHeader` this many where the file has them. */
export const headerBytes = 540;
/** Largest side we believe, in voxels. */
const longestSide = 32_767;
/** Frames of a 4-D file we take as channels. */
const mostFrames = 8;

export interface NiftiHeader {
  version: 1 | 2;
  isLittleEndian: boolean;
  grid: Grid;
  frames: number;
  type: RawType;
  bytesPerVoxel: number;
  /** Byte offset of the first voxel. */
  offset: number;
  /** Stored value · slope + inter is the real value; slope 1 and inter 0 when the file sets none. */
  slope: number;
  inter: number;
  form: 'sform' | 'qform' | 'none';
  warnings: string[];
}

/**
 * Parses the first bytes of an uncompressed NIfTI file.
 * @param file  What to call it in messages.
 * @throws FILE_UNREADABLE if it is no single-file NIfTI, FILE_INVALID if a field cannot be believed
 */
export function parseNiftiHeader(bytes: Uint8Array, file: string): NiftiHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 348) fail('FILE_UNREADABLE', file, `it has ${bytes.length} bytes, and a NIfTI header alone has 348`);
  const isLittleEndian = [348, 540].includes(view.getInt32(0, true));
  const length = view.getInt32(0, isLittleEndian);
  if (length !== 348 && length !== 540) fail('FILE_UNREADABLE', file, 'it is not a NIfTI file (its header does not start with 348 or 540)');
  const version = length === 348 ? 1 : 2;
  if (bytes.length < length) fail('FILE_UNREADABLE', file, `it has ${bytes.length} bytes, and a NIfTI-2 header alone has 540`);
  const magic = String.fromCharCode(...bytes.subarray(version === 1 ? 344 : 4, (version === 1 ? 344 : 4) + 3));
  if (magic === `ni${version}`) {
    fail('FILE_UNREADABLE', file, 'it is the header of a .hdr/.img pair; convert the pair to one .nii file and import that');
  }
  if (magic !== `n+${version}`) fail('FILE_UNREADABLE', file, `it is not a NIfTI file (its magic is not "n+${version}")`);
  const fields = version === 1 ? fieldsOf1(view, isLittleEndian) : fieldsOf2(view, isLittleEndian);

  const { size, frames } = shapeOf(fields.dim, file);
  const type = types[fields.datatype];
  if (!type) {
    const what = refusedTypes[fields.datatype];
    fail('FILE_INVALID', file, 'the voxel type', 'one real number per voxel', what ?? `the unknown code ${fields.datatype}`);
  }
  if (fields.bitpix !== type.bits) fail('FILE_INVALID', file, 'bitpix', `${type.bits} for ${type.name} voxels`, String(fields.bitpix));
  const least = length + 4;
  if (!Number.isInteger(fields.voxOffset) || fields.voxOffset < least || fields.voxOffset > 2 ** 31) {
    fail('FILE_INVALID', file, 'vox_offset', `a whole number from ${least}`, String(fields.voxOffset));
  }
  // As in every reader: a slope of 0, or one that is not a number, means the file is not scaled.
  const isScaled = Number.isFinite(fields.slope) && fields.slope !== 0;
  if (isScaled && !Number.isFinite(fields.inter)) fail('FILE_INVALID', file, 'scl_inter', 'a finite number', String(fields.inter));
  const { affine, form, warnings } = placeVoxels(fields, size, file);
  return {
    version,
    isLittleEndian,
    grid: { size, affine },
    frames,
    type: type.name,
    bytesPerVoxel: type.bits / 8,
    offset: fields.voxOffset,
    slope: isScaled ? fields.slope : 1,
    inter: isScaled ? fields.inter : 0,
    form,
    warnings,
  };
}

/** What both versions hold, at different places and widths. */
export interface Fields {
  dim: number[];
  datatype: number;
  bitpix: number;
  voxOffset: number;
  slope: number;
  inter: number;
  /** qfac, then spacing along i, j, k. */
  pixdim: number[];
  qformCode: number;
  sformCode: number;
  /** b, c, d and the offset. */
  quatern: number[];
  qoffset: number[];
  /** Three rows of four. */
  srow: number[];
  xyztUnits: number;
}

function fieldsOf1(view: DataView, little: boolean): Fields {
  const int16 = (at: number) => view.getInt16(at, little);
  const floats = (at: number, count: number) => Array.from({ length: count }, (_, n) => view.getFloat32(at + 4 * n, little));
  return {
    dim: Array.from({ length: 8 }, (_, n) => int16(40 + 2 * n)),
    datatype: int16(70),
    bitpix: int16(72),
    pixdim: floats(76, 4),
    voxOffset: floats(108, 1)[0],
    slope: floats(112, 1)[0],
    inter: floats(116, 1)[0],
    xyztUnits: view.getUint8(123),
    qformCode: int16(252),
    sformCode: int16(254),
    quatern: floats(256, 3),
    qoffset: floats(268, 3),
    srow: floats(280, 12),
  };
}

function fieldsOf2(view: DataView, little: boolean): Fields {
  const int64 = (at: number) => Number(view.getBigInt64(at, little));
  const doubles = (at: number, count: number) => Array.from({ length: count }, (_, n) => view.getFloat64(at + 8 * n, little));
  return {
    datatype: view.getInt16(12, little),
    bitpix: view.getInt16(14, little),
    dim: Array.from({ length: 8 }, (_, n) => int64(16 + 8 * n)),
    pixdim: doubles(104, 4),
    voxOffset: int64(168),
    slope: doubles(176, 1)[0],
    inter: doubles(184, 1)[0],
    qformCode: view.getInt32(344, little),
    sformCode: view.getInt32(348, little),
    quatern: doubles(352, 3),
    qoffset: doubles(376, 3),
    srow: doubles(400, 12),
    xyztUnits: view.getInt32(500, little),
  };
}

function shapeOf(dim: readonly number[], file: string): { size: Grid['size']; frames: number } {
  const rank = dim[0];
  if (rank < 2 || rank > 7) fail('FILE_INVALID', file, 'the number of dimensions', '3 (or 2, or 4 with a few frames)', String(rank));
  const sides = dim.slice(1, 1 + rank);
  const [ni, nj, nk = 1, frames = 1, ...more] = sides;
  for (const side of [ni, nj, nk]) {
    if (side < 1 || side > longestSide) {
      fail('FILE_INVALID', file, 'the size', `1 to ${longestSide} voxels along each axis`, sides.join('×'));
    }
  }
  if (more.some((n) => n !== 1)) {
    fail(
      'FILE_INVALID',
      file,
      'the number of dimensions',
      '3 (or 4 with a few frames)',
      `${rank} (${sides.join('×')}); split it into volumes`,
    );
  }
  if (frames < 1 || frames > mostFrames) {
    fail('FILE_INVALID', file, 'the number of frames', `1 to ${mostFrames}`, `${frames}; split the series and import the frames you need`);
  }
  return { size: [ni, nj, nk], frames };
}

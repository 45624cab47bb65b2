/** Turns raw file voxels into the narrowest working type that holds them exactly, and refuses what no network could use. */
import { fail } from '../../shared/errors';
import type { Voxels } from '../../shared/volume';
import type { NiftiHeader, RawType } from './niftiHeader';

export interface Converted {
  voxels: Voxels;
  warnings: string[];
}
type Raw =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;
const arrays: Record<RawType, new (buffer: ArrayBuffer, offset: number, length: number) => Raw> = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
};

/**
 * @param raw     Voxels as stored; its own buffer from offset 0. It may be reused for the answer.
 * @param header  Type, byte order and scaling.
 * @throws FILE_INVALID for numbers that are not finite, images of one value only, and labels that are not whole numbers 0…255
 */
export function toWorkingVoxels(
  raw: Buffer<ArrayBuffer>,
  { type, bytesPerVoxel, isLittleEndian, slope, inter }: Pick<NiftiHeader, 'type' | 'bytesPerVoxel' | 'isLittleEndian' | 'slope' | 'inter'>,
  role: 'image' | 'label',
  file: string,
): Converted {
  if (!isLittleEndian) swap(raw, bytesPerVoxel);
  const stored = new arrays[type](raw.buffer, raw.byteOffset, raw.byteLength / bytesPerVoxel);
  const scaling = slope === 1 && inter === 0 ? null : { slope, inter };
  const { low, high, isWhole, odd } = survey(stored, scaling);
  if (odd > 0) fail('FILE_INVALID', file, 'every voxel', 'a finite number', `NaN or infinite in ${odd} of ${stored.length} voxels`);
  if (role === 'label') {
    if (!isWhole || low < 0 || high > 255) {
      const culprit = isWhole ? (low < 0 ? low : high) : firstFraction(stored, scaling);
      fail('FILE_INVALID', file, 'every label value', 'a whole number from 0 to 255', String(culprit));
    }
    const warnings = high === 0 ? ['The label is empty: no voxel belongs to a structure.'] : [];
    return { voxels: convert(stored, scaling, Uint8Array).voxels, warnings };
  }
  if (low === high) fail('FILE_INVALID', file, 'an image', 'made of more than one value', `${low} everywhere`);
  if (isWhole && low >= 0 && high <= 255) return { voxels: convert(stored, scaling, Uint8Array).voxels, warnings: [] };
  if (isWhole && low >= -32_768 && high <= 32_767) return { voxels: convert(stored, scaling, Int16Array).voxels, warnings: [] };
  if (isWhole && low >= 0 && high <= 65_535) return { voxels: convert(stored, scaling, Uint16Array).voxels, warnings: [] };
  if (!Number.isFinite(Math.fround(low)) || !Number.isFinite(Math.fround(high))) {
    fail('FILE_INVALID', file, 'every voxel', 'below 3.4e38 in size', String(Math.abs(low) > Math.abs(high) ? low : high));
  }
  const { voxels, worst } = convert(stored, scaling, Float32Array);
  // Scaled values are products anyway; there only a loss beyond float32's seven digits (an underflow) is worth a word.
  const isBeyondDoubles = Math.max(-low, high) > Number.MAX_SAFE_INTEGER && type.endsWith('int64');
  const isRounded = isBeyondDoubles || (scaling ? worst > 1e-6 : worst > 0);
  return { voxels, warnings: isRounded ? [`Its ${scaling ? 'scaled' : type} values were rounded to float32 (seven digits).`] : [] };
}

function swap(raw: Buffer, width: number): void {
  if (width === 2) raw.swap16();
  else if (width === 4) raw.swap32();
  else if (width === 8) raw.swap64();
}

type Scaling = { slope: number; inter: number } | null;
const real = (stored: number | bigint, scaling: Scaling): number =>
  scaling ? Number(stored) * scaling.slope + scaling.inter : Number(stored);

/**
 * Real values in the given type, without a copy where they are stored just so.
 * `worst` is the largest relative change that the type made; the values are known to be in its range.
 */
function convert<V extends Voxels>(stored: Raw, scaling: Scaling, type: new (length: number) => V): { voxels: V; worst: number } {
  if (!scaling && stored instanceof type) return { voxels: stored, worst: 0 };
  const voxels = new type(stored.length);
  let worst = 0;
  for (let n = 0; n < voxels.length; n++) {
    const exact = real(stored[n], scaling);
    voxels[n] = exact;
    if (voxels[n] !== exact) worst = Math.max(worst, Math.abs((voxels[n] - exact) / exact));
  }
  return { voxels, worst };
}

/** Range, wholeness and count of not-finite values, in one pass. */
function survey(stored: Raw, scaling: Scaling): { low: number; high: number; isWhole: boolean; odd: number } {
  let [low, high, odd] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  if (!scaling && (stored instanceof Int16Array || stored instanceof Uint16Array || stored instanceof Uint8Array)) {
    // What scanners write, at full speed.
    for (let n = 0; n < stored.length; n++) {
      const x = stored[n];
      if (x < low) low = x;
      if (x > high) high = x;
    }
    return { low, high, isWhole: true, odd };
  }
  let isWhole = true;
  for (let n = 0; n < stored.length; n++) {
    const x = real(stored[n], scaling);
    if (x - x !== 0)
      odd++; // NaN and both infinities
    else {
      if (x < low) low = x;
      if (x > high) high = x;
      if (isWhole && x !== Math.trunc(x)) isWhole = false;
    }
  }
  return { low, high, isWhole, odd };
}

function firstFraction(stored: Raw, scaling: Scaling): number | undefined {
  for (let n = 0; n < stored.length; n++) {
    const x = real(stored[n], scaling);
    if (!Number.isInteger(x)) return x;
  }
}

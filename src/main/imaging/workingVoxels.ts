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
  const real = toNumbers(stored, slope, inter);
  const { low, high, isWhole, odd } = survey(real);
  if (odd > 0) fail('FILE_INVALID', file, 'every voxel', 'a finite number', `NaN or infinite in ${odd} of ${real.length} voxels`);
  if (role === 'label') {
    if (!isWhole || low < 0 || high > 255) {
      const culprit = isWhole ? (low < 0 ? low : high) : real.find((x) => !Number.isInteger(x));
      fail('FILE_INVALID', file, 'every label value', 'a whole number from 0 to 255', String(culprit));
    }
    const voxels = real instanceof Uint8Array ? real : Uint8Array.from(real);
    return { voxels, warnings: high === 0 ? ['The label is empty: no voxel belongs to a structure.'] : [] };
  }
  if (low === high) fail('FILE_INVALID', file, 'an image', 'made of more than one value', `${low} everywhere`);
  if (isWhole && low >= 0 && high <= 255) return { voxels: as(Uint8Array, real), warnings: [] };
  if (isWhole && low >= -32_768 && high <= 32_767) return { voxels: as(Int16Array, real), warnings: [] };
  if (isWhole && low >= 0 && high <= 65_535) return { voxels: as(Uint16Array, real), warnings: [] };
  const voxels = as(Float32Array, real);
  if (!Number.isFinite(Math.fround(low)) || !Number.isFinite(Math.fround(high))) {
    fail('FILE_INVALID', file, 'every voxel', 'below 3.4e38 in size', String(Math.abs(low) > Math.abs(high) ? low : high));
  }
  // Scaled values are products anyway; only a loss beyond float32's seven digits (an underflow) is worth a word.
  const isScaled = slope !== 1 || inter !== 0;
  const isRounded = isScaled
    ? voxels.some((x, n) => Math.abs(x - real[n]) > 1e-6 * Math.abs(real[n]))
    : type !== 'float32' && voxels.some((x, n) => x !== Number(stored[n]));
  return { voxels, warnings: isRounded ? [`Its ${isScaled ? 'scaled' : type} values were rounded to float32 (seven digits).`] : [] };
}

const as = <V extends Voxels>(type: (new (from: ArrayLike<number>) => V) & { prototype: V }, from: ArrayLike<number>): V =>
  from instanceof type ? (from as V) : new type(from);

function swap(raw: Buffer, width: number): void {
  if (width === 2) raw.swap16();
  else if (width === 4) raw.swap32();
  else if (width === 8) raw.swap64();
}

type Numbers = Exclude<Raw, BigInt64Array | BigUint64Array>;

/** Real values. Unscaled arrays are passed on as they are; scaled ones are float64, so that whole results stay whole. */
function toNumbers(stored: Raw, slope: number, inter: number): Numbers {
  const isBig = stored instanceof BigInt64Array || stored instanceof BigUint64Array;
  if (!isBig && slope === 1 && inter === 0) return stored;
  const real = new Float64Array(stored.length);
  for (let n = 0; n < real.length; n++) real[n] = Number(stored[n]) * slope + inter;
  return real;
}

/** Range, wholeness and count of not-finite values, in one pass. */
function survey(values: Numbers): { low: number; high: number; isWhole: boolean; odd: number } {
  let [low, high, odd] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  if (!(values instanceof Float32Array) && !(values instanceof Float64Array)) {
    for (let n = 0; n < values.length; n++) {
      const x = values[n];
      if (x < low) low = x;
      if (x > high) high = x;
    }
    return { low, high, isWhole: true, odd };
  }
  let isWhole = true;
  for (let n = 0; n < values.length; n++) {
    const x = values[n];
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

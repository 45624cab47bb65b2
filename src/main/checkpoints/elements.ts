/** The element types of weights files, and how their bytes become numbers. */

/** What a weights file holds. Every type is kept without loss: half precision arrives as float32, small integers as larger ones. */
export type WeightData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;
export interface Weight {
  readonly dims: readonly number[];
  readonly data: WeightData;
}

/** Bytes per element, by the names PyTorch and NumPy share. */
export const bytesOf = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
} as const;
export type ElementType = keyof typeof bytesOf;
export type ByteOrder = 'little' | 'big';

/** Elements of a shape; 1 for a scalar. Not a safe integer where the shape is absurd. */
export const countOf = (dims: readonly number[]): number => (dims.includes(0) ? 0 : dims.reduce((product, side) => product * side, 1));

/** A side of a shape, a length or an offset. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Numbers from stored bytes, which must hold whole elements. Takes over the buffer where the bytes fill it. Unsigned 64-bit numbers are taken as signed. */
export function toNumbers(bytes: Uint8Array<ArrayBuffer>, type: ElementType, order: ByteOrder = 'little'): WeightData {
  const { buffer } = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
  if (order === 'big') swap(buffer, bytesOf[type]);
  switch (type) {
    case 'float64':
      return new Float64Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
      return fromHalf(new Uint16Array(buffer));
    case 'bfloat16':
      // The upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case 'int64':
    case 'uint64':
      return new BigInt64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return BigInt64Array.from(new Uint32Array(buffer), BigInt);
    case 'int16':
      return Int32Array.from(new Int16Array(buffer));
    case 'uint16':
      return Int32Array.from(new Uint16Array(buffer));
    case 'int8':
      return Int32Array.from(new Int8Array(buffer));
    default:
      return new Uint8Array(buffer);
  }
}

function swap(buffer: ArrayBuffer, width: number): void {
  const bytes = Buffer.from(buffer);
  if (width === 2) bytes.swap16();
  else if (width === 4) bytes.swap32();
  else if (width === 8) bytes.swap64();
}

let halves: Float32Array | undefined;

/** A table of all 65,536 halves is ten times as fast as arithmetic. */
function fromHalf(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, half) => halfToFloat(half));
  const numbers = new Float32Array(bits.length);
  for (let n = 0; n < bits.length; n++) numbers[n] = halves[bits[n]];
  return numbers;
}

/** IEEE 754 binary16 to a number. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Steps between neighbours along each axis, in elements: the last axis fastest ('C'), or the first ('Fortran'). */
export function stridesOf(dims: readonly number[], layout: 'C' | 'Fortran' = 'C'): number[] {
  const strides = new Array<number>(dims.length);
  let step = 1;
  for (let n = 0; n < dims.length; n++) {
    const axis = layout === 'C' ? dims.length - 1 - n : n;
    strides[axis] = step;
    step *= dims[axis];
  }
  return strides;
}

/** Whether the elements already lie in order, the last axis fastest. Steps along axes of length 1 are never taken. */
export function isDense(dims: readonly number[], strides: readonly number[]): boolean {
  const dense = stridesOf(dims);
  return dims.every((side, axis) => side === 1 || strides[axis] === dense[axis]);
}

/** Elements from the first of a view to its last, both included; 0 for an empty view. */
export const spanOf = (dims: readonly number[], strides: readonly number[]): number =>
  dims.includes(0) ? 0 : 1 + dims.reduce((end, side, axis) => end + (side - 1) * strides[axis], 0);

/** Puts the elements of a view in order, the last axis fastest. `bytes` starts at the view's first element and owns its buffer. */
export function gather(
  bytes: Uint8Array<ArrayBuffer>,
  width: number,
  dims: readonly number[],
  strides: readonly number[],
): Uint8Array<ArrayBuffer> {
  const Unit = width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array;
  const units = Math.max(1, width / 4);
  const from = new Unit(bytes.buffer, bytes.byteOffset, bytes.byteLength / Unit.BYTES_PER_ELEMENT);
  const count = countOf(dims);
  const to = new Unit(count * units);
  const index = new Array<number>(dims.length).fill(0);
  for (let n = 0, at = 0; n < count; n++) {
    for (let unit = 0; unit < units; unit++) to[n * units + unit] = from[at * units + unit];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < dims[axis]) break;
      at -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return new Uint8Array(to.buffer);
}

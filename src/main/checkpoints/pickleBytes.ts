/** Steps through a pickle's bytes; every length in it is checked against what is left. */

/** The bytes at hand end inside the pickle. There may be more in the file. */
export class PickleEndsEarly extends Error {}

/** No text line of a sound pickle is longer, except arrays written as text, which are not supported. */
const lineLimit = 1 << 20;

export class PickleBytes {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** Moves on and gives the place before. */
  #step(length: number): number {
    const from = this.at;
    if (from + length > this.#bytes.length) throw new PickleEndsEarly();
    this.at += length;
    return from;
  }
  byte(): number {
    return this.#bytes[this.#step(1)];
  }
  uint16(): number {
    return this.#bytes.readUInt16LE(this.#step(2));
  }
  int32(): number {
    return this.#bytes.readInt32LE(this.#step(4));
  }
  uint32(): number {
    return this.#bytes.readUInt32LE(this.#step(4));
  }
  uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#step(8)));
  }
  /** Written with its most significant byte first, unlike all else. */
  float64(): number {
    return this.#bytes.readDoubleBE(this.#step(8));
  }
  take(length: number): Uint8Array {
    const from = this.#step(length);
    return this.#bytes.subarray(from, this.at);
  }
  text(length: number, encoding: 'utf8' | 'latin1'): string {
    const from = this.#step(length);
    return this.#bytes.toString(encoding, from, this.at);
  }
  /** A whole number in two's complement, least significant byte first. */
  long(length: number): number | bigint {
    const from = this.#step(length);
    if (length === 0) return 0;
    const hex = Buffer.from(this.#bytes.subarray(from, this.at)).reverse().toString('hex');
    const value = BigInt.asIntN(length * 8, BigInt(`0x${hex}`));
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }
  /** Up to the next line feed, which is left out. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0 || end - this.at > lineLimit) throw new PickleEndsEarly();
    const line = this.#bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return line;
  }
}

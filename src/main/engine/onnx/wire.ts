/** Protobuf messages field by field: each of the kind that is expected, none longer than the bytes that are there. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Takes one field of a message; `kind` is how it was written. */
export type Take = (reader: BinaryReader, kind: WireType) => void;

/** Calls the reader of each field; fields nobody asked for are skipped. Throws if the bytes end inside a field or a field is of another kind. */
export function each(bytes: Uint8Array, message: string, fields: Readonly<Record<number, Take>>): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, kind] = reader.tag();
    const take = fields[field];
    if (!take) reader.skip(kind, field);
    else {
      try {
        take(reader, kind);
      } catch (error) {
        if (error instanceof WrongKind) throw new Error(`field ${field} of ${message} is written as another kind of value`);
        throw error;
      }
    }
    // Numbers read past the end come as undefined or zero: the reader itself only checks lengths.
    if (reader.pos > reader.len) throw new Error(`it ends inside ${message}`);
  }
}
class WrongKind extends Error {}
const expectKind = (kind: WireType, expected: WireType) => {
  if (kind !== expected) throw new WrongKind();
};

export const text =
  (put: (value: string) => void): Take =>
  (reader, kind) => {
    expectKind(kind, WireType.LengthDelimited);
    put(reader.string());
  };
/** A message or bytes, without a copy. */
export const part =
  (put: (bytes: Uint8Array) => void): Take =>
  (reader, kind) => {
    expectKind(kind, WireType.LengthDelimited);
    put(reader.bytes());
  };
/** A whole number, of which 2⁵³ and more may be rounded. */
export const whole =
  (put: (value: number) => void): Take =>
  (reader, kind) => {
    expectKind(kind, WireType.Varint);
    put(Number(reader.int64()));
  };
export const real =
  (put: (value: number) => void): Take =>
  (reader, kind) => {
    expectKind(kind, WireType.Bit32);
    put(reader.float());
  };

/** A list, written as one packed run or item by item. */
const list =
  (item: WireType, put: (reader: BinaryReader) => void): Take =>
  (reader, kind) => {
    if (kind === item) put(reader);
    else {
      expectKind(kind, WireType.LengthDelimited);
      const packed = new BinaryReader(reader.bytes());
      while (packed.pos < packed.len) put(packed);
      if (packed.pos > packed.len) throw new Error('it ends inside a list of numbers');
    }
  };
export const wholes = (put: (value: number) => void): Take => list(WireType.Varint, (r) => put(Number(r.int64())));
export const exactWholes = (put: (value: bigint) => void): Take => list(WireType.Varint, (r) => put(BigInt(r.int64())));
export const reals = (put: (value: number) => void): Take => list(WireType.Bit32, (r) => put(r.float()));
export const doubles = (put: (value: number) => void): Take => list(WireType.Bit64, (r) => put(r.double()));

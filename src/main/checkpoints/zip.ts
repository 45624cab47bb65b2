/** Zip archives (PKWARE APPNOTE 6.3.10), read member by member: stored and deflated ones, zip64 included. Every checksum is verified. */
import { pipeline } from 'node:stream/promises';
import { constants, crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { AppError, fail } from '../../shared/errors';
import type { Source } from './source';

export interface ZipMember {
  readonly name: string;
  /** Size in bytes once unpacked. */
  readonly size: number;
  /** The first bytes, as many as are cheap (at least 4 KiB, or all), before any checksum is known. */
  peek(): Promise<Uint8Array<ArrayBuffer>>;
  /** A range of the unpacked bytes. The first call on a member goes through all of it to verify its checksum. @throws FILE_DAMAGED */
  read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** What the central directory says of a member. */
interface Listed {
  name: string;
  /** The name as it stands in the file. */
  label: Buffer;
  method: number;
  crc: number;
  packed: number;
  size: number;
  /** Place of the local header. */
  at: number;
}

const signature = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };
const stored = 0;
const deflated = 8;
const directoryLimit = 64 << 20;
const peekBytes = 4096;

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Reads the table of contents. @throws FILE_DAMAGED, FILE_INVALID */
export async function openZip(source: Source): Promise<Map<string, ZipMember>> {
  const directory = await findDirectory(source);
  const listed = parseDirectory(await source.read(directory.at, directory.bytes), directory.count, source);
  const members = new Map<string, ZipMember>();
  let free = 0;
  for (const entry of listed.sort((a, b) => a.at - b.at)) {
    // Members that share bytes are how a small archive unpacks to a huge one.
    if (entry.at < free) damaged(source, `${entry.name} overlaps another member of the archive`);
    const start = await findData(entry, source);
    free = start + entry.packed;
    if (free > directory.at) damaged(source, `${entry.name} reaches into the archive's table of contents`);
    if (members.has(entry.name)) damaged(source, `${entry.name} occurs twice in the archive`);
    members.set(entry.name, member(entry, start, source));
  }
  return members;
}

const damaged = (source: Source, why: string): never => fail('FILE_DAMAGED', source.name, why);

/** The table of contents is found from the end of the file, which a comment of up to 64 KiB may follow. */
async function findDirectory(source: Source): Promise<{ at: number; bytes: number; count: number }> {
  const from = Math.max(0, source.size - 65_557);
  const view = viewOf(await source.read(from, source.size - from));
  let end = view.byteLength - 22;
  while (end >= 0 && !(view.getUint32(end, true) === signature.end && end + 22 + view.getUint16(end + 20, true) === view.byteLength)) end--;
  if (end < 0) return damaged(source, 'the end of the archive is missing, as when a download stops early');
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 6, true) !== 0) damaged(source, 'it is one part of a split archive');
  let found = { count: view.getUint16(end + 10, true), bytes: view.getUint32(end + 12, true), at: view.getUint32(end + 16, true) };
  const isLong = end >= 20 && view.getUint32(end - 20, true) === signature.locator64;
  if (isLong) found = await findDirectory64(source, Number(view.getBigUint64(end - 12, true)));
  if (found.bytes > directoryLimit || found.at + found.bytes > from + end) damaged(source, 'its table of contents cannot be that large');
  return found;
}

async function findDirectory64(source: Source, at: number): Promise<{ at: number; bytes: number; count: number }> {
  const view = viewOf(await source.read(at, 56));
  if (view.getUint32(0, true) !== signature.end64) damaged(source, 'the long end record of the archive is not where it should be');
  const long = (offset: number) => Number(view.getBigUint64(offset, true));
  return { count: long(32), bytes: long(40), at: long(48) };
}

function parseDirectory(bytes: Uint8Array, count: number, source: Source): Listed[] {
  const view = viewOf(bytes);
  const listed: Listed[] = [];
  let at = 0;
  while (at + 46 <= bytes.byteLength && view.getUint32(at, true) === signature.central) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.byteLength) break;
    const label = Buffer.from(bytes.buffer, bytes.byteOffset + at + 46, nameLength);
    const name = label.toString('utf8');
    if (view.getUint16(at + 8, true) & 1) fail('FILE_INVALID', source.name, name, 'readable without a password', 'encrypted');
    const entry = {
      name,
      label,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    };
    widen(entry, bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength));
    checkSizes(entry, source);
    listed.push(entry);
    at = next;
  }
  if (at !== bytes.byteLength || listed.length !== count) damaged(source, `its table of contents should list ${count} members`);
  return listed;
}

/** Numbers that do not fit into 32 bits stand in an extra field (identifier 1), in this order. */
function widen(entry: Listed, extra: Uint8Array): void {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let place = at + 4;
      for (const key of ['size', 'packed', 'at'] as const) {
        if (entry[key] !== 0xffffffff || place + 8 > Math.min(end, extra.byteLength)) continue;
        entry[key] = Number(view.getBigUint64(place, true));
        place += 8;
      }
    }
    at = end;
  }
}

/** A deflated byte stands for at most 1,032; real weights pack far worse, so beyond 256 MiB the factor may be at most 100. */
function checkSizes({ name, method, packed, size }: Listed, source: Source): void {
  if (method !== stored && method !== deflated) fail('FILE_INVALID', source.name, name, 'stored or deflated', `packed by method ${method}`);
  if (method === stored && packed !== size) damaged(source, `${name} should have ${size} bytes, but has ${packed}`);
  const most = Math.max(Math.min(packed * 1032, 256 << 20), packed * 100);
  if (method === deflated && size > most) damaged(source, `${name} claims to unpack from ${packed} bytes to ${size}`);
}

/** Where the member's bytes start; its own header must agree with the table of contents. */
async function findData({ name, label, method, at }: Listed, source: Source): Promise<number> {
  const header = await source.read(at, 30 + label.byteLength);
  const view = viewOf(header);
  const nameLength = view.getUint16(26, true);
  const agrees =
    view.getUint32(0, true) === signature.local &&
    view.getUint16(8, true) === method &&
    nameLength === label.byteLength &&
    label.equals(header.subarray(30));
  return agrees ? at + 30 + nameLength + view.getUint16(28, true) : damaged(source, `${name} is not where the archive says`);
}

function member({ name, method, crc, packed, size }: Listed, start: number, source: Source): ZipMember {
  let isVerified = false;

  function trust(sum: number): void {
    if (sum !== crc) damaged(source, `the checksum of ${name} is wrong`);
    isVerified = true;
  }
  /** Most tensors fill their member: no second copy. */
  async function readWhole(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await source.read(start, size);
    trust(crc32(bytes));
    return bytes;
  }
  async function verify(from: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const wanted = new Uint8Array(length);
    let seen = 0;
    let sum = 0;
    const take = (piece: Uint8Array) => {
      if (seen + piece.byteLength > size) damaged(source, `${name} unpacks to more than ${size} bytes`);
      sum = crc32(piece, sum);
      const first = Math.max(from, seen);
      const last = Math.min(from + length, seen + piece.byteLength);
      if (first < last) wanted.set(piece.subarray(first - seen, last - seen), first - from);
      seen += piece.byteLength;
    };
    if (method === stored) for await (const piece of source.pieces(start, packed)) take(piece);
    else await inflate(source, start, packed, take);
    if (seen !== size) damaged(source, `${name} should unpack to ${size} bytes, but has ${seen}`);
    trust(sum);
    return wanted;
  }
  return {
    name,
    size,
    async peek() {
      const head = await source.read(start, Math.min(packed, peekBytes));
      if (method === stored) return head;
      try {
        return new Uint8Array(inflateRawSync(head, { finishFlush: constants.Z_SYNC_FLUSH }));
      } catch (error) {
        return damaged(source, `${name} cannot be unpacked (${(error as Error).message})`);
      }
    },
    async read(from, length) {
      if (from + length > size) damaged(source, `${name} should have at least ${from + length} bytes, but has ${size}`);
      if (method === stored && isVerified) return source.read(start + from, length);
      return method === stored && length === size ? readWhole() : verify(from, length);
    },
  };
}

async function inflate(source: Source, start: number, packed: number, take: (piece: Uint8Array) => void): Promise<void> {
  try {
    await pipeline(
      async function* () {
        // Copies: a piece is only valid until the next one is read.
        for await (const piece of source.pieces(start, packed)) yield Buffer.from(piece);
      },
      createInflateRaw(),
      async (pieces) => {
        for await (const piece of pieces) take(piece);
      },
    );
  } catch (error) {
    if (error instanceof AppError) throw error;
    damaged(source, `a member cannot be unpacked (${(error as Error).message})`);
  }
}

/** A file read piece by piece, so that its size does not decide how much memory is needed. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { appError, fail } from '../../shared/errors';
import { asFileError } from '../files/durable';

export interface Source {
  /** What sentences call the file. */
  readonly name: string;
  readonly size: number;
  /** Bytes of their own. @throws FILE_DAMAGED where the file has no such range */
  read(from: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The same range in pieces of at most 4 MiB, each valid until the next is asked for. */
  pieces(from: number, length: number): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

const pieceBytes = 4 << 20;

/** Opens a file for reading by range. @throws FILE_UNREADABLE */
export async function openSource(path: string): Promise<Source> {
  const name = basename(path);
  const reason = (error: unknown) => appError('FILE_UNREADABLE', name, String(asFileError(error, path)));
  const handle = await open(path, 'r').catch((error: unknown) => Promise.reject(reason(error)));
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    fail('FILE_UNREADABLE', name, 'it is not a file');
  }
  const size = stat.size;

  async function fill(target: Uint8Array, from: number): Promise<void> {
    for (let done = 0; done < target.byteLength; ) {
      const length = Math.min(pieceBytes, target.byteLength - done);
      const { bytesRead } = await handle.read(target, done, length, from + done).catch((error: unknown) => Promise.reject(reason(error)));
      if (bytesRead === 0) endsEarly(name, from + target.byteLength, from + done);
      done += bytesRead;
    }
  }
  function check(from: number, length: number): void {
    if (!(from >= 0 && length >= 0 && from + length <= size)) endsEarly(name, from + length, size);
  }
  return {
    name,
    size,
    async read(from, length) {
      check(from, length);
      const bytes = new Uint8Array(length);
      await fill(bytes, from);
      return bytes;
    },
    async *pieces(from, length) {
      check(from, length);
      const buffer = new Uint8Array(Math.min(pieceBytes, length));
      for (let at = 0; at < length; at += pieceBytes) {
        const piece = buffer.subarray(0, Math.min(pieceBytes, length - at));
        await fill(piece, from + at);
        yield piece;
      }
    },
    close: () => handle.close(),
  };
}

const endsEarly = (name: string, needed: number, size: number): never =>
  fail('FILE_DAMAGED', name, `it should have at least ${needed} bytes, but ends after ${size}`);

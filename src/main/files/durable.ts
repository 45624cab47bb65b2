/** Files that survive a power cut: write, fsync, rename; and a store addressed by content. */
import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, type FileHandle, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FileHash } from '../../shared/domain';
import { AppError, appError } from '../../shared/errors';

/** Turns a file system's refusal into a sentence; anything unknown is passed on as it is. */
export function asFileError(error: unknown, folder: string): unknown {
  if (error instanceof AppError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return appError('DISK_FULL', folder);
    case 'EACCES':
    case 'EPERM':
      return appError('FOLDER_NOT_WRITABLE', folder, 'permission denied');
    case 'ENOTDIR':
      return appError('FOLDER_NOT_WRITABLE', folder, 'a file is in its place');
    case 'EROFS':
      return appError('FOLDER_NOT_WRITABLE', folder, 'it is read-only');
    default:
      return error;
  }
}

/**
 * Makes a folder with all above it, if it is not there, so that a power cut does not lose it again.
 * @throws DISK_FULL, FOLDER_NOT_WRITABLE
 */
export async function makeFolder(path: string): Promise<void> {
  const folder = resolve(path);
  try {
    const first = await mkdir(folder, { recursive: true });
    // A new folder is an entry of the one above it: those must reach the disk too.
    for (let made = folder; first !== undefined && made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  } catch (error) {
    throw asFileError(await realReason(error, folder), folder);
  }
}

/** On a read-only disk Node's recursive mkdir says ENOENT; the nearest folder that exists knows better. */
async function realReason(error: unknown, folder: string): Promise<unknown> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  let above = dirname(folder);
  while (!(await exists(above)) && above !== dirname(above)) above = dirname(above);
  return access(above, constants.W_OK).then(
    () => error,
    (reason: unknown) => reason,
  );
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; there the rename is already durable enough.
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Fills a temporary file beside `path`, flushes it to the disk and renames it into place: afterwards `path` holds all of it or what it held before.
 * @throws DISK_FULL, FOLDER_NOT_WRITABLE
 */
export async function writeDurably(path: string, fill: Uint8Array | ((file: FileHandle) => Promise<void>)): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await makeFolder(folder);
    const file = await open(temporary, 'wx');
    try {
      if (typeof fill === 'function') await fill(file);
      else await file.writeFile(fill);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw asFileError(error, folder);
  }
}

/** Where a content-addressed file lives below the store's folder. */
export const addressOf = (store: string, hash: FileHash): string => join(store, hash.slice(0, 2), hash);

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Stores bytes under their SHA-256. Storing the same bytes twice costs one file. */
export async function storeBytes(store: string, bytes: Uint8Array): Promise<{ hash: FileHash; bytes: number }> {
  const hash = createHash('sha256').update(bytes).digest('hex') as FileHash;
  const path = addressOf(store, hash);
  if (!(await exists(path))) await writeDurably(path, bytes);
  return { hash, bytes: bytes.byteLength };
}

/** Copies a file into the store, hashing as it goes; memory use does not depend on its size. */
export const storeFile = (store: string, source: string): Promise<{ hash: FileHash; bytes: number }> =>
  storePieces(store, () => createReadStream(source));

/** Stores what comes piece by piece under the SHA-256 of all of it. Whatever the pieces throw leaves the store as it was. */
export async function storePieces(
  store: string,
  pieces: () => Readable | AsyncGenerator<Uint8Array>,
): Promise<{ hash: FileHash; bytes: number }> {
  const temporary = join(store, `incoming-${randomBytes(6).toString('hex')}.part`);
  try {
    await makeFolder(store);
    const digest = createHash('sha256');
    let bytes = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        digest.update(chunk);
        bytes += chunk.length;
        done(null, chunk);
      },
    });
    await pipeline(pieces(), count, createWriteStream(temporary, { flags: 'wx', flush: true }));
    const hash = digest.digest('hex') as FileHash;
    const path = addressOf(store, hash);
    if (await exists(path)) await rm(temporary);
    else {
      await makeFolder(dirname(path));
      await rename(temporary, path);
      await syncFolder(dirname(path));
    }
    return { hash, bytes };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw asFileError(error, store);
  }
}

/**
 * Brings a file into the store under its hash without copying it where the disk allows that: as a second name of the same content.
 * @param hash SHA-256 of the file as it is now
 */
export async function adoptFile(store: string, source: string, hash: FileHash): Promise<{ hash: FileHash; bytes: number }> {
  const path = addressOf(store, hash);
  if (!(await exists(path))) {
    try {
      await makeFolder(dirname(path));
      await link(source, path);
      await syncFolder(dirname(path));
    } catch {
      // Another disk, a file of somebody else, or a file system without links: a copy says what is wrong if that fails too.
      return storeFile(store, source);
    }
  }
  return { hash, bytes: (await stat(path)).size };
}

/** SHA-256 of a file as hex. */
export async function hashFile(path: string): Promise<FileHash> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path), digest);
  return digest.digest('hex') as FileHash;
}

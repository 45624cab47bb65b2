/** Reads NIfTI files, plain or gzipped, without trusting them: memory is bounded by what a believable header asks for. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { AppError, fail } from '../../shared/errors';
import { type Grid, voxelCount } from '../../shared/geometry';
import { headerBytes, type NiftiHeader, parseNiftiHeader } from './niftiHeader';
import { type Converted, toWorkingVoxels } from './workingVoxels';

/** Most bytes of voxels one file may hold once unpacked. Reading needs those bytes, at most four more per voxel, and about 16 MB. */
export const mostBytes = 4 * 1024 ** 3;
/** Deflate cannot shrink more than this; a header that asks for more is lying. */
const bestDeflate = 1032;
/** What may follow the voxels before we stop reading to check the archive's own checksum. */
const patience = 1 << 16;

export interface NiftiFile extends Pick<NiftiHeader, 'version' | 'form' | 'type' | 'slope' | 'inter'> {
  /** As stored, before any reorientation. */
  grid: Grid;
  /** One per frame, real values (scaled by slope and inter). */
  frames: Converted[];
  warnings: string[];
}

/**
 * @param role  'image': finite numbers, not all the same. 'label': whole numbers 0…255, answered as uint8.
 * @throws FILE_UNREADABLE, FILE_INVALID: one sentence that names file, field, what was expected and what came
 */
export async function readNifti(path: string, role: 'image' | 'label'): Promise<NiftiFile> {
  const file = basename(path);
  const { isPacked, bytes } = await look(path, file);
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  const stream = isPacked ? source.pipe(createGunzip({ chunkSize: 1 << 20 })) : source;
  // Without this a missing file would leave the unpacking side waiting.
  if (isPacked) source.on('error', (error) => stream.destroy(error));
  try {
    return await readFrom(stream, file, role, isPacked ? bytes * bestDeflate + 1024 : bytes, isPacked);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') fail('FILE_UNREADABLE', file, 'the compressed data ends early; copy the file again');
    if (code?.startsWith('Z_')) fail('FILE_UNREADABLE', file, `its compressed data is damaged (${message}); copy the file again`);
    throw notReadable(error, file);
  } finally {
    stream.destroy();
    source.destroy();
  }
}

/** Turns a file system's refusal into a sentence; anything else is a bug and passes. */
function notReadable(error: unknown, file: string): unknown {
  const why = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    EIO: 'the disk reports an error',
    ENAMETOOLONG: 'its path is too long for this system',
  }[(error as NodeJS.ErrnoException).code ?? ''];
  return why ? new AppError('FILE_UNREADABLE', `${file} cannot be read: ${why}.`, { cause: error }) : error;
}

async function look(path: string, file: string): Promise<{ isPacked: boolean; bytes: number }> {
  const handle = await open(path, 'r').catch((error) => {
    throw notReadable(error, file);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) fail('FILE_UNREADABLE', file, 'it is not a file');
    if (found.size === 0) fail('FILE_UNREADABLE', file, 'it is empty');
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return { isPacked: buffer[0] === 0x1f && buffer[1] === 0x8b, bytes: found.size };
  } finally {
    await handle.close();
  }
}

async function readFrom(
  stream: AsyncIterable<Buffer>,
  file: string,
  role: 'image' | 'label',
  most: number,
  isPacked: boolean,
): Promise<NiftiFile> {
  const chunks = stream[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  while (start.length < headerBytes) {
    const { value, done } = await chunks.next();
    if (done) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  const header = parseNiftiHeader(start, file);
  const perFrame = voxelCount(header.grid) * header.bytesPerVoxel;
  const wanted = perFrame * header.frames;
  const asked = `${header.grid.size.join('×')}${header.frames > 1 ? `×${header.frames}` : ''} ${header.type} voxels`;
  if (wanted > mostBytes)
    fail(
      'FILE_INVALID',
      file,
      'its size in memory',
      `at most ${mostBytes / 1024 ** 3} GB`,
      `${(wanted / 1024 ** 3).toFixed(1)} GB (${asked})`,
    );
  if (header.offset + wanted > most) {
    const have = isPacked ? `so small that it cannot unpack to that` : `only ${most} bytes long`;
    fail(
      'FILE_UNREADABLE',
      file,
      `it is cut off: its header announces ${asked} (${header.offset + wanted} bytes), but the file is ${have}`,
    );
  }

  // Skip to the first voxel, then fill one frame after the other.
  const skipped = await skip(chunks, start, header.offset);
  let rest = skipped ?? fail('FILE_UNREADABLE', file, `it ends before its first voxel (byte ${header.offset})`);
  const frames: Converted[] = [];
  for (let frame = 0; frame < header.frames; frame++) {
    const raw = Buffer.from(new ArrayBuffer(perFrame));
    let filled = 0;
    for (;;) {
      const copied = rest.copy(raw, filled);
      filled += copied;
      rest = rest.subarray(copied);
      if (filled === perFrame) break;
      const { value, done } = await chunks.next();
      if (done) {
        const got = frame * perFrame + filled;
        fail('FILE_UNREADABLE', file, `it is cut off: ${asked} need ${wanted} bytes, and it holds ${got}`);
      }
      rest = value;
    }
    const name = header.frames > 1 ? `${file}, frame ${frame + 1}` : file;
    frames.push(toWorkingVoxels(raw, header, role, name));
  }
  const warnings = [...header.warnings, ...new Set(frames.flatMap((frame) => frame.warnings))];
  const extra = await countRest(chunks, rest.length);
  if (extra > 0) warnings.push(`${extra > patience ? `More than ${patience}` : extra} bytes after its voxels were ignored.`);
  const { version, form, type, slope, inter, grid } = header;
  return { version, form, type, slope, inter, grid, frames, warnings };
}

/** Drops `count` bytes; answers what is left of the current chunk, or null at the end of the data. */
async function skip(chunks: AsyncIterator<Buffer>, first: Buffer, count: number): Promise<Buffer | null> {
  let current = first;
  let left = count;
  while (current.length < left) {
    left -= current.length;
    const { value, done } = await chunks.next();
    if (done) return null;
    current = value;
  }
  return current.subarray(left);
}

/** Reads on to the end, so that a damaged archive shows itself, but never far. */
async function countRest(chunks: AsyncIterator<Buffer>, already: number): Promise<number> {
  let extra = already;
  while (extra <= patience) {
    const { value, done } = await chunks.next();
    if (done) break;
    extra += value.length;
  }
  return extra;
}

/** NumPy files: one array (`.npy`), or a zip archive of them (`.npz`), deflated or not. Arrays of objects are refused, as they hold pickles. */
import { basename } from 'node:path';
import { fail } from '../../shared/errors';
import type { Contents, StoredContent } from './contents';
import { stridesOf } from './elements';
import { parseNpyHeader } from './npyHeader';
import type { Source } from './source';
import { type StoredBytes, stridedView } from './tensorViews';
import type { ZipMember } from './zip';

const headBytes = 4096;

/** @throws FILE_INVALID, FILE_DAMAGED */
export async function openNpy(source: Source): Promise<Contents> {
  const name = basename(source.name).replace(/\.npy$/i, '');
  const head = await source.read(0, Math.min(headBytes, source.size));
  return { format: 'npy', metadata: {}, tensors: new Map([[name, array(source, head, name, source.name)]]) };
}

/** @throws FILE_INVALID, FILE_DAMAGED */
export async function openNpz(source: Source, members: ReadonlyMap<string, ZipMember>): Promise<Contents> {
  const tensors = new Map<string, StoredContent>();
  for (const member of members.values()) {
    const name = member.name.replace(/\.npy$/, '');
    if (name === member.name) fail('FILE_INVALID', source.name, name, 'an array (.npy)', 'something else');
    tensors.set(name, array(member, await member.peek(), name, source.name));
  }
  return { format: 'npz', metadata: {}, tensors };
}

function array(bytes: StoredBytes, head: Uint8Array, name: string, file: string): StoredContent {
  const { type, order, layout, dims, start } = parseNpyHeader(head, bytes.size, name, file);
  const body = { size: bytes.size - start, read: (from: number, length: number) => bytes.read(start + from, length) };
  return stridedView(body, { type, first: 0, dims, strides: stridesOf(dims, layout) }, order, name, file);
}

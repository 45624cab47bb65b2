/**
 * What `torch.save` writes: since version 1.6 a zip archive (`data.pkl` beside one member per storage), before that a row of pickles with
 * the storages behind them (torch/serialization.py); and plain pickles with NumPy arrays.
 */
import { fail } from '../../shared/errors';
import type { Contents } from './contents';
import { type ByteOrder, bytesOf, isCount } from './elements';
import { type Allowed, PickleNonsense, type Unpickled, unpickle } from './pickle';
import { PickleEndsEarly } from './pickleBytes';
import { Storage, StorageType, weightObjects } from './pickledObjects';
import { leavesOf } from './pickledTree';
import type { Source } from './source';
import { type StoredBytes, viewOf } from './tensorViews';
import type { ZipMember } from './zip';

const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyVersion = 1001;
const pickleLimit = 256 << 20;

/** The member that lists the tensors, if this is an archive of `torch.save`. */
export const pickleOf = (members: ReadonlyMap<string, ZipMember>): ZipMember | undefined =>
  [...members.values()].find(({ name }) => /^([^/]*\/)?data\.pkl$/.test(name));

/** @throws CHECKPOINT_UNSAFE, FILE_DAMAGED, FILE_INVALID */
export async function openTorchZip(source: Source, members: ReadonlyMap<string, ZipMember>, pickle: ZipMember): Promise<Contents> {
  const root = pickle.name.slice(0, -'data.pkl'.length);
  const { value } = await readPickle(pickle, 0, source.name);
  const order = await orderOf(members.get(`${root}byteorder`), source.name);
  return contentsOf('PyTorch', value, source.name, order, (key) => members.get(`${root}data/${key}`));
}

/** The old format, or a plain pickle. @throws CHECKPOINT_UNSAFE, FILE_DAMAGED, FILE_INVALID */
export async function openPickle(source: Source): Promise<Contents> {
  const file = source.name;
  const first = await readPickle(source, 0, file);
  if (first.value !== legacyMagic) return contentsOf('pickle', first.value, file, 'little', () => undefined);
  const version = await readPickle(source, first.end, file);
  if (version.value !== legacyVersion) fail('FILE_INVALID', file, 'its format', `${legacyVersion}`, printed(version.value));
  // Behind the version: sizes of types on the machine that wrote it. The numbers are little-endian whatever it was.
  const system = await readPickle(source, version.end, file);
  const storages = new Map<string, Storage>();
  const main = await readPickle(source, system.end, file, storages);
  const keys = await readPickle(source, main.end, file);
  const places = await findStorages(source, keys, storages);
  return contentsOf('PyTorch before 1.6', main.value, file, 'little', (key) => places.get(key));
}

const printed = (value: unknown) => (typeof value === 'object' ? 'something else' : String(value).slice(0, 40));

/** Behind the list of keys: for each the number of its elements as 64 bits, then the elements. */
async function findStorages(source: Source, keys: Unpickled, storages: ReadonlyMap<string, Storage>): Promise<Map<string, StoredBytes>> {
  const places = new Map<string, StoredBytes>();
  let at = keys.end;
  for (const key of Array.isArray(keys.value) ? keys.value : []) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) return fail('FILE_DAMAGED', source.name, `its storage ${printed(key)} belongs to no tensor`);
    const count = Number(new DataView((await source.read(at, 8)).buffer).getBigInt64(0, true));
    const width = storage.type === 'untyped' ? 1 : bytesOf[storage.type];
    const [start, size] = [at + 8, count * width];
    if (count < 0 || start + size > source.size) {
      fail('FILE_DAMAGED', source.name, `storage ${printed(key)} should have ${count} elements, but the file ends before`);
    }
    places.set(key, { size, read: (from, length) => source.read(start + from, length) });
    at = start + size;
  }
  return places;
}

async function orderOf(member: ZipMember | undefined, file: string): Promise<ByteOrder> {
  const order = member ? Buffer.from(await member.read(0, Math.min(16, member.size))).toString('latin1') : 'little';
  return order === 'little' || order === 'big' ? order : fail('FILE_INVALID', file, 'its byte order', 'little or big', order);
}

/** Runs one pickle; how long it is shows only then. Reads as little of the file as is needed. */
async function readPickle(
  from: { size: number; read(from: number, length: number): Promise<Uint8Array> },
  at: number,
  file: string,
  storages = new Map<string, Storage>(),
): Promise<Unpickled> {
  const allowed: Allowed = { callables: weightObjects, persistent: (id) => storageOf(id, storages) };
  const most = Math.min(pickleLimit, from.size - at);
  for (let length = 1 << 20; ; length *= 4) {
    const bytes = await from.read(at, Math.min(length, most));
    try {
      const { value, end } = unpickle(bytes, 0, allowed, file);
      return { value, end: at + end };
    } catch (error) {
      if (!(error instanceof PickleEndsEarly)) throw error;
      if (length >= most) fail('FILE_DAMAGED', file, `its pickle does not end within ${most} bytes`);
    }
  }
}

/** `('storage', type, key, device, count)`; in old files a sixth item says which part of the storage is meant: key, first, count. */
function storageOf(id: unknown, storages: Map<string, Storage>): Storage {
  const [kind, type, key, , count, part] = Array.isArray(id) ? id : [];
  if (kind !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string' || !isCount(count)) {
    throw new PickleNonsense('a reference leads nowhere');
  }
  const [partFrom, partCount] = Array.isArray(part) ? part.slice(1) : [null, count];
  if (partFrom !== null && !(isCount(partFrom) && isCount(partCount))) throw new PickleNonsense('a part of a storage lies nowhere');
  const storage = new Storage(key, type.type, partCount, partFrom);
  storages.set(key, storage);
  return storage;
}

function contentsOf(
  format: Contents['format'],
  value: unknown,
  file: string,
  order: ByteOrder,
  find: (key: string) => StoredBytes | undefined,
): Contents {
  const { tensors, metadata } = leavesOf(value, file);
  return { format, metadata, tensors: new Map([...tensors].map(([name, tensor]) => [name, viewOf(tensor, name, file, order, find)])) };
}

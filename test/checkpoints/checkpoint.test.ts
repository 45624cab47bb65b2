import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/main/checkpoints/checkpoint';
import type { Weight } from '../../src/main/checkpoints/elements';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import { temporaryFolder } from '../folders';
import { readAll } from './readAll';
import {
  bytesOfArray,
  call,
  dictionary,
  list,
  named,
  npyBytes,
  op,
  pickled,
  type TensorRecipe,
  tensor,
  torchMembers,
  whole,
  zipBytes,
} from './writers';

const six = Float32Array.of(1, 2, 3, 4, 5, 6);
const sixBytes = bytesOfArray(six);
const asTorch = (recipes: Record<string, TensorRecipe>, storages: Record<string, Uint8Array>, order?: string) =>
  zipBytes(torchMembers(pickled(dictionary(Object.entries(recipes).map(([name, recipe]) => [name, tensor(recipe)]))), storages, order));

describe('an archive of PyTorch', () => {
  test('gives views of one storage in order, whatever their strides', async () => {
    const { tensors } = await readAll(
      asTorch(
        {
          rows: { key: '0', count: 6, dims: [2, 3] },
          columns: { key: '0', count: 6, dims: [3, 2], strides: [1, 3] },
          corner: { key: '0', count: 6, first: 1, dims: [2, 2], strides: [3, 1] },
          repeated: { key: '0', count: 6, first: 5, dims: [3], strides: [0] },
          single: { key: '0', count: 6, first: 2, dims: [] },
          nothing: { key: '0', count: 6, first: 6, dims: [0, 4] },
        },
        { 0: sixBytes },
      ),
    );
    expect(tensors).toEqual({
      rows: { dims: [2, 3], data: six },
      columns: { dims: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) },
      corner: { dims: [2, 2], data: Float32Array.of(2, 3, 5, 6) },
      repeated: { dims: [3], data: Float32Array.of(6, 6, 6) },
      single: { dims: [], data: Float32Array.of(3) },
      nothing: { dims: [0, 4], data: new Float32Array(0) },
    });
  });

  test('may be deflated, and have 64-bit sizes', async () => {
    const members = torchMembers(pickled(dictionary([['w', tensor({ key: '0', count: 6, dims: [6] })]])), { 0: sixBytes });
    for (const isLong of [false, true]) {
      const packed = members.map((member) => ({ ...member, isDeflated: true }));
      expect((await readAll(zipBytes(packed, { isLong }))).tensors.w.data).toEqual(six);
      expect((await readAll(zipBytes(members, { isLong }))).tensors.w.data).toEqual(six);
    }
  });

  test('may come from a big-endian machine', async () => {
    const swapped = Buffer.from(sixBytes).swap32();
    const { tensors } = await readAll(asTorch({ w: { key: '0', count: 6, dims: [6] } }, { 0: swapped }, 'big'));
    expect(tensors.w.data).toEqual(six);
  });

  test('keeps every element type exactly, small integers as larger ones', async () => {
    const kinds: [storage: string, stored: NodeJS.TypedArray, read: Weight['data']][] = [
      ['DoubleStorage', Float64Array.of(0.1, -0), Float64Array.of(0.1, -0)],
      ['HalfStorage', Uint16Array.of(0x3c00, 0xfbff, 1), Float32Array.of(1, -65504, 2 ** -24)],
      ['BFloat16Storage', Uint16Array.of(0x3f80, 0xff7f), Float32Array.of(1, -(2 - 2 ** -7) * 2 ** 127)],
      ['LongStorage', BigInt64Array.of(-(2n ** 63n), 7n), BigInt64Array.of(-(2n ** 63n), 7n)],
      ['IntStorage', Int32Array.of(-7, 2 ** 31 - 1), Int32Array.of(-7, 2 ** 31 - 1)],
      ['ShortStorage', Int16Array.of(-32768, 5), Int32Array.of(-32768, 5)],
      ['CharStorage', Int8Array.of(-128, 5), Int32Array.of(-128, 5)],
      ['ByteStorage', Uint8Array.of(255, 0), Uint8Array.of(255, 0)],
      ['BoolStorage', Uint8Array.of(1, 0), Uint8Array.of(1, 0)],
    ];
    const recipes = kinds.map(([storage, { length }]) => [storage, { storage, key: storage, count: length, dims: [length] }]);
    const stored = kinds.map(([storage, array]) => [storage, bytesOfArray(array)]);
    const { tensors } = await readAll(asTorch(Object.fromEntries(recipes), Object.fromEntries(stored)));
    expect(Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]))).toEqual(
      Object.fromEntries(kinds.map(([storage, , read]) => [storage, read])),
    );
  });

  test('of today names the type beside an untyped storage', async () => {
    const recipe = { storage: 'UntypedStorage', key: '0', count: 4, dims: [2], dtype: 'uint16' };
    const { tensors, checkpoint } = await readAll(asTorch({ w: recipe }, { 0: bytesOfArray(Uint16Array.of(1, 65535)) }));
    expect(tensors.w.data).toEqual(Int32Array.of(1, 65535));
    expect(checkpoint.entries).toEqual([{ name: 'w', dims: [2], dtype: 'uint16', bytes: 4 }]);
  });

  test('gives tensors under the path of their keys, and texts and numbers as metadata', async () => {
    const weight = tensor({ key: '0', count: 6, dims: [6] });
    const value = dictionary([
      ['epoch', whole(12)],
      [
        'model',
        dictionary([['module', dictionary([['w', call(named('torch._utils', '_rebuild_parameter'), weight, op('\x88'), op('N'))]])]]),
      ],
      ['optimizer', dictionary([['state', list(dictionary([['exp_avg', weight]]))]])],
      ['args', Buffer.concat([named('argparse', 'Namespace'), op(')\x81}b')])],
    ]);
    const { checkpoint } = await readAll(zipBytes(torchMembers(pickled(value), { 0: sixBytes })));
    expect(checkpoint.entries.map(({ name }) => name)).toEqual(['model.module.w', 'optimizer.state.0.exp_avg']);
    expect(checkpoint.metadata).toEqual({ epoch: '12' });
  });

  test.each([
    ['a storage that is not there', { key: '1', count: 6, dims: [6] }, /numbers of w \(storage 1\) are missing/],
    ['a storage of another size', { key: '0', count: 7, dims: [6] }, /storage of w should have 28 bytes, but has 24/],
    ['a view that reaches too far', { key: '0', count: 6, first: 1, dims: [6] }, /w reaches to byte 28 of a storage with 24/],
    ['a view blown up by repetition', { key: '0', count: 6, dims: [2 ** 40], strides: [0] }, /size of w should be at most/],
    ['a shape beyond all numbers', { key: '0', count: 6, dims: [2 ** 40, 2 ** 40], strides: [0, 0] }, /lies nowhere/],
    ['negative strides', { key: '0', count: 6, first: 5, dims: [6], strides: [-1] }, /strides of a tensor/],
  ])('with %s is refused', async (_, recipe, why) => {
    await expect(readAll(asTorch({ w: recipe }, { 0: sixBytes }))).rejects.toMatchObject({ message: expect.stringMatching(why) });
  });
});

describe('an archive', () => {
  const pickle = pickled(dictionary([['w', tensor({ key: '0', count: 6, dims: [6] })]]));
  const [data, storage] = torchMembers(pickle, { 0: sixBytes });
  test.each([
    ['a wrong checksum', [data, { ...storage, claims: { crc: 1 } }], /checksum of archive\/data\/0 is wrong/],
    ['members that share bytes', [data, { ...storage, claims: { at: 0 } }], /overlaps/],
    ['a member twice', [data, storage, storage], /occurs twice/],
    [
      'a member that claims more than it can unpack to',
      [data, { ...storage, isDeflated: true, claims: { size: 2 ** 31 } }],
      /claims to unpack/,
    ],
    ['a member that unpacks to more than it claims', [data, { ...storage, isDeflated: true, claims: { size: 20 } }], /has 20|more than 20/],
    ['a member that unpacks to less than it claims', [{ ...data, isDeflated: true, claims: { size: 2000 } }, storage], /unpack to 2000/],
    ['no weights', [{ name: 'photo.jpg', bytes: sixBytes }], /photo.jpg should be an array/],
  ])('with %s is refused', async (_, members, why) => {
    await expect(readAll(zipBytes(members))).rejects.toMatchObject({ message: expect.stringMatching(why) });
  });
});

describe('NumPy files', () => {
  const column = bytesOfArray(Float32Array.of(1, 4, 2, 5, 3, 6));
  test('an array carries the name of its file, and may have its first axis fastest', async () => {
    const { tensors } = await readAll(npyBytes('<f4', [2, 3], column, { isFortran: true }), 'kernel.npy');
    expect(tensors).toEqual({ kernel: { dims: [2, 3], data: six } });
  });

  test('an archive may be deflated or stored', async () => {
    const members = [
      { name: 'a.npy', bytes: npyBytes('<f4', [6], sixBytes) },
      { name: 'b.npy', bytes: npyBytes('>u2', [], Buffer.from([1, 2]), { version: 2 }), isDeflated: true },
      { name: 'long.npy', bytes: npyBytes('|b1', [100_000], Buffer.alloc(100_000, 1)), isDeflated: true },
    ];
    const { tensors } = await readAll(zipBytes(members), 'all.npz');
    expect(tensors.a.data).toEqual(six);
    expect(tensors.b).toEqual({ dims: [], data: Int32Array.of(258) });
    expect(tensors.long.data).toEqual(new Uint8Array(100_000).fill(1));
  });

  test.each([
    ['of objects', npyBytes('|O', [1], Buffer.alloc(8)), /plain numbers, but is \|O/],
    ['of complex numbers', npyBytes('<c8', [1], Buffer.alloc(8)), /<c8/],
    ['with too few numbers', npyBytes('<f4', [7], sixBytes), /should have 156 bytes, but has 152/],
    ['with too many numbers', npyBytes('<f4', [5], sixBytes), /should have 148 bytes, but has 152/],
    ['with a shape beyond all numbers', npyBytes('<f4', [2 ** 52, 2 ** 52], sixBytes), /bytes, but has 152/],
    ['of unsigned numbers that need all 64 bits', npyBytes('<u8', [1], Buffer.alloc(8, 255)), /below 2⁶³/],
  ])('an array %s is refused', async (_, bytes, why) => {
    await expect(readAll(bytes, 'array.npy')).rejects.toMatchObject({ message: expect.stringMatching(why) });
  });
});

test('safetensors are read tensor by tensor', async () => {
  const weights = new Map([['w', { dims: [2, 3], data: six }]]);
  const { tensors, checkpoint } = await readAll(encodeSafetensors(weights, { format: 'pt' }), 'w.safetensors');
  expect(tensors).toEqual(Object.fromEntries(weights));
  expect(checkpoint).toMatchObject({ format: 'safetensors', metadata: { format: 'pt' } });
});

test('a file of anything else is refused, as is one that is not there', async () => {
  await expect(readAll(Buffer.from('%PDF-1.7 and so on'))).rejects.toThrow('but is something else.');
  await expect(readAll(Buffer.alloc(0))).rejects.toThrow('but is something else.');
  await expect(openCheckpoint(join(temporaryFolder(), 'nowhere.pth'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  await expect(openCheckpoint(temporaryFolder())).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test('a tensor that is not there is refused by name', async () => {
  const path = join(temporaryFolder(), 'one.npy');
  writeFileSync(path, npyBytes('<f4', [6], sixBytes));
  const checkpoint = await openCheckpoint(path);
  await expect(checkpoint.read('two')).rejects.toThrow('There is no tensor two in one.npy.');
  await checkpoint.close();
});

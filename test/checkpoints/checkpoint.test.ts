/** Weights files of every format: what they hold is read exactly, what lies or asks for too much is refused with a sentence. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/main/checkpoints/checkpoint';
import type { Weight } from '../../src/main/checkpoints/elements';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import { temporaryFolder } from '../imaging/files';
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
  text,
  torchMembers,
  tuple,
  whole,
  zipBytes,
} from './writers';

const folder = temporaryFolder();

/** Every tensor of a file, by name. */
async function readAll(bytes: Uint8Array, name = 'weights.pth') {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const checkpoint = await openCheckpoint(path);
  try {
    const tensors: Record<string, Weight> = {};
    for (const entry of checkpoint.entries) tensors[entry.name] = await checkpoint.read(entry.name);
    return { tensors, checkpoint };
  } finally {
    await checkpoint.close();
  }
}

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

describe('a pickle', () => {
  test('of any of Python’s protocols gives its arrays, if Python is there', async () => {
    const script = `
import sys, pickle, collections
import numpy
weights = collections.OrderedDict(a=numpy.arange(6, dtype='<f4').reshape(2, 3), b=numpy.asfortranarray(numpy.arange(6, dtype='>i2').reshape(2, 3)))
value = {'weights': weights, 'name': 'größe \\\\ "\\n', 'big': 2**70, 'less': -5, 'half': 0.5, 'best': numpy.float64(0.5), 'set': {1}, 'yes': True}
for protocol in range(6): print(pickle.dumps(value, protocol).hex())`;
    let lines: string[];
    try {
      lines = execFileSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
        .trim()
        .split('\n');
    } catch {
      console.log('Skipped: this machine has no Python with NumPy.');
      return;
    }
    for (const line of lines) {
      const { tensors, checkpoint } = await readAll(Buffer.from(line, 'hex'));
      expect(tensors).toEqual({
        'weights.a': { dims: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) },
        'weights.b': { dims: [2, 3], data: Int32Array.of(0, 1, 2, 3, 4, 5) },
      });
      expect(checkpoint.metadata).toMatchObject({ name: 'größe \\ "\n', big: String(2n ** 70n), less: '-5', half: '0.5', yes: 'true' });
    }
  });

  test.each([
    ['calls a function of the system', call(named('os', 'system'), text('true')), 'os.system'],
    ['evaluates', call(named('builtins', 'eval'), text('1')), 'builtins.eval'],
    ['evaluates as Python 2 would', call(named('__builtin__', 'eval'), text('1')), '__builtin__.eval'],
    ['makes a network', call(named('torch.nn.modules.conv', 'Conv3d')), 'torch.nn.modules.conv.Conv3d'],
    ['names what it asks for on its stack', Buffer.concat([text('os'), text('system'), op('\x93')]), 'os.system'],
    ['asks by the oldest way', op('(ios\nsystem\n'), 'os.system'],
    ['asks for a property of everything', named('torch', '__class__'), 'torch.__class__'],
    ['hides its wish behind control characters', named('o\x1bs', 'sys\ttem'), 'o?s.sys?tem'],
  ])('that %s is refused by name', async (_, piece, name) => {
    await expect(readAll(pickled(piece))).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSAFE',
      message: expect.stringContaining(`asks for ${name},`),
    });
  });

  const remembered = (count: number, piece: (n: number) => Uint8Array) => Buffer.concat(Array.from({ length: count }, (_, n) => piece(n)));
  test.each([
    ['contains itself', pickled(op(']q\x00h\x00a')), /nested/],
    // Each list holds the one before twice: 2^30 values in 200 bytes.
    [
      'contains lists of lists a thousandfold',
      pickled(
        op('K\x01q\x00'),
        remembered(30, () => op('0](h\x00h\x00eq\x00')),
      ),
      /values|nested/,
    ],
    [
      'nests without end',
      pickled(
        remembered(100_000, () => op('(')),
        remembered(100_000, () => op('t')),
      ),
      /nested/,
    ],
    [
      'repeats a long list',
      pickled(
        op('NN\x86q\x01'),
        list(remembered(100_000, () => op('h\x01'))),
        op('q\x00'),
        remembered(50, () => call(named('collections', 'OrderedDict'), op('h\x00'))),
      ),
      /steps/,
    ],
    [
      'makes millions of dictionaries',
      pickled(
        op('('),
        remembered(400_000, () => op('}')),
        op('t'),
      ),
      /steps/,
    ],
    ['claims a text longer than the file', pickled(op('X\xff\xff\xff\xff')), /does not end/],
    ['claims bytes longer than all memory', pickled(op('\x8e\xff\xff\xff\xff\xff\xff\xff\x7f')), /does not end/],
    ['remembers at the end of the world', pickled(op('Nr\xff\xff\xff\xffj\xfe\xff\xff\xff')), /never kept/],
    ['calls itself through a tensor', pickled(named('torch._tensor', '_rebuild_from_type_v2'), op('q\x00]q\x01(h\x00Nh\x01eR')), /rebuilt/],
    ['takes more than it was given', pickled(op('a')), /stack/],
    ['ends in the middle', op('\x80\x02}q'), /does not end/],
    ['uses an instruction of no protocol', pickled(op('\xff')), /0xff/],
    ['has a name that fills pages', pickled(dictionary([['n'.repeat(2000), op('N')]])), /name in it/],
  ])('that %s is refused quickly', { timeout: 10_000 }, async (_, bytes, why) => {
    await expect(readAll(bytes)).rejects.toMatchObject({ message: expect.stringMatching(why) });
  });

  test('that holds no weights is refused', async () => {
    await expect(readAll(pickled(list(whole(1))))).rejects.toThrow('weights.pth: its content should be tensors, but is none.');
  });

  test('with a tuple as key is read, without the value', async () => {
    const array = call(
      named('numpy.core.numeric', '_frombuffer'),
      op('C\x04\0\0\x80\x3f'),
      call(named('numpy', 'dtype'), text('f4')),
      tuple(whole(1)),
      text('C'),
    );
    const { tensors } = await readAll(pickled(op('}'), tuple(whole(1)), array, op('s'), text('a'), array, op('s')));
    expect(tensors).toEqual({ a: { dims: [1], data: Float32Array.of(1) } });
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
  await expect(openCheckpoint(join(folder, 'nowhere.pth'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

test('a tensor that is not there is refused by name', async () => {
  const path = join(folder, 'one.npy');
  writeFileSync(path, npyBytes('<f4', [6], sixBytes));
  const checkpoint = await openCheckpoint(path);
  await expect(checkpoint.read('two')).rejects.toThrow('There is no tensor two in one.npy.');
  await checkpoint.close();
});

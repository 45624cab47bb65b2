/** Python's pickles: interpreted, never executed. What they ask for beyond arrays is refused by name, and what would take for ever is refused at once. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { readAll } from './readAll';
import { call, dictionary, list, named, op, pickled, text, tuple, whole } from './writers';

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

/** Test support: damages sound weights files in random ways and judges what the readers make of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../src/main/checkpoints/checkpoint';
import { bytesOf, countOf, isCount, type Weight } from '../../src/main/checkpoints/elements';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import { AppError } from '../../src/shared/errors';
import { type Random, random } from '../../src/shared/random';
import { goldenFolder } from '../golden';
import {
  bytesOfArray,
  call,
  dictionary,
  list,
  named,
  npyBytes,
  op,
  pickled,
  tensor,
  text,
  torchMembers,
  tuple,
  whole,
  zipBytes,
} from './writers';

export interface Verdict {
  accepted: number;
  refused: number;
  /** Anything the readers must never do, in words. */
  sins: string[];
  /** The most processor time one file took; on a busy machine the clock would say nothing. */
  slowestMs: number;
  /** How far resident memory rose above where it was before. */
  risenMegabytes: number;
}

/** A sound file. Checked: every byte that matters has a checksum, so whatever is accepted must be as it was. */
interface Sound {
  name: string;
  bytes: Buffer;
  isChecked: boolean;
  /** Makes the file anew around another pickle, whose checksum is then right. */
  around?: { pickle: Buffer; wrap(pickle: Buffer): Buffer };
}

/** Reads `count` damaged files; the same seed damages the same way. */
export async function readDamaged(folder: string, seed: number, count: number): Promise<Verdict> {
  const files = soundFiles();
  const originals = await Promise.all(files.map(({ name, bytes }) => read(folder, `sound-${name}`, bytes)));
  const verdict: Verdict = { accepted: 0, refused: 0, sins: [], slowestMs: 0, risenMegabytes: 0 };
  const base = process.memoryUsage.rss();
  for (let n = 0; n < count; n++) {
    const stream = random(seed).fork(n);
    const index = stream.integer(files.length);
    const { name, bytes, isChecked, around } = files[index];
    const isInside = around !== undefined && stream.uniform() < 0.5;
    const damage = isInside ? around.wrap(damaged(around.pickle, stream)) : damaged(bytes, stream);
    const start = process.cpuUsage();
    try {
      const tensors = await read(folder, name, damage);
      verdict.accepted++;
      const sin = judge(tensors, isChecked && !isInside ? originals[index] : null);
      if (sin) verdict.sins.push(`damage ${n} of ${name}: ${sin}`);
    } catch (error) {
      verdict.refused++;
      const isSentence = error instanceof AppError && error.message.startsWith(name) && /[.]$/.test(error.message);
      if (!isSentence) verdict.sins.push(`damage ${n} of ${name}: ${error instanceof Error ? error.stack : error}`);
    }
    const { user, system } = process.cpuUsage(start);
    verdict.slowestMs = Math.max(verdict.slowestMs, (user + system) / 1000);
    verdict.risenMegabytes = Math.max(verdict.risenMegabytes, (process.memoryUsage.rss() - base) / 1e6);
  }
  return verdict;
}

type Tensors = Map<string, Weight & { bytes: number; width: number }>;

async function read(folder: string, name: string, bytes: Uint8Array): Promise<Tensors> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const checkpoint = await openCheckpoint(path);
  try {
    const tensors: Tensors = new Map();
    for (const { name, dtype, bytes } of checkpoint.entries) {
      tensors.set(name, { ...(await checkpoint.read(name)), bytes, width: bytesOf[dtype] });
    }
    return tensors;
  } finally {
    await checkpoint.close();
  }
}

/** Names the first thing that cannot be, or differs from the original. */
function judge(tensors: Tensors, original: Tensors | null): string | null {
  for (const [name, { dims, data, bytes, width }] of tensors) {
    if (!dims.every(isCount)) return `${name} has the shape ${dims}`;
    if (data.length !== countOf(dims)) return `${name} has ${data.length} numbers for ${dims}`;
    if (bytes !== data.length * width) return `${name} is said to have ${bytes} bytes, not ${data.length} × ${width}`;
    const was = original?.get(name);
    if (original && !was) return `${name} was not there`;
    if (was && (String(was.dims) !== String(dims) || !bytesOfArray(was.data).equals(bytesOfArray(data))))
      return `${name} is another tensor`;
  }
  return original && original.size !== tensors.size ? `${tensors.size} tensors, there were ${original.size}` : null;
}

function soundFiles(): Sound[] {
  const golden = (name: string) => readFileSync(join(goldenFolder, 'checkpoints', name));
  const numbers = bytesOfArray(Float32Array.from({ length: 60 }, (_, n) => Math.sin(n)));
  const integers = bytesOfArray(BigInt64Array.of(-1n, 2n ** 40n));
  const views = dictionary([
    ['a', tensor({ key: '0', count: 60, dims: [3, 4, 5] })],
    ['b', tensor({ key: '0', count: 60, first: 2, dims: [5, 4], strides: [1, 7] })],
    ['c', tensor({ storage: 'LongStorage', key: '1', count: 2, dims: [2] })],
    ['d', tensor({ storage: 'UntypedStorage', key: '1', count: 16, dims: [2, 2], dtype: 'uint32' })],
  ]);
  const pickle = pickled(
    dictionary([
      ['state', views],
      ['log', list(whole(7), text('note'))],
    ]),
  );
  const wrap = (isDeflated: boolean) => (pickle: Buffer) =>
    zipBytes(
      torchMembers(pickle, { 0: numbers, 1: integers }, 'little').map((member) => ({ ...member, isDeflated })),
      { isLong: isDeflated },
    );
  const array = (code: string) =>
    call(
      named('numpy.core.numeric', '_frombuffer'),
      Buffer.concat([op('B\xf0\0\0\0'), numbers]),
      call(named('numpy', 'dtype'), text('f4')),
      tuple(whole(4), whole(15)),
      text(code),
    );
  const arrays = [
    { name: 'a.npy', bytes: npyBytes('<f4', [6, 10], numbers, { isFortran: true }) },
    { name: 'b.npy', bytes: npyBytes('>i8', [2], integers) },
  ];
  const weights = new Map([
    ['a', { dims: [6, 10], data: new Float32Array(new Uint8Array(numbers).buffer) }],
    ['b', { dims: [2], data: new BigInt64Array(new Uint8Array(integers).buffer) }],
  ]);
  return [
    { name: 'stored.pth', bytes: wrap(false)(pickle), isChecked: true, around: { pickle, wrap: wrap(false) } },
    { name: 'deflated.pth', bytes: wrap(true)(pickle), isChecked: true, around: { pickle, wrap: wrap(true) } },
    { name: 'tricky.zip.pth', bytes: golden('tricky.zip.pth'), isChecked: true },
    { name: 'tricky.legacy.pth', bytes: golden('tricky.legacy.pth'), isChecked: false },
    {
      name: 'plain.pkl',
      bytes: pickled(
        dictionary([
          ['a', array('C')],
          ['b', array('F')],
        ]),
      ),
      isChecked: false,
    },
    { name: 'stored.npz', bytes: zipBytes(arrays), isChecked: true },
    { name: 'deflated.npz', bytes: zipBytes(arrays.map((member) => ({ ...member, isDeflated: true }))), isChecked: true },
    { name: 'array.npy', bytes: arrays[0].bytes, isChecked: false },
    { name: 'all.safetensors', bytes: Buffer.from(encodeSafetensors(weights, { note: 'sound' })), isChecked: false },
  ];
}

const extremes = [0, 1, -1, 2, 127, 128, 255, 256, 32_767, 65_535, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1, 2 ** 53, -(2 ** 53)];

/** One to three injuries: cut, lengthened, flipped, overwritten, filled, moved about, or with an extreme number in it. */
function damaged(sound: Buffer, stream: Random): Buffer {
  let bytes = Buffer.from(sound);
  for (let round = stream.integer(3); round >= 0 && bytes.length > 16; round--) {
    const at = stream.integer(bytes.length - 8);
    const length = 1 + stream.integer(Math.min(64, bytes.length - at - 1));
    const other = stream.integer(bytes.length - 8);
    const kind = stream.integer(9);
    if (kind === 0) bytes = bytes.subarray(0, stream.integer(bytes.length));
    else if (kind === 1) bytes = Buffer.concat([bytes, Buffer.alloc(length, stream.integer(256))]);
    else if (kind === 2) bytes[at] ^= 1 << stream.integer(8);
    else if (kind === 3) bytes[at] = stream.integer(256);
    else if (kind === 4) bytes.fill(stream.uniform() < 0.5 ? 0 : 255, at, at + length);
    else if (kind === 5) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    else if (kind === 6) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(other, other + length), bytes.subarray(at)]);
    else if (kind === 7) bytes.copy(bytes, at, other, other + length);
    else bytes.writeBigInt64LE(BigInt(extremes[stream.integer(extremes.length)]), at);
  }
  return bytes;
}

/** Weights files: what is written is read back, what lies is refused with a sentence. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeSafetensors, encodeSafetensors, readSafetensors, writeSafetensors } from '../../src/main/checkpoints/safetensors';
import { sharedFolder } from '../folders';

const folder = sharedFolder();

const weights = new Map([
  ['a.weight', { dims: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, Number.NaN, 1e-30) }],
  ['steps', { dims: [], data: BigInt64Array.of(-7n) }],
  ['mask', { dims: [3], data: Uint8Array.of(1, 0, 255) }],
  ['nothing', { dims: [0, 4], data: new Float32Array(0) }],
  ['exact', { dims: [1], data: Float64Array.of(0.1) }],
]);

test('what is written is read back, names in order, metadata included', async () => {
  const path = join(folder, 'all.safetensors');
  await writeSafetensors(path, weights, { spec: '{"width": 16}', имя: 'größe' });
  const { tensors, metadata } = await readSafetensors(path);
  expect([...tensors]).toEqual([...weights]);
  expect(metadata).toEqual({ spec: '{"width": 16}', имя: 'größe' });
});

/** A file from a header of any kind and a body of so many bytes. */
function forged(header: unknown, body = 0, length?: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.byteLength + body);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.byteLength), true);
  bytes.set(json, 8);
  return bytes;
}

test('half precision arrives as float32', () => {
  const bytes = forged(
    { h: { dtype: 'F16', shape: [5], data_offsets: [0, 10] }, b: { dtype: 'BF16', shape: [1], data_offsets: [10, 12] } },
    12,
  );
  new Uint8Array(bytes.buffer, bytes.byteLength - 12).set(
    new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00, 0x3555, 0x4049).buffer),
  );
  const { tensors } = decodeSafetensors(bytes, 'half');
  expect(tensors.get('h')?.data).toEqual(Float32Array.of(1, -2, 2 ** -24, Number.POSITIVE_INFINITY, 0.333251953125));
  expect(tensors.get('b')?.data).toEqual(Float32Array.of(3.140625));
});

const entry = (change: object) => ({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } });
describe.each([
  ['an empty file', new Uint8Array(0)],
  ['a header longer than the file', forged({}, 0, 1000)],
  ['a header length beyond all memory', forged({}, 0, 2 ** 53)],
  ['a header that is not JSON', forged('{"w": ')],
  ['a header that is a list', forged('[1, 2]')],
  ['a header that is not text', forged(String.fromCharCode(0), 0)],
  ['an unknown element type', forged(entry({ dtype: 'F4' }), 8)],
  ['no element type', forged({ w: null }, 8)],
  ['a negative side', forged(entry({ shape: [-2] }), 8)],
  ['a broken side', forged(entry({ shape: [0.5] }), 8)],
  ['a shape that is no list', forged(entry({ shape: 'big' }), 8)],
  ['a shape that does not fill its place', forged(entry({ shape: [3] }), 8)],
  ['a shape whose product overflows', forged(entry({ shape: [2 ** 40, 2 ** 40] }), 8)],
  ['a place beyond the end', forged(entry({ shape: [4], data_offsets: [0, 16] }), 8)],
  ['a place that ends before it begins', forged(entry({ data_offsets: [8, 0] }), 8)],
  ['a gap', forged(entry({ data_offsets: [4, 12] }), 12)],
  ['an overlap', forged({ ...entry({}), v: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, 12)],
  ['bytes that belong to nothing', forged(entry({}), 20)],
  ['metadata that is not text', forged({ __metadata__: { step: 5 }, ...entry({}) }, 8)],
])('%s', (_, bytes) => {
  test('is refused with a sentence that names the file', async () => {
    const path = join(folder, 'forged.safetensors');
    await writeFile(path, bytes);
    await expect(readSafetensors(path)).rejects.toMatchObject({
      code: 'FILE_INVALID',
      message: expect.stringContaining('forged.safetensors'),
    });
  });
});

test('every truncation of a good file is refused', () => {
  const whole = encodeSafetensors(weights, { a: 'b' });
  for (let length = 0; length < whole.byteLength; length++) {
    expect(() => decodeSafetensors(whole.subarray(0, length), 'cut')).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }));
  }
});

test('a missing file is refused with a sentence', async () => {
  await expect(readSafetensors(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
});

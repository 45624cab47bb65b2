/** Model files from elsewhere: every way of writing numbers, data beside the model, and files that lie. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from 'vitest';
import { encodeModel, type Model, type ModelNode } from '../../src/main/engine/onnx';
import { decodeModel } from '../../src/main/engine/onnx/decode';
import { readModel, writtenModel } from '../../src/main/engine/onnx/file';
import { brainFloat, halfFloat } from '../../src/main/engine/onnx/tensors';
import { Session } from '../../src/main/engine/session';
import { random } from '../../src/shared/random';
import { sharedFolder } from '../folders';

type Fill = (writer: BinaryWriter) => unknown;
function message(writer: BinaryWriter, field: number, fill: Fill): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  fill(writer);
  writer.join();
}
const whole = (w: BinaryWriter, field: number, value: number | bigint) => w.tag(field, WireType.Varint).int64(value as number);
const text = (w: BinaryWriter, field: number, value: string) => w.tag(field, WireType.LengthDelimited).string(value);

/** A model whose graph is written by hand. */
function fileOf(graph: Fill, opset = 13): Uint8Array {
  const writer = new BinaryWriter();
  whole(writer, 1, 3);
  message(writer, 7, graph);
  message(writer, 8, (w) => whole(text(w, 1, ''), 2, opset));
  return writer.finish();
}
const tensorFile = (fill: Fill) =>
  fileOf((graph) =>
    message(graph, 5, (w) => {
      text(w, 8, 'w');
      fill(w);
    }),
  );
const tensorOf = (fill: Fill) => decodeModel(tensorFile(fill)).initializers[0];

describe('numbers', () => {
  const typed = (code: number, count: number) => (w: BinaryWriter) => whole(whole(w, 1, count), 2, code);
  const packed = (field: number, fill: Fill) => (w: BinaryWriter) => message(w, field, fill);
  test.each<[string, number, Fill, string, unknown[]]>([
    ['raw floats', 1, (w) => w.tag(9, 2).bytes(new Uint8Array(Float32Array.of(1.5, -2).buffer)), 'float32', [1.5, -2]],
    ['packed floats', 1, packed(4, (w) => w.float(1.5).float(-2)), 'float32', [1.5, -2]],
    ['single floats', 1, (w) => w.tag(4, 5).float(1.5).tag(4, 5).float(-2), 'float32', [1.5, -2]],
    ['packed integers', 6, packed(5, (w) => w.int32(7).int32(-2)), 'int32', [7, -2]],
    ['single bytes', 2, (w) => whole(whole(w, 5, 7), 5, 255), 'uint8', [7, 255]],
    ['booleans', 9, packed(5, (w) => w.int32(1).int32(0)), 'bool', [1, 0]],
    ['long integers', 7, packed(7, (w) => w.int64(2n ** 62n).int64(-1n)), 'int64', [2n ** 62n, -1n]],
    ['doubles', 11, packed(10, (w) => w.double(Math.PI).double(-1)), 'float64', [Math.PI, -1]],
    ['half floats as bits', 10, packed(5, (w) => w.int32(0x3e00).int32(0xc000)), 'float32', [1.5, -2]],
    ['raw half floats', 10, (w) => w.tag(9, 2).bytes(Uint8Array.of(0, 0x3e, 0, 0xc0)), 'float32', [1.5, -2]],
    ['raw brain floats', 16, (w) => w.tag(9, 2).bytes(Uint8Array.of(0xc0, 0x3f, 0, 0xc0)), 'float32', [1.5, -2]],
    ['raw short integers', 5, (w) => w.tag(9, 2).bytes(Uint8Array.of(1, 0, 0xfe, 0xff)), 'int32', [1, -2]],
    ['unsigned long integers', 13, packed(11, (w) => w.uint64(3).uint64(4)), 'int64', [3n, 4n]],
  ])('written as %s are read', (_name, code, fill, dtype, numbers) => {
    const came = tensorOf((w) => fill(typed(code, 2)(w)));
    expect([came.dtype, came.dims, Array.from<number | bigint>(came.data)]).toEqual([dtype, [2], numbers]);
  });

  test('half floats have subnormals, infinities and NaN', () => {
    expect([1, 0x7c00, 0xfc00, 0x7e00, 0x3555].map(halfFloat)).toEqual([
      2 ** -24,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      0.333251953125,
    ]);
    expect(brainFloat(0x7f80)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each<[string, Fill, string]>([
    ['a shape larger than its numbers', (w) => whole(whole(whole(w, 1, 2 ** 40), 1, 1000), 2, 1), 'should have'],
    ['a shape beyond counting', (w) => whole(whole(whole(w, 1, 2 ** 40), 1, 2 ** 40), 2, 1), 'has the shape'],
    ['a negative side', (w) => whole(whole(w, 1, -1), 2, 1), 'the tensor w has the shape [-1]'],
    ['texts', (w) => whole(whole(w, 1, 1), 2, 8), 'the tensor w has the element type 8'],
    ['a number where a text belongs', (w) => whole(w, 8, 5), 'field 8 of a tensor is written as another kind of value'],
    ['data in another file', (w) => whole(whole(whole(w, 1, 1), 2, 1), 14, 1), 'must be read as a file'],
  ])('%s is refused in one sentence', (_name, fill, sentence) => {
    const read = () => decodeModel(tensorFile(fill));
    expect(read).toThrow(sentence);
    expect(read).toThrow(/^This is not a readable ONNX model: .*\.$/);
  });
});

test('attributes of every kind are read, stated or not, packed or not, and zeros that were left out', () => {
  const node = (fill: Fill) => fileOf((graph) => message(graph, 1, (w) => message(w, 5, (a) => fill(text(a, 1, 'a')))));
  const said = (fill: Fill) => decodeModel(node(fill)).nodes[0].attributes.a;
  expect(said((w) => whole(whole(w, 3, -4), 20, 2))).toBe(-4);
  expect(said((w) => whole(w, 3, 4))).toBe(4);
  expect(said((w) => whole(w, 20, 2))).toBe(0);
  expect(said((w) => whole(w, 20, 1))).toEqual({ float: 0 });
  expect(said((w) => whole(w.tag(2, 5).float(0.5), 20, 1))).toEqual({ float: 0.5 });
  expect(said((w) => whole(text(w, 4, 'linear'), 20, 3))).toBe('linear');
  expect(said((w) => message(w, 8, (list) => list.int64(1).int64(2)))).toEqual([1, 2]);
  expect(said((w) => whole(whole(w, 8, 1), 8, 2))).toEqual([1, 2]);
  expect(said((w) => whole(w, 20, 7))).toEqual([]);
  expect(said((w) => message(w, 7, (list) => list.float(0.5).float(2)))).toEqual({ floats: [0.5, 2] });
  expect(said((w) => text(text(w, 9, 'x'), 9, 'y'))).toEqual({ strings: ['x', 'y'] });
  expect(said((w) => message(w, 6, (g) => text(g, 2, 'then')))).toEqual({ graph: 'then' });
  expect(said((w) => message(w, 5, (t) => message(whole(whole(t, 1, 1), 2, 1), 4, (n) => n.float(3))))).toMatchObject({
    tensor: { dims: [1], dtype: 'float32', data: Float32Array.of(3) },
  });
  expect(() => said((w) => w)).toThrow('the attribute a holds nothing that is read here');
});

test('unknown fields are skipped, and what the first versions list among inputs as well stays an initializer', () => {
  const port = (name: string) => (w: BinaryWriter) =>
    message(text(w, 1, name), 2, (t) =>
      message(t, 1, (s) => message(whole(s, 1, 1), 2, (d) => message(d, 1, (side) => whole(side, 1, 1)))),
    );
  const file = fileOf((graph) => {
    message(graph, 11, port('x'));
    message(graph, 11, port('w'));
    message(graph, 13, port('hint'));
    message(graph, 99, (w) => text(w, 1, 'news'));
    message(graph, 5, (w) => message(whole(whole(text(w, 8, 'w'), 1, 1), 2, 1), 4, (n) => n.float(3)));
  }, 7);
  const model = decodeModel(file);
  expect(model.inputs).toEqual([{ name: 'x', dtype: 'float32', dims: [1] }]);
  expect([model.initializers.map(({ name }) => name), model.opset]).toEqual([['w'], 7]);
});

const scale = Float32Array.from({ length: 1024 }, (_, i) => i / 7);
const node = (op: string, inputs: string[], output: string): ModelNode => ({ op, domain: '', inputs, outputs: [output], attributes: {} });
const small: Model = {
  name: 'small',
  nodes: [node('Mul', ['x', 'scale'], 'scaled'), node('Add', ['scaled', 'shift'], 'y')],
  inputs: [{ name: 'x', dtype: 'float32', dims: ['batch', 1024] }],
  outputs: [{ name: 'y', dtype: 'float32', dims: ['batch', 1024] }],
  initializers: [
    { name: 'scale', dtype: 'float32', dims: [1024], data: scale },
    { name: 'shift', dtype: 'float32', dims: [1024], data: scale.map((x) => x * x) },
  ],
  metadata: { about: 'a test' },
};

test('2,000 mutations of a file are either read or refused in one sentence', () => {
  const good = encodeModel({ ...small, initializers: small.initializers.map((i) => ({ ...i, dims: [8], data: i.data.slice(0, 8) })) });
  const stream = random(5);
  const pick = (n: number) => Math.floor(stream.uniform() * n);
  let refused = 0;
  const crashes: string[] = [];
  for (let round = 0; round < 2000; round++) {
    let bytes = good.slice(0, round % 3 === 0 ? pick(good.length) : good.length);
    for (let n = pick(4); n >= 0 && bytes.length > 0; n--) bytes[pick(bytes.length)] = stream.uniform() < 0.5 ? 0xff : pick(256);
    if (round % 5 === 0)
      bytes = Uint8Array.from([...bytes.subarray(0, pick(bytes.length)), pick(256), ...bytes.subarray(pick(bytes.length))]);
    try {
      decodeModel(bytes);
    } catch (error) {
      refused++;
      if (!String(error).startsWith('Error: This is not a readable ONNX model: ')) crashes.push(String(error));
    }
  }
  expect(crashes).toEqual([]);
  expect(refused).toBeGreaterThan(500);
});

describe('numbers beside the model', () => {
  const folder = sharedFolder();
  const place = async (name: string, location: string, data: Uint8Array, places = { scale: [0, 4096], shift: [4096, 4096] }) => {
    await mkdir(join(folder, name));
    const at = new Map(Object.entries(places).map(([tensor, [offset, length]]) => [tensor, { offset, length }]));
    const path = join(folder, name, 'm.onnx');
    await writeFile(path, encodeModel(small, { location, places: at }));
    await writeFile(join(folder, name, 'm.onnx.data'), data);
    return path;
  };

  test('a model above the limit is written in two files, which both we and onnxruntime read', async () => {
    const written = writtenModel(small, 'big.onnx.data', 5000);
    const path = join(folder, 'big.onnx');
    await writeFile(path, written.model);
    await writeFile(join(folder, 'big.onnx.data'), Buffer.concat([...(written.beside ?? [])]));
    expect(written.model.byteLength).toBeLessThan(1000);
    const back = readModel(path);
    expect(back.initializers).toEqual(small.initializers);
    expect(back.metadata).toEqual(small.metadata);
    const session = await Session.create(path, { device: 'cpu', threads: 1 });
    const { y } = await session.run({ x: { dims: [1, 1024], data: new Float32Array(1024).fill(2) } });
    expect(y.data).toEqual(scale.map((x) => Math.fround(2 * x) + Math.fround(x * x)));
    await session.release();
  });

  test('a model within the limit is one file', () => {
    expect(writtenModel(small, 'x', 8192).beside).toBe(null);
  });

  test('data that is not there, too short or outside the folder is refused', async () => {
    const data = new Uint8Array(8192);
    await writeFile(join(folder, 'secret'), data);
    expect(() => readModel(join(folder, 'nothing.onnx'))).toThrow('nothing.onnx');
    await expect(place('missing', 'other.data', data).then(readModel)).rejects.toThrow('it keeps numbers in other.data, which is missing');
    await expect(place('short', 'm.onnx.data', data.subarray(1)).then(readModel)).rejects.toThrow(
      'it needs 4096 bytes of m.onnx.data from 4096 on, but the file has 8191',
    );
    const lie = { scale: [0, 2 ** 40], shift: [0, 4096] };
    await expect(place('lie', 'm.onnx.data', data, lie).then(readModel)).rejects.toThrow('the tensor scale needs 4096 bytes');
    for (const [n, location] of ['../secret', join(folder, 'secret'), '..\\secret', '', 'a/../../secret'].entries()) {
      await expect(place(`away${n}`, location, data).then(readModel)).rejects.toThrow("is not a file in the model's folder");
    }
    const linked = await place('link', 'm.link', data);
    await symlink(join(folder, 'secret'), join(folder, 'link', 'm.link'));
    expect(() => readModel(linked)).toThrow("is not a file in the model's folder");
  });
});

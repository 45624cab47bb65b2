/** ONNX models on disk: one file, or one with its numbers beside it. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, resolve, sep } from 'node:path';
import { type Beside, bytesOf, encodeModel, type Model, type Place } from '../onnx';
import { bytesPer, sizeOf } from '../tensor';
import { decodeModel } from './decode';
import type { ReadBeside } from './tensors';

/** Protocol buffers, and so ONNX files, end at 2 GiB: the length of a message is a signed 32-bit number. */
export const protobufLimit = 2 ** 31 - 1;

/**
 * Reads a model file and, tensor by tensor, the numbers that lie beside it.
 * @throws one sentence if it is not a model, is too large, or points to data that is not there or outside its folder
 */
export function readModel(path: string): Model {
  const { size } = statSync(path);
  if (size > protobufLimit) throw new Error(`${path} has ${size} bytes; an ONNX file has at most ${protobufLimit}.`);
  return decodeModel(readFileSync(path), readerBeside(path));
}

/** Bytes of files in the model's own folder or below it. */
function readerBeside(path: string): ReadBeside {
  const folder = realpathSync(dirname(path));
  return (location, offset, length) => {
    const parts = location.split(/[/\\]/);
    const leaves = `it keeps numbers in ${JSON.stringify(location)}, which is not a file in the model's folder`;
    if (location === '' || isAbsolute(location) || parts.includes('..') || location.includes('\0')) throw new Error(leaves);
    const file = resolved(resolve(folder, location));
    if (!file) throw new Error(`it keeps numbers in ${location}, which is missing`);
    // A link could lead out of the folder.
    if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) throw new Error(leaves);
    const open = openSync(file, 'r');
    try {
      const about = fstatSync(open);
      if (!about.isFile()) throw new Error(leaves);
      if (offset + length > about.size) {
        throw new Error(`it needs ${length} bytes of ${location} from ${offset} on, but the file has ${about.size}`);
      }
      const bytes = new Uint8Array(length);
      // One call reads at most 2 GiB.
      for (let at = 0; at < length; ) {
        const count = readSync(open, bytes, at, Math.min(length - at, 2 ** 30), offset + at);
        if (count === 0) throw new Error(`${location} became shorter while it was read`);
        at += count;
      }
      return bytes;
    } finally {
      closeSync(open);
    }
  };
}
function resolved(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Tensors start at multiples of this, so that runtimes can map the file into memory. */
const alignment = 4096;
/** Smaller tensors stay in the model. */
const smallest = 1024;

/** Bytes of the numbers in a model. */
export const weightBytes = ({ initializers }: Model): number =>
  initializers.reduce((sum, { dims, dtype }) => sum + sizeOf(dims) * bytesPer(dtype), 0);

/** The file that some of a model's numbers lie in already, and where: a session can take them from there. Null if there is none. */
export function lyingBeside({ initializers }: Model): { folder: string; beside: Beside } | null {
  const path = initializers.find(({ stored }) => stored)?.stored?.path;
  if (path === undefined) return null;
  const places = initializers.flatMap(({ name, dims, dtype, stored }) =>
    stored?.path === path ? [[name, { offset: stored.offset, length: sizeOf(dims) * bytesPer(dtype) }] as const] : [],
  );
  return { folder: dirname(path), beside: { location: basename(path), places: new Map(places) } };
}

export interface Written {
  model: Uint8Array<ArrayBuffer>;
  /** The file beside the model, piece by piece and in order; null if there is none. */
  beside: Iterable<Uint8Array> | null;
}
/**
 * A model ready to be written: alone where its numbers have at most `limit` bytes, else with them in a file beside it. That file is
 * never whole in memory: its pieces are the tensors themselves.
 * @param location name of the file beside the model, in the same folder
 */
export function writtenModel(model: Model, location: string, limit: number = protobufLimit - 2 ** 26): Written {
  if (weightBytes(model) <= limit) return { model: encodeModel(model), beside: null };
  const large = model.initializers.filter(({ data }) => data.byteLength >= smallest);
  const places = new Map<string, Place>();
  let end = 0;
  for (const { name, data } of large) {
    const offset = Math.ceil(end / alignment) * alignment;
    places.set(name, { offset, length: data.byteLength });
    end = offset + data.byteLength;
  }
  const beside: Beside = { location, places };
  function* pieces(): Generator<Uint8Array> {
    let at = 0;
    for (const { name, data } of large) {
      const { offset, length } = places.get(name) as Place;
      if (offset > at) yield new Uint8Array(offset - at);
      yield bytesOf(data);
      at = offset + length;
    }
  }
  return { model: encodeModel(model, beside), beside: pieces() };
}

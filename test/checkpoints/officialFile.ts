/** Weights files of released sizes, written without the memory that their numbers would take. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { sizeOf } from '../../src/main/engine/tensor';
import { random } from '../../src/shared/random';
import { bytesOfArray, dictionary, type Member, pickled, tensor, zipParts } from './writers';

export type OfficialEntry = { name: string; dims: readonly number[]; data?: Float32Array };

/** As `torch.save` writes a state. Tensors without numbers of their own all begin with the same small ones. @returns the path */
export function writeOfficialFile(path: string, entries: readonly OfficialEntry[]): string {
  const stream = random(1);
  const few = Float32Array.from({ length: 4099 }, () => 0.02 * stream.normal());
  const pool = new Float32Array(Math.max(...entries.map(({ dims }) => sizeOf(dims))));
  for (let at = 0; at < pool.length; at += few.length) pool.set(few.subarray(0, pool.length - at), at);
  const tensors = entries.map(({ name, dims }, n) => [name, tensor({ key: String(n), count: sizeOf(dims), dims })] as const);
  const members: Member[] = [
    { name: 'archive/data.pkl', bytes: pickled(dictionary(tensors)) },
    ...entries.map(({ dims, data }, n) => ({ name: `archive/data/${n}`, bytes: bytesOfArray(data ?? pool.subarray(0, sizeOf(dims))) })),
    { name: 'archive/version', bytes: Buffer.from('3\n') },
  ];
  const file = openSync(path, 'w');
  for (const part of zipParts(members)) for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
  closeSync(file);
  return path;
}

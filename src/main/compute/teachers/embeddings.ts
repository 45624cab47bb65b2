/** Embeddings kept on disk under the hash of all they were made from, so that an image is looked at once; the longest unused go first. */
import { createHash } from 'node:crypto';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSafetensors, readSafetensors } from '../../checkpoints/safetensors';
import type { Tensor } from '../../engine/tensor';
import { writeDurably } from '../../files/durable';
import { removeOldest } from '../../files/oldest';

export interface Embeddings {
  /** One that is there counts as used now; null if there is none, or it cannot be read. */
  find(key: string): Promise<Tensor | null>;
  keep(key: string, embedding: Tensor): Promise<void>;
}

/** A key for whatever JSON can tell apart. */
export const embeddingKey = (made: unknown): string => createHash('sha256').update(JSON.stringify(made)).digest('hex');

const ending = '.safetensors';

/** @param bytes what the folder may hold; at least the newest embedding stays */
export function embeddingsIn(folder: string, bytes: number): Embeddings {
  const pathOf = (key: string) => join(folder, key + ending);

  return {
    async find(key) {
      const path = pathOf(key);
      if (!(await stat(path).catch(() => null))) return null;
      // A file that something damaged is only made again.
      const found = await readSafetensors(path).catch(() => null);
      const now = new Date();
      if (found) await utimes(path, now, now);
      return found?.tensors.get('embedding') ?? null;
    },
    async keep(key, embedding) {
      await writeDurably(pathOf(key), encodeSafetensors(new Map([['embedding', embedding]])));
      await removeOldest(pathOf(key), bytes);
    },
  };
}

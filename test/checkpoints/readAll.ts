/** Weights files made for a test, read whole. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../src/main/checkpoints/checkpoint';
import type { Weight } from '../../src/main/checkpoints/elements';
import { sharedFolder } from '../folders';

const folder = sharedFolder();

/** Every tensor of a file, by name. */
export async function readAll(bytes: Uint8Array, name = 'weights.pth') {
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

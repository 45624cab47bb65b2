/** Entry of a loader thread: prepares cases once, keeps as many as fit a byte budget, and cuts batches ahead of the training step. */
import { parentPort, workerData } from 'node:worker_threads';
import type { StudentSpec } from '../../shared/domain';
import { type BatchSettings, drawBatch } from '../methods/training/batches';
import { type Prepared, prepare, type StoredStudy } from '../methods/training/prepare';
import { describe } from './thread';

export interface LoaderData {
  studies: StoredStudy[];
  spec: StudentSpec;
  mirror: number[];
  settings: BatchSettings;
  cacheBytes: number;
}
/** Answer to a request for the batch of a step. */
export type LoaderReply = { step: number; image: Float32Array; label: Uint8Array } | { step: number; error: ReturnType<typeof describe> };

const { studies, spec, mirror, settings, cacheBytes } = workerData as LoaderData;
const cache = new Map<number, Promise<Prepared>>();
let held = 0;

/** Least recently used cases leave first; the one just asked for always stays. */
async function open(at: number): Promise<Prepared> {
  const known = cache.get(at);
  const prepared = known ?? prepare(studies[at], spec);
  cache.delete(at);
  cache.set(at, prepared);
  const ready = await prepared;
  if (!known) held += ready.bytes;
  for (const [other, waiting] of cache) {
    if (held <= cacheBytes || other === at) break;
    held -= (await waiting).bytes;
    cache.delete(other);
  }
  return ready;
}

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (step: number) => {
  last = last.then(async () => {
    try {
      const { image, label } = await drawBatch(step, studies.length, open, spec.channels.length, mirror, settings);
      parentPort?.postMessage({ step, image, label } satisfies LoaderReply, [image.buffer as ArrayBuffer, label.buffer as ArrayBuffer]);
    } catch (error) {
      parentPort?.postMessage({ step, error: describe(error) } satisfies LoaderReply);
    }
  });
});

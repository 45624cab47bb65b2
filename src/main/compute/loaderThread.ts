/** Entry of a loader thread: prepares cases once, keeps as many as fit a byte budget, and cuts batches ahead of the training step. */
import { parentPort, workerData } from 'node:worker_threads';
import type { StudentSpec } from '../../shared/domain';
import { type BatchSettings, drawBatch } from '../methods/training/batches';
import { type Prepared, prepare, type StoredStudy } from '../methods/training/prepare';
import {
  drawUnlabelled,
  prepareUnlabelled,
  type TeacherView,
  type UnlabelledBatch,
  type UnlabelledSettings,
} from '../methods/training/unlabelled';
import { describe } from './thread';

export interface LoaderData {
  studies: StoredStudy[];
  spec: StudentSpec;
  mirror: number[];
  settings: BatchSettings;
  /** Null where only labelled patches are wanted. */
  unlabelled: { studies: StoredStudy[]; views: TeacherView[]; settings: UnlabelledSettings } | null;
  cacheBytes: number;
}
/** The batch of a step. */
export interface LoadedBatch {
  step: number;
  image: Float32Array;
  label: Uint8Array;
  unlabelled: UnlabelledBatch | null;
}
/** Answer to a request for the batch of a step. */
export type LoaderReply = LoadedBatch | { step: number; error: ReturnType<typeof describe> };

const { studies, spec, mirror, settings, unlabelled, cacheBytes } = workerData as LoaderData;
const cache = new Map<string, Promise<Prepared>>();
let held = 0;

/** Least recently used cases leave first; the one just asked for always stays. */
async function kept(key: string, make: () => Promise<Prepared>): Promise<Prepared> {
  const known = cache.get(key);
  const prepared = known ?? make();
  cache.delete(key);
  cache.set(key, prepared);
  const ready = await prepared;
  if (!known) held += ready.bytes;
  for (const [other, waiting] of cache) {
    if (held <= cacheBytes || other === key) break;
    held -= (await waiting).bytes;
    cache.delete(other);
  }
  return ready;
}
const openLabelled = (at: number) => kept(`labelled ${at}`, () => prepare(studies[at], spec));

async function batchOf(step: number): Promise<LoadedBatch> {
  const { image, label } = await drawBatch(step, studies.length, openLabelled, spec.channels.length, mirror, settings);
  if (!unlabelled) return { step, image, label, unlabelled: null };
  const { studies: others, views } = unlabelled;
  const open = (at: number) => kept(`unlabelled ${at}`, () => prepareUnlabelled(others[at], spec, views));
  return { step, image, label, unlabelled: await drawUnlabelled(step, others.length, open, views, unlabelled.settings) };
}

const buffersOf = ({ image, label, unlabelled }: LoadedBatch): ArrayBuffer[] =>
  [image, label, ...(unlabelled ? [unlabelled.student, unlabelled.plain, ...unlabelled.views] : [])].map(
    ({ buffer }) => buffer as ArrayBuffer,
  );

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (step: number) => {
  last = last.then(async () => {
    try {
      const batch = await batchOf(step);
      parentPort?.postMessage(batch satisfies LoaderReply, buffersOf(batch));
    } catch (error) {
      parentPort?.postMessage({ step, error: describe(error) } satisfies LoaderReply);
    }
  });
});

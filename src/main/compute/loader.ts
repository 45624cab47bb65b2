/** The training job's side of a loader thread: asks for batches a few steps ahead and hands them out in order. */
import { join } from 'node:path';
import { Worker, workerData } from 'node:worker_threads';
import { AppError, isCode } from '../../shared/errors';
import type { LoadedBatch, LoaderData, LoaderReply } from './loaderThread';

export interface Loader {
  /** The batch of a step; steps must be asked for in increasing order. */
  batch(step: number): Promise<LoadedBatch>;
  close(): Promise<void>;
}

/** Batches made ahead of the step that trains; enough to hide a slow case, little memory. */
const ahead = 3;

/** Starts a loader thread. `lastStep` is the last one that will be asked for. */
export function startLoader(data: LoaderData, lastStep: number): Loader {
  const worker = new Worker(join((workerData as { folder: string }).folder, 'loader.js'), { workerData: data });
  const waiting = new Map<number, PromiseWithResolvers<LoadedBatch>>();
  let asked = 0;

  function fail(error: Error): void {
    for (const slot of waiting.values()) slot.reject(error);
  }
  worker.on('error', fail);
  worker.on('message', (reply: LoaderReply) => {
    const slot = waiting.get(reply.step);
    if (!slot) throw new Error(`loader: a batch came for step ${reply.step}, which nobody asked for`);
    if ('error' in reply) {
      const { code, message, stack } = reply.error;
      slot.reject(isCode(code) ? new AppError(code, message) : Object.assign(new Error(message), { stack }));
    } else slot.resolve(reply);
  });

  function request(step: number): void {
    const slot = Promise.withResolvers<LoadedBatch>();
    slot.promise.catch(() => undefined); // heard by whoever asks for this step, if anyone still does
    waiting.set(step, slot);
    worker.postMessage(step);
    asked = step;
  }

  return {
    async batch(step) {
      for (let next = Math.max(asked + 1, step); next <= Math.min(step + ahead, lastStep); next++) request(next);
      const slot = waiting.get(step);
      if (!slot) throw new Error(`loader: step ${step} was asked for twice or out of order`);
      const batch = await slot.promise;
      waiting.delete(step);
      return batch;
    },
    close: async () => void (await worker.terminate()),
  };
}

/** The page's side of the surface worker: questions as promises, answers kept, one worker for the whole page. */
import type { FileHash } from '../../../shared/domain';
import { bytesUrl } from '../../api';
import { Recent } from '../recent';
import type { FromWorker, StoredFile, TaskName, Tasks, ToWorker } from './tasks';

let worker: Worker | null = null;
let lastId = 0;
const waiting = new Map<number, { done(answer: never): void; failed(error: Error): void }>();
/** Surfaces and small images of the last few cases; going back to one is instant. */
const answers = new Recent<Promise<unknown>>(24);

export const stored = (file: FileHash): StoredFile => ({ file, address: new URL(bytesUrl(file), location.href).href });

function start(): Worker {
  const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'surfaces' });
  started.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    const asker = waiting.get(data.id);
    if (!asker) throw new Error(`surfaces: an answer to the unknown question ${data.id}`);
    waiting.delete(data.id);
    if (data.kind === 'done') asker.done(data.answer as never);
    else asker.failed(new Error(data.message));
  };
  started.onerror = (event) => {
    // The worker itself broke (out of memory, say): everyone waiting hears of it, and the next question starts a new one.
    for (const { failed } of waiting.values()) failed(new Error(event.message || 'the surface worker stopped'));
    waiting.clear();
    worker?.terminate();
    worker = null;
  };
  return started;
}

/** Asks the worker. The same question is answered once; a failed one may be asked again. */
export function askSurfaces<K extends TaskName>(name: K, ask: Tasks[K]['ask']): Promise<Tasks[K]['answer']> {
  const key = JSON.stringify([name, ask]);
  const asked = answers.get(key, () => {
    worker ??= start();
    const id = ++lastId;
    return new Promise<Tasks[K]['answer']>((done, failed) => {
      waiting.set(id, { done, failed });
      worker!.postMessage({ id, name, ask } as ToWorker);
    });
  }) as Promise<Tasks[K]['answer']>;
  asked.catch(() => answers.forget(key));
  return asked;
}

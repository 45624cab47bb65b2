/** What every job thread does: take jobs one after another, hear stops between steps, answer exactly once. */
import { setImmediate } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../shared/errors';
import { asFileError } from '../files/durable';
import { type FromCompute, type JobCode, type JobName, Stopped, type ToCompute } from './protocol';

/** Serves the given jobs on this worker thread for as long as it lives. */
export function serveJobs(codes: { [K in JobName]?: JobCode<K> }): void {
  const port = parentPort;
  if (!port) throw new Error('serveJobs: not on a worker thread');
  const stopped = new Set<number>();
  const send = (message: FromCompute) => port.postMessage(message);
  let last: Promise<void> = Promise.resolve();

  async function work({ job, name, spec }: Extract<ToCompute, { kind: 'start' }>): Promise<void> {
    const code = codes[name] as JobCode<JobName> | undefined;
    try {
      if (!code) throw new Error(`the job ${name} came to a thread that does not know it`);
      if (stopped.has(job)) throw new Stopped();
      const result = await code(spec, {
        report: (progress) => send({ kind: 'progress', job, progress }),
        get stopped() {
          return stopped.has(job);
        },
        breathe: () => setImmediate(),
      });
      send({ kind: 'done', job, result });
    } catch (thrown) {
      send(thrown instanceof Stopped ? { kind: 'stopped', job } : { kind: 'failed', job, ...describe(thrown) });
    } finally {
      stopped.delete(job);
    }
  }

  port.on('message', (message: ToCompute) => {
    if (message.kind === 'stop') stopped.add(message.job);
    else last = last.then(() => work(message));
  });
}

/** Anything thrown as plain data: a code of the catalogue with its sentence, or a bug with its stack. */
export function describe(thrown: unknown): { code: string | null; message: string; stack?: string } {
  const error = asFileError(thrown, 'the project folder');
  if (error instanceof AppError) return { code: error.code, message: error.message };
  return error instanceof Error ? { code: null, message: error.message, stack: error.stack } : { code: null, message: String(error) };
}

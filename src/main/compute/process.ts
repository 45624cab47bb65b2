/** Entry of the compute process: hands each job to its thread and passes messages on. Its own event loop is never blocked. */
import { Worker } from 'node:worker_threads';
import { type FromCompute, type JobName, type ToCompute, threadOf } from './protocol';

type ThreadName = (typeof threadOf)[JobName];

/** Electron's utility processes talk over `parentPort`, forked ones over `process.send`. */
interface ParentPort {
  postMessage(message: FromCompute): void;
  on(event: 'message', hear: (event: { data: ToCompute }) => void): void;
}
const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;
const send = (message: FromCompute) => (parentPort ? parentPort.postMessage(message) : process.send?.(message, () => undefined));

const threads = new Map<ThreadName, Worker>();
const jobsOf = new Map<number, ThreadName>();

function thread(name: ThreadName): Worker {
  const running = threads.get(name);
  if (running) return running;
  const worker = new Worker(new URL(`./${name}.js`, import.meta.url), { workerData: { folder: import.meta.dirname } });
  threads.set(name, worker);
  worker.on('message', (message: FromCompute) => {
    if ('job' in message && message.kind !== 'progress') jobsOf.delete(message.job);
    send(message);
  });
  worker.on('error', (error: Error) => lose(name, worker, error));
  worker.on('exit', () => lose(name, worker, new Error(`the ${name} thread ended`)));
  return worker;
}

/** A thread that fell over takes its jobs with it; the next job gets a new one. */
function lose(name: ThreadName, worker: Worker, { message, stack }: Error): void {
  if (threads.get(name) !== worker) return;
  threads.delete(name);
  for (const [job, owner] of jobsOf) {
    if (owner !== name) continue;
    jobsOf.delete(job);
    send({ kind: 'failed', job, code: null, message, stack });
  }
}

function hear(message: ToCompute): void {
  if (message.kind === 'start') {
    jobsOf.set(message.job, threadOf[message.name]);
    thread(threadOf[message.name]).postMessage(message);
  } else {
    const owner = jobsOf.get(message.job);
    if (owner) threads.get(owner)?.postMessage(message);
  }
}

// A terminal sends Ctrl-C to every process in it. When to end is the parent's decision: it stops the run with a checkpoint first.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
// A parent that is gone wants no result; leaving the polite way would abort inside a running session.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
if (parentPort) parentPort.on('message', ({ data }) => hear(data));
else process.on('message', (message) => hear(message as ToCompute));
send({ kind: 'ready', pid: process.pid });

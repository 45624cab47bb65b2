/** The main process's side of the compute process: starts it, talks to it, notices its death, and replaces it for the next job. */
import { fork } from 'node:child_process';
import { AppError, appError, isCode } from '../../shared/errors';
import { type ErrorOutput, errorOutput } from './errorOutput';
import type { FromCompute, JobName, Progress, Result, Spec, ToCompute } from './protocol';

/** A started compute process, whatever started it (Node's `fork`, Electron's `utilityProcess`). */
export interface ComputeChild {
  readonly pid: number | undefined;
  send(message: ToCompute): void;
  onMessage(hear: (message: FromCompute) => void): void;
  /** Passes on what it prints as errors. */
  onPrint(hear: (text: string) => void): void;
  /** Calls back once, with why in words, when the process is gone. */
  onExit(hear: (why: string) => void): void;
  /** Ends it at once, mid-step if need be. */
  kill(): void;
}
export type LaunchCompute = (entry: string) => ComputeChild;

export type Outcome<K extends JobName> = { state: 'done'; result: Result<K> } | { state: 'stopped' };
export interface JobOptions<K extends JobName> {
  onProgress?: (progress: Progress<K>) => void;
  /** Aborting asks the job to stop at its next step. */
  signal?: AbortSignal;
}
export interface Compute {
  /**
   * Runs one job. Jobs for the same thread wait for each other.
   * @throws the job's own AppError, or COMPUTE_DIED when the process went away; a new one is started for the next job.
   */
  run<K extends JobName>(name: K, spec: Spec<K>, options?: JobOptions<K>): Promise<Outcome<K>>;
  readonly pid: number | null;
  /** Ends the process if nothing runs on it; the next job starts another. */
  rest(): void;
  /** Ends the process at once; jobs on it fail with COMPUTE_DIED. */
  kill(): void;
  close(): Promise<void>;
}

/** How long a job may take to notice a stop before the process is killed: longer than any step or window. */
const patienceMs = 60_000;

const loadsSessions: ReadonlySet<JobName> = new Set(['train', 'predict', 'look', 'testDevice', 'checkTeacher']);

interface Pending {
  name: JobName;
  progress(progress: Progress<JobName>): void;
  resolve(outcome: Outcome<JobName>): void;
  reject(error: Error): void;
}

/** Starts the process by Node's own `fork`. Structured clone keeps typed arrays and undefined as they are. */
export const forkCompute: LaunchCompute = (entry) => {
  const child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  return {
    pid: child.pid,
    send: (message) => void child.send(message, () => undefined), // a failed send is followed by `exit`, which settles every job
    onMessage: (hear) => void child.on('message', (message) => hear(message as FromCompute)),
    onPrint: (hear) => void child.stderr?.setEncoding('utf8').on('data', hear),
    onExit: (hear) => {
      child.once('exit', (code, signal) => hear(signal ? `signal ${signal}` : `exit code ${code}`));
      child.once('error', (error) => hear(error.message));
    },
    kill: () => void child.kill('SIGKILL'),
  };
};

/** Starts (lazily) and watches the compute process. `entry` is the built `compute.js`. */
export function startCompute(entry: string, launch: LaunchCompute = forkCompute): Compute {
  let child: ComputeChild | null = null;
  let printed: ErrorOutput | null = null;
  let closed = false;
  let lastJob = 0;
  const pending = new Map<number, Pending>();

  function hear(message: FromCompute): void {
    if (message.kind === 'ready') return;
    const job = pending.get(message.job);
    if (!job) throw new Error(`compute: a ${message.kind} came for the unknown job ${message.job}`);
    if (message.kind === 'progress') {
      job.progress(message.progress);
      return;
    }
    pending.delete(message.job);
    if (message.kind === 'failed' && !isCode(message.code)) printed?.broke();
    if (job.name === 'testDevice') printed?.endTrial();
    if (message.kind === 'done') job.resolve({ state: 'done', result: message.result });
    else if (message.kind === 'stopped') job.resolve({ state: 'stopped' });
    else job.reject(errorFrom(message));
    recycleWhenIdle(job.name);
  }

  /** onnxruntime keeps some memory for every session it ever loaded, so a process that did is not reused once idle. */
  function recycleWhenIdle(finished: JobName): void {
    if (loadsSessions.has(finished)) rest();
  }

  function rest(): void {
    if (pending.size > 0) return;
    const old = child;
    child = null;
    old?.kill();
  }

  function start(): ComputeChild {
    const started = launch(entry);
    const output = errorOutput((text) => void process.stderr.write(text));
    printed = output;
    started.onPrint(output.hear);
    started.onMessage((message) => {
      if (child === started) hear(message);
    });
    started.onExit((why) => {
      if (child !== started) return;
      child = null;
      output.broke();
      loseAll(why);
    });
    return started;
  }

  function loseAll(why: string): void {
    const lost = [...pending.values()];
    pending.clear();
    for (const job of lost) job.reject(appError('COMPUTE_DIED', why));
  }

  return {
    get pid() {
      return child?.pid ?? null;
    },
    rest,
    kill() {
      const old = child;
      child = null; // what it still says is not heard, and the next job starts another
      old?.kill();
      loseAll('it was ended');
    },
    run(name, spec, { onProgress, signal } = {}) {
      if (closed) throw new Error('compute: a job was started after close');
      if (signal?.aborted) return Promise.resolve({ state: 'stopped' });
      child ??= start();
      const process = child;
      if (name === 'testDevice') printed?.beginTrial();
      const job = ++lastJob;
      return new Promise((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined;
        const stop = () => {
          process.send({ kind: 'stop', job });
          timer = setTimeout(() => process.kill(), patienceMs);
          timer.unref();
        };
        const settled = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', stop);
        };
        pending.set(job, {
          name,
          progress: (progress) => onProgress?.(progress as never),
          resolve: (outcome) => {
            settled();
            resolve(outcome as never);
          },
          reject: (error) => {
            settled();
            reject(error);
          },
        });
        signal?.addEventListener('abort', stop, { once: true });
        process.send({ kind: 'start', job, name, spec } as ToCompute);
      });
    },
    async close() {
      closed = true;
      const old = child;
      child = null;
      if (!old) return;
      const gone = new Promise<void>((resolve) => old.onExit(() => resolve()));
      old.kill();
      await gone;
      loseAll('the program was closed');
    },
  };
}

function errorFrom({ code, message, stack }: Extract<FromCompute, { kind: 'failed' }>): Error {
  if (isCode(code)) return new AppError(code, message);
  const bug = new Error(message);
  if (stack) bug.stack = stack;
  return bug;
}

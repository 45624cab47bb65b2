/** Prompts on their way to a teacher and back: how far they are, how long the rest takes, and how they are stopped. */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileHash } from '../../../shared/domain';
import { AppError } from '../../../shared/errors';
import type { Events } from '../../../shared/events';
import type { PromptStage } from '../../../shared/prompts';
import type { Teacher } from '../../../shared/teachers';
import type { Compute, Outcome } from '../../compute/host';
import type { Spec } from '../../compute/protocol';

export interface Asking {
  /** @returns `stopped` where `stopAll` came before the answer; else as `Compute.run` */
  run(teacher: Teacher, spec: Spec<'prompt'>): Promise<Outcome<'prompt'>>;
  /** Nothing that was asked before goes on. */
  stopAll(): Promise<void>;
}

/** A stage cannot be left in its middle. One that goes on for longer than this is ended with its process: a new one is there at once. */
const patienceMs = 700;

export function startAsking(compute: Compute, tell: (progress: Events['prompt.progress']) => void): Asking {
  const underWay = new Map<AbortController, Promise<unknown>>();
  /** Seconds of each stage when a teacher was last there. */
  const measured = new Map<string, number>();
  const keyOf = (hash: FileHash, stage: PromptStage) => `${stage} ${hash}`;
  let kills = 0;

  /** Tells of each stage as it begins, and remembers how long the one before took. */
  function follow(teacher: Teacher): { begin(stage: PromptStage): void } {
    let current: { stage: PromptStage; since: number } | null = null;
    return {
      begin(stage) {
        if (current?.stage === stage) return; // a teacher gets ready in two parts
        const now = performance.now();
        if (current) measured.set(keyOf(teacher.file, current.stage), (now - current.since) / 1000);
        current = { stage, since: now };
        tell({ stage, seconds: measured.get(keyOf(teacher.file, stage)) ?? expected(teacher, stage) });
      },
    };
  }

  async function ask(teacher: Teacher, spec: Spec<'prompt'>, signal: AbortSignal): Promise<Outcome<'prompt'>> {
    for (;;) {
      const before = kills;
      const { begin } = follow(teacher);
      try {
        return await compute.run('prompt', spec, { signal, onProgress: ({ stage }) => !signal.aborted && begin(stage) });
      } catch (error) {
        const wasEnded = error instanceof AppError && error.code === 'COMPUTE_DIED' && kills !== before;
        if (!wasEnded) throw error;
        if (signal.aborted) return { state: 'stopped' };
        // It came after the one that was stopped, and only shared its process.
      }
    }
  }

  return {
    async run(teacher, spec) {
      const stopper = new AbortController();
      const answer = ask(teacher, spec, stopper.signal);
      underWay.set(stopper, answer);
      try {
        return await answer;
      } finally {
        underWay.delete(stopper);
      }
    },
    async stopAll() {
      const stopped = [...underWay];
      for (const [stopper] of stopped) stopper.abort();
      const ended = Promise.allSettled(stopped.map(([, answer]) => answer));
      await Promise.race([ended, sleep(patienceMs)]);
      if (!stopped.some(([stopper]) => underWay.has(stopper))) return;
      kills++;
      compute.kill();
      await ended;
    },
  };
}

/** What its check says of this machine, for a teacher that has read no image since the program was started. */
function expected({ checks }: Teacher, stage: PromptStage): number | null {
  if (stage !== 'reading') return null;
  const machine = cpus()[0]?.model.trim();
  return checks.find((check) => check.device === 'cpu' && check.machine === machine)?.seconds ?? null;
}

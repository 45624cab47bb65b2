/** Writes a run's progress down: steps and losses about once a second, checkpoints and validations at once; and tells whoever listens. */
import type { Run } from '../../shared/domain';
import type { Progress } from '../compute/protocol';
import { insertMetrics, type Metric } from '../store/metrics';
import { noteCheckpoint, noteStep, noteStudent } from '../store/runs';
import type { Store, Writer } from '../store/store';
import type { Desk } from './desk';
import { thinned } from './thinned';

export interface RunRecorder {
  hear(progress: Progress<'train'>): void;
  /** Writes what is left. @throws what kept it from writing (a full disk), now or earlier */
  close(): void;
  /** Writes what is left if it can, when the run has failed anyway. */
  abandon(): void;
}
/** Each write is flushed to the disk, so a fast run must not cause one per step. */
const flushMs = 1000;
const announceMs = 250;

/** `giveUp` is called when progress cannot be written down any more: a run that leaves no trace must not go on. */
export function runRecorder(
  { store, announce }: { store: Store } & Pick<Desk, 'announce'>,
  { id: run, settings }: Run,
  giveUp: () => void,
): RunRecorder {
  let waiting: Metric[] = [];
  let step = 0;
  let trouble: unknown = null;
  let news: { sum: number; counted: number; secondsLeft: number; busy: string } | null = null;

  /** A structure that no validation case holds has no score; a curve has no point there. */
  const note = (curve: string, at: number, value: number) => {
    if (Number.isFinite(value)) waiting.push({ curve, step: at, value });
  };

  function write(work: (db: Writer) => void): void {
    if (trouble) return;
    try {
      store.write((db) => {
        if (waiting.length > 0) insertMetrics(db, run, waiting);
        if (step > 0) noteStep(db, run, step);
        work(db);
      });
      waiting = [];
    } catch (error) {
      // This runs inside a message handler: the error waits for `close`.
      trouble = error;
      giveUp();
    }
  }
  const flush = thinned(flushMs, () => write(() => undefined));
  const tell = thinned(announceMs, () => {
    if (!news) return;
    const { sum, counted, secondsLeft, busy } = news;
    announce('run.progress', { run, stage: 'student', step, steps: settings.steps, loss: sum / counted, secondsLeft, busy });
    news = null;
  });

  function finish(): void {
    tell.cancel();
    flush.cancel();
    write(() => undefined);
  }

  return {
    hear(progress) {
      switch (progress.kind) {
        case 'started': {
          const { spec: student, parameters, device } = progress;
          write((db) => noteStudent(db, run, { student, parameters, device }));
          announce('run.changed', { run });
          return;
        }
        case 'steps': {
          step = progress.step;
          for (const [curve, value] of Object.entries(progress.losses)) note(curve, step, value);
          flush.soon();
          const { steps, secondsLeft, busy, losses } = progress;
          news = { sum: (news?.sum ?? 0) + steps * losses.loss, counted: (news?.counted ?? 0) + steps, secondsLeft, busy };
          tell.soon();
          return;
        }
        case 'validation':
          note('validation', progress.step, progress.meanDice);
          for (const [structure, value] of Object.entries(progress.dice)) note(`validation/${structure}`, progress.step, value);
          flush.now();
          announce('run.changed', { run });
          return;
        case 'checkpoint':
          write((db) => noteCheckpoint(db, run, progress.which, progress.checkpoint));
          announce('run.changed', { run });
      }
    },
    close() {
      finish();
      if (trouble) throw trouble;
    },
    abandon: finish,
  };
}

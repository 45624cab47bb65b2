/** Writes a run's progress down: steps and losses about once a second, checkpoints and validations at once; and tells whoever listens. */
import type { PseudoLabelEntry, Run, TrainSettings } from '../../shared/runs';
import type { Scores, Stretch, TrainingStage } from '../compute/jobData';
import type { Progress } from '../compute/protocol';
import { insertMetrics, type Metric } from '../store/metrics';
import { insertMoment } from '../store/moments';
import { insertPseudoLabels } from '../store/pseudoLabels';
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
  let ledger: PseudoLabelEntry[] = [];
  let step = 0;
  let trouble: unknown = null;
  let news: { stage: TrainingStage; step: number; sum: number; counted: number; secondsLeft: number | null; busy: string } | null = null;

  /** A structure that no validation case holds has no score; a curve has no point there. */
  const note = (curve: string, at: number, value: number) => {
    if (Number.isFinite(value)) waiting.push({ curve, step: at, value });
  };

  function noteStretch({ step: at, losses }: Stretch): void {
    for (const [curve, value] of Object.entries(losses)) note(curve, at, value);
  }
  function noteScores({ step: at, meanDice, dice }: { step: number } & Scores): void {
    note('validation', at, meanDice);
    for (const [structure, value] of Object.entries(dice)) note(`validation/${structure}`, at, value);
  }

  function write(work: (db: Writer) => void): void {
    if (trouble) return;
    try {
      store.write((db) => {
        if (waiting.length > 0) insertMetrics(db, run, waiting);
        if (ledger.length > 0) insertPseudoLabels(db, run, ledger);
        if (step > 0) noteStep(db, run, step);
        work(db);
      });
      waiting = [];
      ledger = [];
    } catch (error) {
      // This runs inside a message handler: the error waits for `close`.
      trouble = error;
      giveUp();
    }
  }
  const flush = thinned(flushMs, () => write(() => undefined));
  const tell = thinned(announceMs, () => {
    if (!news) return;
    const { sum, counted, ...heard } = news;
    announce('run.progress', { run, ...heard, steps: stepsOf(settings, heard.stage), loss: sum / counted });
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
          const { stage, steps, secondsLeft, busy, losses } = progress;
          if (stage === 'student') step = progress.step;
          noteStretch(progress);
          flush.soon();
          const before = news?.stage === stage ? news : { sum: 0, counted: 0 };
          const total = losses[stage === 'student' ? 'loss' : 'generator/loss'];
          news = {
            stage,
            step: progress.step,
            sum: before.sum + steps * total,
            counted: before.counted + steps,
            secondsLeft,
            busy,
          };
          tell.soon();
          return;
        }
        case 'recalled':
          progress.stretches.forEach(noteStretch);
          progress.validations.forEach(noteScores);
          flush.now();
          return;
        case 'validation':
          noteScores(progress);
          flush.now();
          announce('run.changed', { run });
          return;
        case 'pseudoLabels':
          ledger.push(...progress.entries);
          flush.soon();
          return;
        case 'moment': {
          const { kind: _moment, ...moment } = progress;
          write((db) => insertMoment(db, { run, ...moment }));
          announce('run.changed', { run });
          return;
        }
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

/** Steps to do in a stage. */
const stepsOf = (settings: TrainSettings, stage: TrainingStage): number =>
  stage === 'generator' && settings.method === 'muduo' ? settings.muduo.generatorSteps : settings.steps;

/** What the core announces to whoever listens. */
import type { Job, RunId } from './domain';
import type { PromptStage } from './prompts';
import type { StudyId } from './studies';

/** Everything the core may announce. Events say what changed; the reader asks again. */
export interface Events {
  'project.changed': Record<never, never>;
  'cases.changed': Record<never, never>;
  'predictions.changed': Record<never, never>;
  'evaluations.changed': Record<never, never>;
  'models.changed': Record<never, never>;
  'teachers.changed': Record<never, never>;
  /** A run's row changed (state, checkpoint, validation). */
  'run.changed': { run: RunId };
  /** Thinned to a few per second. `loss` is the mean since the last message; steps are those of what is trained now, time left of all. */
  'run.progress': {
    run: RunId;
    stage: 'generator' | 'student';
    step: number;
    steps: number;
    loss: number;
    secondsLeft: number | null;
    busy: string;
  };
  /** A study began, ended, or one of its students came further. */
  'study.changed': { study: StudyId };
  'job.changed': { job: Job };
  /** A prompt has come to its next stage, which took `seconds` when this teacher was last there on this machine; null if it never was. */
  'prompt.progress': { stage: PromptStage; seconds: number | null };
}
export type EventName = keyof Events;
export type Announcement = { [K in EventName]: { name: K; data: Events[K] } }[EventName];
export const eventNames: readonly EventName[] = [
  'project.changed',
  'cases.changed',
  'predictions.changed',
  'evaluations.changed',
  'models.changed',
  'teachers.changed',
  'run.changed',
  'run.progress',
  'study.changed',
  'job.changed',
  'prompt.progress',
];

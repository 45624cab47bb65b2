/** How a run's state reads and looks, and what may be done in it. */
import type { Run, RunState } from '../../../shared/runs';

export const stateWords: Record<RunState, { word: string; tone?: 'accent' | 'good' | 'caution' | 'bad' }> = {
  queued: { word: 'queued' },
  running: { word: 'running', tone: 'accent' },
  done: { word: 'done', tone: 'good' },
  stopped: { word: 'stopped', tone: 'caution' },
  interrupted: { word: 'interrupted', tone: 'caution' },
  failed: { word: 'failed', tone: 'bad' },
};

/** `Run 3`, or `Run 3 · wider` when somebody gave it a name of its own. */
export const titleOf = ({ number, name }: Pick<Run, 'number' | 'name'>): string =>
  name === `Run ${number}` || name.trim() === '' ? `Run ${number}` : `Run ${number} · ${name}`;

export const mayStop = ({ state }: Pick<Run, 'state'>): boolean => state === 'queued' || state === 'running';
export const mayResume = ({ state }: Pick<Run, 'state'>): boolean => state === 'stopped' || state === 'interrupted' || state === 'failed';

const urgency: Record<RunState, number> = { running: 0, queued: 1, failed: 2, interrupted: 2, stopped: 2, done: 2 };

/** What runs, then what waits in its order, then what ended, newest first. */
export function inQueueOrder(runs: readonly Run[]): Run[] {
  return [...runs].sort(
    (a, b) => urgency[a.state] - urgency[b.state] || (a.state === 'queued' ? a.number - b.number : b.number - a.number),
  );
}

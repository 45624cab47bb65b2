/** How a study's state reads and looks, and what may be done in it. */
import type { Study, StudyState } from '../../../shared/studies';

export const stateWords: Record<StudyState, { word: string; tone?: 'accent' | 'good' | 'caution' | 'bad' }> = {
  running: { word: 'running', tone: 'accent' },
  interrupted: { word: 'interrupted', tone: 'caution' },
  stopped: { word: 'stopped', tone: 'caution' },
  failed: { word: 'failed', tone: 'bad' },
  done: { word: 'done', tone: 'good' },
};

export const mayResume = ({ state, job }: Pick<Study, 'state' | 'job'>): boolean => job === null && state !== 'done';
export const scored = ({ runs }: Pick<Study, 'runs'>): number => runs.filter(({ state }) => state === 'done').length;

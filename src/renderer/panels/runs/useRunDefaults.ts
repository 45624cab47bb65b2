/** The defaults of a run by each method, for the project's cases and teachers as they are. */
import type { EventName } from '../../../shared/events';
import { type Answer, useAnswer } from '../../answers';
import type { RunDefaults } from './draft';

const events: readonly EventName[] = ['cases.changed', 'run.changed', 'teachers.changed'];

export function useRunDefaults(): Answer<RunDefaults> {
  const supervised = useAnswer('runs.defaults', { method: 'supervised' }, events);
  const meanTeacher = useAnswer('runs.defaults', { method: 'meanTeacher' }, events);
  const muduo = useAnswer('runs.defaults', { method: 'muduo' }, events);
  const all = [supervised, meanTeacher, muduo];
  const isThere = all.every(({ data }) => data !== undefined);
  return {
    data: isThere ? ({ supervised: supervised.data, meanTeacher: meanTeacher.data, muduo: muduo.data } as RunDefaults) : undefined,
    error: all.find(({ error }) => error)?.error,
    isLoading: all.some(({ isLoading }) => isLoading),
    again: () => {
      for (const { again } of all) again();
    },
  };
}

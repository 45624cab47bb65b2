/** Jobs of the core: the list, one of them, and waiting for one to end. */
import { useEffect } from 'react';
import type { Job, JobId } from '../../shared/domain';
import { type Answer, onEvent, useAnswer } from '../answers';
import { ask } from '../api';

export const isOpen = (job: Pick<Job, 'state'>): boolean => job.state === 'queued' || job.state === 'running';

export const useJobs = () => useAnswer('jobs.list', {}, ['job.changed']);

/** One job, or null while there is none to follow. */
export function useJob(job: JobId | null): Answer<Job> {
  useEffect(() => {
    if (job === null) return;
    followed.add(job);
    return () => {
      followed.delete(job);
    };
  }, [job]);
  return useAnswer('jobs.get', job === null ? null : { job }, ['job.changed']);
}

const followed = new Set<JobId>();
/** True while the person looks at this job, so that nobody has to tell how it ended. */
export const isFollowed = (job: JobId): boolean => followed.has(job);

export const stopJob = (job: JobId): Promise<void> => ask('jobs.stop', { job });

/** Resolves when a job has ended, however it ended. Hears announcements first and then asks, so that no ending is missed. */
export function ending(id: JobId): Promise<Job> {
  return new Promise((resolve, reject) => {
    const settle = (job: Job) => {
      if (job.id !== id || isOpen(job)) return;
      stopHearing();
      resolve(job);
    };
    const stopHearing = onEvent('job.changed', ({ job }) => settle(job));
    ask('jobs.get', { job: id }).then(settle, (failure: unknown) => {
      stopHearing();
      reject(failure);
    });
  });
}

/** Jobs: one of a kind at a time, stoppable, and their failure is a sentence. */
import { describe, expect, test, vi } from 'vitest';
import { type JobControl, JobStopped, jobList } from '../../src/main/services/jobs';
import { thinned } from '../../src/main/services/thinned';
import type { Job, JobResult } from '../../src/shared/domain';
import { fail } from '../../src/shared/errors';

const result: JobResult = { kind: 'export', files: ['a'] };
const untilStopped = (control: JobControl) =>
  new Promise<JobResult>((_, reject) => control.signal.addEventListener('abort', () => reject(new JobStopped())));

describe('a job', () => {
  test('ends as done with its result, having said how far it was', async () => {
    const heard: Job[] = [];
    const jobs = jobList((job) => heard.push(job));
    const id = jobs.start({ kind: 'export', title: 'E' }, async (control) => {
      control.progress(0.5, 'half');
      return result;
    });
    await vi.waitUntil(() => jobs.get(id).state === 'done');
    expect(jobs.get(id)).toMatchObject({ kind: 'export', title: 'E', fraction: 1, secondsLeft: null, code: null, result });
    expect(heard.map((job) => job.state)).toEqual(['queued', 'running', 'done']);
  });

  test('that fails keeps the code, the sentence and what it had saved', async () => {
    const jobs = jobList(() => undefined);
    const id = jobs.start({ kind: 'export', title: 'E' }, async (control) => {
      control.keep(result);
      return fail('DISK_FULL', '/there');
    });
    await vi.waitUntil(() => jobs.get(id).state === 'failed');
    expect(jobs.get(id)).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('/there is full'), result });
  });

  test('that hits a bug fails with a sentence, and the log keeps the bug', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const jobs = jobList(() => undefined);
    const id = jobs.start({ kind: 'check', title: 'The check' }, () => Promise.reject(new TypeError('x is not a function')));
    await vi.waitUntil(() => jobs.get(id).state === 'failed');
    expect(jobs.get(id)).toMatchObject({ code: 'JOB_FAILED', message: 'The check failed: x is not a function' });
    expect(log).toHaveBeenCalledWith(expect.any(TypeError));
    log.mockRestore();
  });

  test('waits for another of its kind, and can be stopped while it waits', async () => {
    const jobs = jobList(() => undefined);
    const first = jobs.start({ kind: 'predict', title: '1' }, untilStopped);
    const second = jobs.start({ kind: 'predict', title: '2' }, async () => result);
    const other = jobs.start({ kind: 'export', title: '3' }, async () => result);
    await vi.waitUntil(() => jobs.get(other).state === 'done');
    expect(jobs.get(second).state).toBe('queued');
    jobs.stop(second);
    await vi.waitUntil(() => jobs.get(second).state === 'stopped'); // at once: the first may be waiting for just that
    expect(jobs.get(first).state).toBe('running');
    jobs.stop(first);
    await jobs.stopAll();
    expect(jobs.list().map(({ title, state }) => [title, state])).toEqual([
      ['3', 'done'],
      ['2', 'stopped'],
      ['1', 'stopped'],
    ]);
  });

  test('nobody knows is an expected failure', () => {
    expect(() => jobList(() => undefined).get('00000000-0000-4000-8000-000000000000' as never)).toThrow('There is no job');
  });
});

test('thinned news come at once, then rarely, and the last is never lost', () => {
  vi.useFakeTimers();
  let value = 0;
  const sent: number[] = [];
  const news = thinned(200, () => sent.push(value));
  for (value = 1; value <= 100; value++) {
    news.soon();
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  expect(sent[0]).toBe(1);
  expect(sent.length).toBeLessThanOrEqual(7);
  expect(sent.at(-1)).toBe(100);
  vi.useRealTimers();
});

/** What reports show of cases: which of them, and pictures as they stand inside a page. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from '../../shared/domain';
import { ranges } from '../../shared/teachers';
import type { Spec } from '../compute/protocol';
import type { Store } from '../store/store';
import type { Desk } from './desk';
import { type JobControl, JobStopped } from './jobs';
import { storedCase } from './stored';

export type ReportPicture = Omit<Spec<'pictures'>['items'][number], 'out'>;
export type Place = 'first' | 'middle' | 'last';

/** The first, the middle and the last of what is in order, each once. */
export function telling<T>(ordered: readonly T[]): { one: T; place: Place }[] {
  const picks = [
    { at: 0, place: 'first' },
    { at: Math.floor((ordered.length - 1) / 2), place: 'middle' },
    { at: ordered.length - 1, place: 'last' },
  ] as const;
  return picks
    .filter(({ at }, i) => at in ordered && picks.findIndex((other) => other.at === at) === i)
    .map(({ at, place }) => ({ one: ordered[at], place }));
}

/** CT, where a case has it, as a radiologist looks at soft tissue; anything else from its 5th to its 99.5th percentile. */
export function imageOf(store: Store, one: Case): Pick<ReportPicture, 'image' | 'window'> {
  const { channels } = storedCase(store, one);
  const image = channels.find(({ modality }) => modality === 'CT') ?? channels[0];
  const { modality, statistics } = image;
  const [low, high] = modality === 'CT' ? ranges.softTissue : [statistics.p05, statistics.p995];
  return { image, window: { low, high } };
}

/**
 * Draws pictures, which take most of a report's time.
 * @returns a base64 PNG for each, in their order
 * @throws JobStopped
 */
export async function drawPictures(
  desk: Desk,
  pictures: readonly ReportPicture[],
  colours: Record<number, string>,
  control: JobControl,
): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-report-'));
  try {
    const items = pictures.map((picture, n) => ({ ...picture, out: join(folder, `${n}.png`) }));
    const outcome = await desk.compute.run(
      'pictures',
      { items, colours },
      { signal: control.signal, onProgress: ({ fraction }) => control.progress(0.9 * fraction, 'Drawing pictures') },
    );
    if (outcome.state === 'stopped') throw new JobStopped();
    return await Promise.all(outcome.result.files.map((file) => readFile(file, 'base64')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What several runs would train alike is trained once. A stage that begins fresh depends on nothing but its cases, settings, seed, device and
 * program: the prompt generator of all who are compared with one seed, and the steps on labels alone before unlabelled patches join. Whoever
 * ends such a stage leaves its checkpoint here with all it told; the next one goes on from it, be it to the same step or a later one, and ends with
 * the same weights as if it had not.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { StudentSpec } from '../../../shared/domain';
import { sentenceOf } from '../../../shared/errors';
import type { CommonSettings } from '../../../shared/runs';
import { removeOldest } from '../../files/oldest';
import { readRun, type SavedRun, saveRun } from '../../methods/training/checkpoint';
import type { StretchReport } from '../../methods/training/loop';
import type { StoredCase } from '../jobData';
import type { Spec } from '../protocol';

/** What all of them may take up; those unused longest go first. Each is as large as a checkpoint: 12 MB in the demo, four times as much of the published student. */
const mostBytes = 1e9;

export interface CommonStage {
  settings: CommonSettings;
  spec: StudentSpec;
  studies: readonly StoredCase[];
  /** The step it ends with. */
  until: number;
  /** Seconds that this run spent on stages before it, which another may not have had. */
  secondsBefore: number;
}
export interface CommonStages {
  /** The end of such a stage, or of one that is alike and ends earlier, the last that was kept. */
  take(stage: CommonStage): Promise<SavedRun | null>;
  /** Keeps such an end for others, if the disk takes it: a run does not fail for what it has no need of itself. */
  keep(stage: CommonStage, end: SavedRun, told: readonly StretchReport[]): Promise<void>;
}

/** Where they are kept, and what they depend on beside what each says of itself. */
type Place = Pick<Spec<'train'>, 'common' | 'device' | 'threads' | 'program' | 'structures'>;

export function commonStages({ common, device, threads, program, structures }: Place): CommonStages {
  const nameOf = ({ settings, spec, studies }: CommonStage): string => {
    // What these say changes no weight.
    const { name: _name, checkpointEvery: _often, validateEvery: _seldom, labelledCases: _count, ...own } = settings;
    const seen = studies.map(({ channels, label }) => [...channels.map(({ path }) => path), label?.path]);
    const facts = [program, device, threads, structures, own, spec, seen];
    return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
  };
  const pathOf = (stage: CommonStage, until: number): string => join(common, `${nameOf(stage)}-${until}.safetensors`);
  /** Steps at which stages like this one were kept, the last first. */
  const endsOf = async (stage: CommonStage): Promise<number[]> => {
    const begin = `${nameOf(stage)}-`;
    const names = await readdir(common).catch(() => []); // nothing was ever kept
    return names
      .filter((name) => name.startsWith(begin))
      .map((name) => Number.parseInt(name.slice(begin.length), 10))
      .toSorted((a, b) => b - a);
  };
  return {
    async take(stage) {
      for (const until of (await endsOf(stage)).filter((step) => step <= stage.until)) {
        const path = pathOf(stage, until);
        try {
          const end = await readRun(path);
          if (end.step !== until || !isDeepStrictEqual(end.spec, stage.spec)) continue;
          const now = new Date();
          await utimes(path, now, now);
          return { ...end, trainedSeconds: end.trainedSeconds + stage.secondsBefore };
        } catch {
          await rm(path, { force: true }).catch(() => undefined); // no good: the stage is trained
        }
      }
      return null;
    },
    async keep(stage, end, told) {
      const memory = { ...end.memory, recent: { stretches: [...told], validations: [] } };
      try {
        await mkdir(common, { recursive: true });
        await saveRun(pathOf(stage, stage.until), { ...end, memory, trainedSeconds: end.trainedSeconds - stage.secondsBefore });
        await removeOldest(pathOf(stage, stage.until), mostBytes);
      } catch (error) {
        console.error(`A stage was not kept for other runs: ${sentenceOf(error)}`);
      }
    },
  };
}

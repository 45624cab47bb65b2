/** What a run leaves on disk for others that would train just so. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commonStages } from '../../src/main/compute/training/commonStages';
import { freshMemory } from '../../src/main/methods/training/loop';
import { onLabelsAlone } from '../../src/shared/methods';
import type { CommonSettings } from '../../src/shared/runs';
import { temporaryFolder } from '../folders';
import { settings, student } from '../store/sample';

const stage = { settings: onLabelsAlone<CommonSettings>(settings), spec: student, studies: [], until: 600 };
const kept = () =>
  commonStages({ common: join(temporaryFolder(), 'training'), device: 'cpu', threads: 2, program: 'a program', structures: [] });
const end = { spec: student, step: 600, memory: freshMemory, parameters: new Map(), slots: new Map() };

test('a stage taken over took as long as it took, whatever else its runs had trained before it', async () => {
  const common = kept();
  await common.keep({ ...stage, secondsBefore: 240 }, { ...end, trainedSeconds: 350 }, []); // after a prompt generator of four minutes
  expect(await common.take({ ...stage, secondsBefore: 0 })).toMatchObject({ step: 600, trainedSeconds: 110 });
  expect(await common.take({ ...stage, secondsBefore: 300 })).toMatchObject({ trainedSeconds: 410 });
});

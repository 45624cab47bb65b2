/** What a run by MuDuo will cost: its step, its lesson, the generator before both, and the memory of all who are asked. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeSafetensors } from '../../src/main/checkpoints/safetensors';
import type { PlannedRun } from '../../src/main/compute/jobData';
import { estimate, forecast } from '../../src/main/compute/jobs/forecast';
import type { JobContext } from '../../src/main/compute/protocol';
import { askingOf } from '../../src/main/compute/training/asking';
import { initialParameters } from '../../src/main/networks/network';
import { type SamSpec, samParameters } from '../../src/main/networks/sam/spec';
import { type MuduoSettings, muduoDefaults, onLabelsAlone } from '../../src/shared/methods';
import { random } from '../../src/shared/random';
import type { TeacherId } from '../../src/shared/teachers';
import { temporaryFolder } from '../folders';
import { settings as sample } from '../store/sample';

const context: JobContext<'forecast'> & JobContext<'estimate'> = {
  report: () => undefined,
  stopped: false,
  breathe: () => Promise.resolve(),
};
const side = 32;
const spec: SamSpec = {
  ...{ axes: 3, channels: 1, imageSide: side, patch: 16, width: 12, depth: 1, heads: 2, mlpWidth: 12, window: 2, globalBlocks: [0] },
  ...{ promptWidth: 48, maskWidth: 4, decoder: { depth: 1, heads: 8, mlpWidth: 12 }, qualityWidth: 8, masks: 4 },
};

function planned(changes: Partial<MuduoSettings> = {}): PlannedRun {
  const weights = join(temporaryFolder(), 'teacher.safetensors');
  writeFileSync(weights, encodeSafetensors(initialParameters({ parameters: samParameters(spec) }, random(1))));
  const teacher = { weights, name: 'a teacher', huWindow: null };
  const ids = { ct: 'ct' as TeacherId, pet: 'pet' as TeacherId };
  const muduo = { ...muduoDefaults, teachers: ids, generatorSteps: 40, moments: 0, ...changes };
  return {
    settings: { ...onLabelsAlone(sample), patch: [side, side, side], steps: 100, method: 'muduo', muduo },
    channels: 2,
    structures: 2,
    device: 'cpu',
    teachers: { ct: muduo.teachers.ct && teacher, pet: muduo.teachers.pet && teacher },
  };
}

test('a forecast counts the lesson in every step, and the generator before the first', async () => {
  const both = await forecast({ ...planned(), threads: 1 }, context);
  expect(both.fits).toBe(true);
  const generatorSeconds = (both.totalSeconds - 100 * both.stepSeconds) / 40;
  expect(generatorSeconds).toBeGreaterThan(0);
  expect(generatorSeconds).toBeLessThan(both.stepSeconds);
  const alone = await forecast({ ...planned({ teachers: { ct: 'ct' as TeacherId, pet: null } }), threads: 1 }, context);
  expect(alone.totalSeconds).toBeCloseTo(100 * alone.stepSeconds); // nobody is clicked for
  expect(alone.memoryBytes).toBeLessThan(both.memoryBytes);
});

test('a run that keeps moments takes longer, by what looking at four cases at each of them takes', async () => {
  const beside = { ...planned(), stepSeconds: 0.25 };
  const seconds = async (moments: number) => (await estimate({ ...planned({ moments }), beside }, context)).totalSeconds;
  const [none, one, three] = [await seconds(0), await seconds(1), await seconds(3)];
  expect(one).toBeGreaterThan(none);
  expect(three - none).toBeCloseTo(3 * (one - none));
});

test('asking costs work and memory with every teacher and every unlabelled patch', async () => {
  const [both, alone, more] = [
    await askingOf(planned()),
    await askingOf(planned({ teachers: { ct: null, pet: 'pet' as TeacherId } })),
    await askingOf(planned({ unlabelled: 4 })),
  ];
  expect(alone!.work).toBeLessThan(both!.work);
  expect(more!.work).toBeGreaterThan(1.8 * both!.work);
  expect(both!.weightBytes).toBe(2 * alone!.weightBytes);
  expect(await askingOf({ ...planned(), settings: sample })).toBeNull();
});

test('beside a run that trains, a step by MuDuo takes as much longer as it is more work, teachers included', async () => {
  const run = planned();
  const beside = { ...run, settings: { ...onLabelsAlone(run.settings) }, teachers: { ct: null, pet: null }, stepSeconds: 0.25 };
  const told = await estimate({ ...run, beside }, context);
  expect(told.stepSeconds).toBeGreaterThan(3 * 0.25); // three patches instead of one, and whom it asks
  const same = await estimate({ ...run, beside: { ...run, stepSeconds: told.stepSeconds } }, context);
  expect(same.stepSeconds).toBeCloseTo(told.stepSeconds);
});

/** What a run will cost before it starts, and what is said when memory runs out all the same. */
import { expect, test } from 'vitest';
import { bytesOf, estimate, forecast, memoryError } from '../../src/main/compute/jobs/forecast';
import type { JobContext } from '../../src/main/compute/protocol';
import { partOf } from '../../src/main/compute/stepTime';
import { trainingDefaults } from '../../src/main/services/trainingDefaults';
import { AppError } from '../../src/shared/errors';
import type { CommonSettings, TrainSettings } from '../../src/shared/runs';

const context: JobContext<'forecast'> & JobContext<'estimate'> = {
  report: () => undefined,
  stopped: false,
  breathe: () => Promise.resolve(),
};
const teachers = { ct: null, pet: null };
const settings = (changes: Partial<CommonSettings>): TrainSettings => ({
  ...(trainingDefaults([], 1) as TrainSettings & { method: 'supervised' }),
  width: 4,
  patch: [16, 16, 16],
  ...changes,
});
const ask = (changes: Partial<CommonSettings>) =>
  forecast({ settings: settings(changes), channels: 1, structures: 2, threads: 1, device: 'cpu', teachers }, context);

test('a small run fits, and its time is that of its steps', async () => {
  const small = await ask({ steps: 500 });
  expect(small).toMatchObject({ fits: true, sentence: expect.stringMatching(/^Fits: .+ of .+ GB, about .+ on 1 CPU threads\.$/) });
  expect(small.totalSeconds).toBeCloseTo(500 * small.stepSeconds);
});

test('activations made again need less memory', async () => {
  const [kept, remade] = [await ask({ patch: [64, 64, 64] }), await ask({ patch: [64, 64, 64], recompute: true })];
  expect(remade.memoryBytes).toBeLessThan(kept.memoryBytes - 10e6);
});

test('beside a run that trains, a plan of the same work takes the same time and a larger one more', async () => {
  const planned = (changes: Partial<CommonSettings>) => ({
    settings: settings(changes),
    channels: 1,
    structures: 2,
    device: 'cpu' as const,
    teachers,
  });
  const beside = { ...planned({}), stepSeconds: 0.25 };
  const same = await estimate({ ...planned({ steps: 10 }), beside }, context);
  expect(same.stepSeconds).toBeCloseTo(0.25);
  const larger = await estimate({ ...planned({ patch: [48, 48, 48] }), beside }, context);
  expect(larger.stepSeconds).toBeGreaterThan(1);
});

test('a part of a step has fewer samples first, then fewer slices, then shorter sides, but two values at the coarsest level', () => {
  const whole = { batch: 4, patch: [64, 48, 32] };
  const part = (share: number) => partOf(whole, share, [16, 16, 16]);
  expect(part(1)).toEqual(whole);
  expect(part(0.5)).toEqual({ batch: 2, patch: [64, 48, 32] });
  expect(part(0.125)).toEqual({ batch: 1, patch: [32, 48, 32] });
  expect(part(0.03)).toEqual({ batch: 1, patch: [16, 16, 32] });
  expect(part(0)).toEqual({ batch: 1, patch: [16, 16, 32] });
  expect(partOf({ batch: 4, patch: [16, 16, 16] }, 0, [16, 16, 16])).toEqual({ batch: 2, patch: [16, 16, 16] });
});

test('a run that no machine holds is refused with one that would fit', async () => {
  const huge = await ask({ batch: 32, patch: [256, 256, 256], width: 8 });
  expect(huge.fits).toBe(false);
  expect(huge.sentence).toMatch(/^Needs .+ GB, but .+ GB is free\. A batch of \d+ with patches of \d+×\d+×\d+ would fit\.$/);
});

test('running out of memory becomes a sentence with a smaller plan; other errors stay what they are', () => {
  const cost = { flops: 1, trafficBytes: 1, peakBytes: 900e9, borderBytes: 1 };
  const planned = { settings: settings({ batch: 8, patch: [64, 64, 64] }), channels: 1, structures: 2, device: 'cpu' as const, teachers };
  for (const words of ['std::bad_alloc', 'Failed to allocate memory for requested buffer of size 4096']) {
    const error = memoryError(new Error(words), { cost }, planned);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'PLAN_TOO_LARGE', message: expect.stringContaining('would fit') });
  }
  const other = new Error('the input image is missing');
  expect(memoryError(other, { cost }, planned)).toBe(other);
  expect(bytesOf({ cost })).toBeGreaterThan(900e9);
});

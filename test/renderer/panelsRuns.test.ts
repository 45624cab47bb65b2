/** The run form knows the contract's ranges, and the queue shows first what runs. */
import { describe, expect, test } from 'vitest';
import { advancedFields, basicFields, changedFrom, problemOf, rangeOf } from '../../src/renderer/panels/runs/fields';
import { inQueueOrder, mayResume, mayStop, titleOf } from '../../src/renderer/panels/runs/runStates';
import { addressOf, readPlace } from '../../src/renderer/place';
import { readNumber } from '../../src/renderer/ui/NumberField';
import type { Run, RunState, TrainSettings } from '../../src/shared/runs';
import { commonSettings, trainSettings } from '../../src/shared/schemas';

const defaults: TrainSettings = {
  name: 'Run 1',
  method: 'supervised',
  device: 'cpu',
  recompute: false,
  precision: 'full',
  width: 8,
  patch: [48, 48, 48],
  spacingMm: [5, 5, 5],
  batch: 2,
  steps: 1500,
  rate: 0.03,
  warmupSteps: 50,
  momentum: 0.9,
  weightDecay: 3e-5,
  dropout: 0,
  foreground: 0.67,
  balance: 0.5,
  flips: true,
  intensity: 0.5,
  deformation: 0.3,
  labelledCases: null,
  validationCases: 1,
  validateEvery: 300,
  checkpointEvery: 100,
  seed: 1,
};

describe('the form', () => {
  test('offers every setting of the contract but its name, device and budget of labels, which it shows otherwise', () => {
    const offered = [...basicFields, ...advancedFields].map(({ key }) => key as string);
    expect(offered.toSorted()).toEqual(
      Object.keys(commonSettings.shape)
        .filter((key) => !['name', 'device', 'labelledCases'].includes(key))
        .toSorted(),
    );
  });

  test('takes its ranges from the contract', () => {
    expect(rangeOf('batch')).toEqual({ min: 1, max: 32, step: 1 });
    expect(rangeOf('patch')).toEqual({ min: 16, max: 256, step: 16 });
    expect(rangeOf('spacingMm')).toEqual({ min: 0.1, max: 50, step: null });
    expect(rangeOf('momentum')).toEqual({ min: 0, max: 0.9999, step: null });
  });

  test.each(['batch', 'steps', 'momentum', 'dropout', 'seed', 'width'] as const)('refuses for %s what the contract refuses', (key) => {
    const range = rangeOf(key);
    const values = [range.min - 1, range.min, (range.min + range.max) / 3, range.max, range.max + 1, 0.5, 3];
    const byForm = values.map((value) => problemOf(value, range) === null);
    expect(byForm).toEqual(values.map((value) => trainSettings.safeParse({ ...defaults, [key]: value }).success));
  });

  test('says why a number may not stand', () => {
    expect(problemOf(50, rangeOf('patch'))).toBe('A multiple of 16.');
    expect(problemOf(1.5, rangeOf('batch'))).toBe('A whole number.');
    expect(problemOf(null, rangeOf('batch'))).toBe('Give a number.');
    expect(problemOf(99, rangeOf('batch'))).toBe('Between 1 and 32.');
  });

  test('reads numbers with comma, point or thin spaces', () => {
    expect([readNumber('0,03'), readNumber('1 500'), readNumber('−2'), readNumber(''), readNumber('x')]).toEqual([
      0.03,
      1500,
      -2,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test('names what differs from the defaults, in its own words', () => {
    expect(changedFrom(defaults, { ...defaults, patch: [32, 48, 48], flips: false, name: 'other' })).toEqual([
      { label: 'Patch', value: '32 × 48 × 48 voxels' },
      { label: 'Left–right flips', value: 'off' },
    ]);
  });
});

describe('the queue', () => {
  const run = (number: number, state: RunState) => ({ number, state }) as Run;

  test('shows what runs, then what waits in its order, then what ended, newest first', () => {
    const runs = [run(1, 'done'), run(2, 'failed'), run(3, 'running'), run(5, 'queued'), run(4, 'queued')];
    expect(inQueueOrder(runs).map(({ number }) => number)).toEqual([3, 4, 5, 2, 1]);
  });

  test('offers to stop or to resume a run, never both', () => {
    const states: RunState[] = ['queued', 'running', 'done', 'failed', 'stopped', 'interrupted'];
    expect(states.filter((state) => mayStop({ state }))).toEqual(['queued', 'running']);
    expect(states.filter((state) => mayResume({ state }))).toEqual(['failed', 'stopped', 'interrupted']);
  });

  test('says a name only when it adds something', () => {
    expect([titleOf({ number: 3, name: 'Run 3' }), titleOf({ number: 3, name: 'wider' })]).toEqual(['Run 3', 'Run 3 · wider']);
  });
});

test('an address leads back to its place', () => {
  const place = { panel: 'cases', id: 'a-b', structure: 4 } as const;
  expect(readPlace(addressOf(place))).toEqual(place);
  expect(readPlace('')).toEqual({ panel: 'cases', id: null, structure: null });
  expect(readPlace('#nonsense/x')).toEqual({ panel: 'cases', id: 'x', structure: null });
});

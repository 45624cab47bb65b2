/** Which cases a run sees: never a test case, and the same choice for the same seed. */
import { describe, expect, test } from 'vitest';
import { casesOfRun, chooseCases } from '../../src/main/services/trainingCases';
import { trainingDefaults } from '../../src/main/services/trainingDefaults';
import type { Case, CaseId, FileHash, LabelId, Split } from '../../src/shared/domain';
import type { Grid } from '../../src/shared/geometry';
import { trainSettings } from '../../src/shared/schemas';
import { grid } from '../store/sample';

const statistics = { min: 0, max: 1, mean: 0, std: 1, p005: 0, p05: 0, p50: 0, p95: 1, p995: 1 };

function makeCase(
  name: string,
  split: Split,
  {
    isLabelled = true,
    modality = 'CT' as const,
    on = grid,
    patient = null,
  }: { isLabelled?: boolean; modality?: 'CT' | 'PET'; on?: Grid; patient?: string | null } = {},
): Case {
  const source = { fileName: '', original: '' as never, grid: on, orientation: 'RAS', form: 'sform' as const, warnings: [] };
  return {
    id: `id of ${name}` as CaseId,
    name,
    split,
    patient,
    grid: on,
    channels: [
      {
        id: '' as never,
        position: 0,
        modality,
        unit: modality === 'CT' ? 'HU' : 'SUV',
        dtype: 'int16',
        file: `voxels of ${name}` as FileHash,
        statistics,
        source,
      },
    ],
    label: isLabelled
      ? {
          id: `label of ${name}` as LabelId,
          case: `id of ${name}` as CaseId,
          revision: 1,
          file: '' as never,
          origin: 'import',
          made: null,
          state: 'complete',
          createdAt: '',
          voxels: {},
        }
      : null,
    addedAt: '',
  };
}
const many = (n: number, split: Split) => Array.from({ length: n }, (_, i) => makeCase(`${split} ${String(i).padStart(2, '0')}`, split));
const named = (role: 'training' | 'validation', chosen: ReturnType<typeof chooseCases>) =>
  chosen.filter((one) => one.role === role).map((one) => one.id.slice('id of '.length));

describe('a run', () => {
  test('never sees a test case, whatever is asked of validation', () => {
    const cases = [...many(4, 'train'), ...many(4, 'test'), makeCase('unlabelled', 'train', { isLabelled: false })];
    for (const validationCases of [0, 1, 100]) {
      const chosen = chooseCases(cases, { labelledCases: null, validationCases, seed: 7 });
      expect([...named('training', chosen), ...named('validation', chosen)].sort()).toEqual([
        'train 00',
        'train 01',
        'train 02',
        'train 03',
      ]);
    }
  });

  test('sets the same cases aside for the same seed, others for another, and never the last one', () => {
    const cases = many(20, 'train');
    const draw = (seed: number, of = cases) => named('validation', chooseCases(of, { labelledCases: null, validationCases: 5, seed }));
    expect(draw(1)).toHaveLength(5);
    expect(draw(1, cases.toReversed()).sort()).toEqual(draw(1).sort());
    expect(draw(2).sort()).not.toEqual(draw(1).sort());
    expect(named('training', chooseCases(many(2, 'train'), { labelledCases: null, validationCases: 5, seed: 1 }))).toHaveLength(1);
  });

  test('takes the validation split for validation when it has labels, and sets nothing aside then', () => {
    const chosen = chooseCases([...many(3, 'train'), ...many(2, 'validation')], { labelledCases: null, validationCases: 1, seed: 1 });
    expect(named('training', chosen)).toHaveLength(3);
    expect(named('validation', chosen)).toEqual(['validation 00', 'validation 01']);
  });

  test('without a labelled training case is refused', () => {
    expect(() => chooseCases([...many(3, 'test'), ...many(1, 'validation')], { labelledCases: null, validationCases: 0, seed: 1 })).toThrow(
      'Training needs a labelled case',
    );
  });

  test('with a budget of labels uses the first cases by name, whatever order they come in, and learns from the rest without theirs', () => {
    const cases = [...many(5, 'train'), makeCase('bare', 'train', { isLabelled: false })].toReversed();
    const settings = { ...trainingDefaults(cases, 1, 'meanTeacher'), labelledCases: 2, validationCases: 0 };
    const chosen = casesOfRun(cases, settings).map(({ id, role, label }) => [id, role, label === null]);
    const expected = ['train 00', 'train 01'].map((name) => [`id of ${name}`, 'training', false]);
    const without = ['bare', 'train 02', 'train 03', 'train 04'].map((name) => [`id of ${name}`, 'unlabelled', true]);
    expect(chosen.sort()).toEqual([...expected, ...without].sort());
    const alone = casesOfRun(cases, { ...trainingDefaults(cases, 1), labelledCases: 2, validationCases: 0 });
    expect(alone.map(({ id }) => id).sort()).toEqual(['id of train 00', 'id of train 01']);
    expect(() => casesOfRun(cases, { ...settings, labelledCases: 6 })).toThrow('6 labelled training cases, and there are 5');
  });

  test('never sees a patient it is tested on, with a label or without', () => {
    const settings = { ...trainingDefaults([], 1, 'meanTeacher'), validationCases: 0 };
    const others = [...many(2, 'train'), makeCase('bare', 'train', { isLabelled: false })];
    const tested = makeCase('second visit', 'test', { patient: 'P7' });
    for (const isLabelled of [true, false]) {
      const first = makeCase('first visit', 'train', { isLabelled, patient: 'P7' });
      expect(() => casesOfRun([...others, first, tested], settings)).toThrow(
        'Case first visit is of patient P7, as is second visit, which is a test case',
      );
      expect(casesOfRun([...others, { ...first, patient: 'P8' }, tested], settings)).toHaveLength(4);
      expect(casesOfRun([...others, { ...first, split: 'test' }, tested], settings)).toHaveLength(3);
    }
    const unnamed = [...others, makeCase('one', 'train'), makeCase('other', 'test')];
    expect(casesOfRun(unnamed, settings)).toHaveLength(4); // of whom nobody said anything are not one patient
  });

  test('sets whole patients aside, and never all there are', () => {
    const visits = many(12, 'train').map((one, n) => ({ ...one, patient: n < 8 ? `P${n % 4}` : null }));
    const patientOf = new Map(visits.map(({ name, patient }) => [name, patient]));
    for (let seed = 1; seed <= 20; seed++) {
      const chosen = chooseCases(visits, { labelledCases: null, validationCases: 3, seed });
      const [training, validation] = (['training', 'validation'] as const).map((role) =>
        named(role, chosen).map((name) => patientOf.get(name)),
      );
      expect(validation.length).toBeGreaterThanOrEqual(3);
      expect(validation.filter((patient) => patient !== null && training.includes(patient))).toEqual([]);
    }
    const oneMan = many(3, 'train').map((one) => ({ ...one, patient: 'P1' }));
    expect(named('validation', chooseCases(oneMan, { labelledCases: null, validationCases: 1, seed: 1 }))).toEqual([]);
  });

  test('over cases with differing channels is refused, naming both', () => {
    const cases = [makeCase('a', 'train'), makeCase('b', 'train', { modality: 'PET' })];
    expect(() => chooseCases(cases, { labelledCases: null, validationCases: 0, seed: 1 })).toThrow(
      'Case b has the channels PET (SUV), but the others have CT (HU)',
    );
  });
});

describe('defaults', () => {
  const cube = (size: number, mm: number): Grid => ({
    size: [size, size, 2 * size],
    affine: [mm, 0, 0, 0, 0, mm, 0, 0, 0, 0, mm, 0, 0, 0, 0, 1],
  });
  const on = (...grids: Grid[]) => grids.map((one, i) => makeCase(`c${i}`, 'train', { on: one }));

  test('take the median spacing, and a patch that fits every case in multiples of 16', () => {
    expect(trainingDefaults(on(cube(64, 5), cube(80, 4), cube(64, 5)), 3)).toMatchObject({
      name: 'Run 3',
      spacingMm: [5, 5, 5],
      patch: [48, 48, 48],
    });
    expect(trainingDefaults(on(cube(40, 5)), 1).patch).toEqual([32, 32, 48]);
    expect(trainingDefaults(on(cube(9, 5)), 1).patch).toEqual([16, 16, 16]);
  });

  test('set one case aside for validation only when there are enough labels', () => {
    expect(trainingDefaults(many(9, 'train'), 1).validationCases).toBe(0);
    expect(trainingDefaults(many(10, 'train'), 1).validationCases).toBe(1);
    expect(trainingDefaults([...many(10, 'train'), ...many(1, 'validation')], 1).validationCases).toBe(0);
  });

  test('are within what a run accepts, even for an empty project', () => {
    for (const cases of [[], many(6, 'train'), on(cube(300, 0.01))]) {
      const defaults = trainingDefaults(cases, 1);
      expect(trainSettings.parse(defaults)).toEqual(defaults);
    }
  });
});

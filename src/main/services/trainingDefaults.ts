/** What a run is set to before a person touches it. Every number that is not measured from the project's cases stands here. */
import type { Case } from '../../shared/domain';
import { spacingMm } from '../../shared/geometry';
import { latticeOf, type MethodName, meanTeacherDefaults, muduoDefaults } from '../../shared/methods';
import type { CommonSettings, TrainSettings } from '../../shared/runs';
import { architectureOf, type Teacher } from '../../shared/teachers';
import { labelledTraining } from './trainingCases';

const steps = 1400;

const plain = {
  device: 'auto',
  recompute: false,
  precision: 'full',
  width: 8,
  batch: 1,
  steps,
  rate: 0.05,
  warmupSteps: 50,
  momentum: 0.9,
  weightDecay: 3e-5,
  dropout: 0,
  foreground: 0.67,
  balance: 0.5,
  flips: true,
  intensity: 0.1,
  deformation: 0.1,
  labelledCases: null,
  validateEvery: steps / 5,
  checkpointEvery: 50,
  seed: 1,
} satisfies Partial<CommonSettings>;

const patchSide = 48;
/** The network halves its input four times. */
const sideMultiple = 16;
/** With fewer labels than this, each is worth more for training than for choosing a checkpoint. */
const labelsWorthValidating = 10;

/**
 * Defaults for the open project: spacing and patch from its labelled training cases (from all cases while none is labelled), or those that
 * the method's teachers see.
 */
export function trainingDefaults(
  cases: readonly Case[],
  runNumber: number,
  method: MethodName = 'supervised',
  teachers: readonly Teacher[] = [],
): TrainSettings {
  const common = commonDefaults(cases, runNumber);
  switch (method) {
    case 'supervised':
      return { ...common, method };
    case 'meanTeacher':
      return { ...common, method, meanTeacher: meanTeacherDefaults };
    case 'muduo': {
      const [ct, pet] = (['CT', 'PET'] as const).map((modality) => teachers.find((teacher) => maySee(teacher, modality)));
      const lattice = [ct, pet].map((teacher) => teacher && latticeOf(teacher)).find(Boolean);
      return { ...common, ...lattice, method, muduo: { ...muduoDefaults, teachers: { ct: ct?.id ?? null, pet: pet?.id ?? null } } };
    }
  }
}

/** Whether a teacher may be asked about volumes of a modality. */
const maySee = ({ family, modality, acceptedAt }: Teacher, wanted: 'CT' | 'PET'): boolean =>
  architectureOf[family] === 'sam-3d' && modality === wanted && acceptedAt !== null;

function commonDefaults(cases: readonly Case[], runNumber: number): CommonSettings {
  const labelled = labelledTraining(cases);
  const measured = labelled.length > 0 ? labelled : cases;
  const spacing = perAxis((axis) => round(median(measured.map((one) => spacingMm(one.grid)[axis])) ?? 1));
  const hasValidationSplit = cases.some((one) => one.split === 'validation' && one.label?.state === 'complete');
  return {
    ...plain,
    name: `Run ${runNumber}`,
    spacingMm: spacing,
    patch: perAxis((axis) => clipSide(measured, spacing, axis)),
    validationCases: !hasValidationSplit && labelled.length >= labelsWorthValidating ? 1 : 0,
  };
}

/** The patch's side, no longer than the smallest case is at that spacing, a multiple of 16 and at least 16 (shorter cases are padded). */
function clipSide(cases: readonly Case[], spacing: readonly number[], axis: 0 | 1 | 2): number {
  const extents = cases.map((one) => Math.round((one.grid.size[axis] * spacingMm(one.grid)[axis]) / spacing[axis]));
  const fits = Math.min(patchSide, ...extents);
  return Math.max(sideMultiple, Math.floor(fits / sideMultiple) * sideMultiple);
}

const perAxis = (value: (axis: 0 | 1 | 2) => number): [number, number, number] => [value(0), value(1), value(2)];
/** Within what `runs.start` accepts, to a hundredth of a millimetre. */
const round = (mm: number) => Math.min(50, Math.max(0.1, Math.round(mm * 100) / 100));

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : sorted.length > 0 ? (sorted[middle - 1] + sorted[middle]) / 2 : undefined;
}

/** A case in a few words and one badge. */
import type { Case, Split } from '../../../shared/domain';
import { spacingMm } from '../../../shared/geometry';
import { short } from '../../ui/numbers';

export const splitNames: Record<Split, string> = { train: 'Training', validation: 'Validation', test: 'Test' };

export interface CaseBadge {
  label: string;
  tone?: 'accent' | 'good' | 'caution';
}

/** What most matters about a case: who may see it, then whether it has a label and whether that is complete. */
export function badgeOf({ split, label }: Pick<Case, 'split' | 'label'>): CaseBadge {
  if (split === 'test') return { label: 'Test', tone: 'accent' };
  if (split === 'validation') return { label: 'Validation', tone: 'caution' };
  if (!label) return { label: 'Unlabelled' };
  return label.state === 'complete' ? { label: 'Labelled', tone: 'good' } : { label: 'Draft', tone: 'caution' };
}

/** `64×64×80 · 5 mm`, or `512×512×93 · 0.49×0.49×1.5 mm`. */
export function sizeOf({ grid }: Pick<Case, 'grid'>): string {
  const spacing = spacingMm(grid).map(short);
  const isCube = spacing.every((side) => side === spacing[0]);
  return `${grid.size.join('×')} · ${isCube ? spacing[0] : spacing.join('×')} mm`;
}

/** A sentence where a patient of these cases has test cases and others among all: a run that would see the others is refused. Null where all is well. */
export function acrossTheWall(
  subjects: readonly Pick<Case, 'patient'>[],
  all: readonly Pick<Case, 'name' | 'patient' | 'split'>[],
): string | null {
  for (const { patient } of subjects) {
    const studies = patient === null ? [] : all.filter((one) => one.patient === patient);
    const tested = studies.find(({ split }) => split === 'test');
    const seen = studies.find(({ split }) => split !== 'test');
    if (tested && seen) {
      return `Patient ${patient} is on both sides: ${tested.name} is a test case and ${seen.name} is not. Runs refuse to see ${seen.name} until both are in the test split, or neither.`;
    }
  }
  return null;
}

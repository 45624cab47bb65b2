/** Which teachers suit what is on the screen. */
import type { Modality } from '../../../shared/domain';
import type { PromptTeacher } from './service';

/** True when it was made for such images, or for anything. */
export const suits = ({ modality }: Pick<PromptTeacher, 'modality'>, shown: Modality | undefined): boolean =>
  modality === null || modality === shown;

/** Teachers made for the modality itself first, then those for anything; the others apart, to be used with caution. */
export function bySuit(
  teachers: readonly PromptTeacher[],
  shown: Modality | undefined,
): { suiting: PromptTeacher[]; others: PromptTeacher[] } {
  const suiting = teachers.filter((teacher) => suits(teacher, shown));
  return {
    suiting: suiting.toSorted((a, b) => Number(a.modality === null) - Number(b.modality === null)),
    others: teachers.filter((teacher) => !suits(teacher, shown)),
  };
}

/** The teacher to begin with: the best suited one that may be used. */
export function firstUsable(teachers: readonly PromptTeacher[], shown: Modality | undefined): PromptTeacher | null {
  const { suiting, others } = bySuit(teachers, shown);
  return [...suiting, ...others].find(({ hindrance }) => hindrance === null) ?? null;
}

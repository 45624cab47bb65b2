/** What a run is made of, written down when it begins. */
import type { Case, CaseId, LabelRevision } from '../../shared/domain';
import type { RunRecord } from '../../shared/runs';
import type { RunTeachers } from './runTeachers';

export interface Made {
  /** Version of this program. */
  program: string;
  training: readonly Case[];
  validation: readonly Case[];
  unlabelled: readonly Case[];
  /** The revisions the run sees. */
  labels: ReadonlyMap<CaseId, LabelRevision>;
  teachers: RunTeachers;
}

export function recordFrom({ program, training, validation, unlabelled, labels, teachers }: Made): RunRecord {
  const inRole = (role: RunRecord['cases'][number]['role'], cases: readonly Case[]) =>
    cases.map(({ id, name, channels }) => ({
      case: id,
      name,
      role,
      images: channels.map(({ file }) => file),
      label: labels.get(id)?.file ?? null,
    }));
  return {
    program,
    cases: [...inRole('training', training), ...inRole('validation', validation), ...inRole('unlabelled', unlabelled)],
    teachers: (['ct', 'pet'] as const).flatMap((sees) => {
      const teacher = teachers[sees];
      return teacher ? [{ sees, teacher: teacher.id, name: teacher.name, weights: teacher.file, intensity: teacher.intensity }] : [];
    }),
  };
}

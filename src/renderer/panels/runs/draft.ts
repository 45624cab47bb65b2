/** A run as it stands in the form: the method, and what somebody changed of its defaults. Each method keeps its own while another is looked at. */
import { latticeOf, type MeanTeacherSettings, type MethodName, type MuduoSettings } from '../../../shared/methods';
import type { CommonSettings, TrainSettings } from '../../../shared/runs';
import { architectureOf, type Teacher } from '../../../shared/teachers';

type ByMethod<Method extends MethodName> = Extract<TrainSettings, { method: Method }>;
export type RunDefaults = { [Method in MethodName]: ByMethod<Method> };

export interface Draft {
  method: MethodName;
  common: Partial<CommonSettings>;
  meanTeacher: Partial<MeanTeacherSettings>;
  muduo: Partial<MuduoSettings>;
}
export const freshDraft = (method: MethodName = 'supervised'): Draft => ({ method, common: {}, meanTeacher: {}, muduo: {} });

/** What the run would be started with. */
export function settingsOf({ method, common, meanTeacher, muduo }: Draft, defaults: RunDefaults): TrainSettings {
  switch (method) {
    case 'supervised':
      return { ...defaults.supervised, ...common };
    case 'meanTeacher':
      return { ...defaults.meanTeacher, ...common, meanTeacher: { ...defaults.meanTeacher.meanTeacher, ...meanTeacher } };
    case 'muduo':
      return { ...defaults.muduo, ...common, muduo: { ...defaults.muduo.muduo, ...muduo } };
  }
}

/** Takes another teacher, or none; the student then sees what it sees. */
export function withTeacher(draft: Draft, defaults: RunDefaults, side: 'ct' | 'pet', teacher: Teacher | null): Draft {
  const before = draft.muduo.teachers ?? defaults.muduo.muduo.teachers;
  const lattice = teacher ? latticeOf(teacher) : null;
  return {
    ...draft,
    common: { ...draft.common, ...lattice },
    muduo: { ...draft.muduo, teachers: { ...before, [side]: teacher?.id ?? null } },
  };
}

/** Teachers that MuDuo could ask about a modality, accepted or not. */
export const teachersFor = (teachers: readonly Teacher[], modality: 'CT' | 'PET'): Teacher[] =>
  teachers.filter((teacher) => architectureOf[teacher.family] === 'sam-3d' && (teacher.modality ?? modality) === modality);

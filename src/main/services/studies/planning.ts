/** From what somebody plans to what is trained: nothing left open, and everything checked before the first student begins. */
import type { Case } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import { latticeOf, muduoDefaults, onLabelsAlone } from '../../../shared/methods';
import type { CommonSettings, TrainSettings } from '../../../shared/runs';
import type { PlannedConfiguration, StudyConfiguration, StudyPlan } from '../../../shared/studies';
import type { Teacher } from '../../../shared/teachers';
import { listCases } from '../../store/cases';
import type { Store } from '../../store/store';
import { listTeachers } from '../../store/teachers';
import { teachersOfRun } from '../runTeachers';
import { casesOfRun, labelledTraining } from '../trainingCases';
import { trainingDefaults } from '../trainingDefaults';

/**
 * Configurations with all their settings, and budgets as numbers. All students are of the same build and see the same patches: those that the
 * teachers see, where any configuration asks one.
 * @throws STUDY_NEEDS_TEST, BAD_INPUT, and what starting a run throws
 */
export function completePlan(store: Store, plan: StudyPlan): { configurations: StudyConfiguration[]; budgets: number[] } {
  const cases = listCases(store.read);
  if (testCases(cases).length === 0) fail('STUDY_NEEDS_TEST');
  const shared = { ...sharedSettings(plan, cases, listTeachers(store.read)), ...plan.settings };
  const teachers = trainingDefaults(cases, 1, 'muduo', listTeachers(store.read));
  const configurations = plan.configurations.map((planned) => ({
    name: planned.name,
    settings: settingsOf({ ...shared, ...planned.settings, name: planned.name }, planned, teachers),
  }));
  const budgets = [...new Set(plan.budgets.map((budget) => budget ?? Math.max(1, labelledTraining(cases).length)))];
  for (const { name, settings } of configurations) {
    if (settings.method === 'muduo' && !settings.muduo.teachers.ct && !settings.muduo.teachers.pet) {
      fail('BAD_INPUT', `${name} needs a teacher for CT, one for PET, or both, and the project has none that may be asked`);
    }
    for (const labelledCases of budgets) {
      const [first] = casesOfRun(cases, { ...settings, labelledCases });
      teachersOfRun(store, settings, cases.find(({ id }) => id === first.id)!);
    }
  }
  return { configurations, budgets };
}

/** What students are scored on: test cases whose reference is complete. */
export const testCases = (cases: readonly Case[]): Case[] =>
  cases.filter(({ split, label }) => split === 'test' && label?.state === 'complete');

function sharedSettings({ configurations }: StudyPlan, cases: readonly Case[], teachers: readonly Teacher[]): CommonSettings {
  const asking = configurations.filter((one) => one.method === 'muduo');
  const named = asking.flatMap(({ muduo }) => [muduo.teachers.ct, muduo.teachers.pet]).find(Boolean);
  const teacher = teachers.find(({ id }) => id === named);
  const defaults = trainingDefaults(cases, 1, asking.length > 0 ? 'muduo' : 'supervised', teachers);
  const { method: _method, ...common } = onLabelsAlone<CommonSettings>(defaults);
  return { ...common, ...(teacher && latticeOf(teacher)) };
}

function settingsOf(common: CommonSettings, planned: PlannedConfiguration, defaults: TrainSettings): TrainSettings {
  switch (planned.method) {
    case 'supervised':
      return { ...common, method: planned.method };
    case 'meanTeacher':
      return { ...common, method: planned.method, meanTeacher: planned.meanTeacher };
    case 'muduo': {
      const nobody = { ct: null, pet: null };
      const teachers = { ...(defaults.method === 'muduo' ? defaults.muduo.teachers : nobody), ...planned.muduo.teachers };
      return { ...common, method: planned.method, muduo: { ...muduoDefaults, ...planned.muduo, teachers } };
    }
  }
}

/** A study as it stands in the form: which configurations, seeds and budgets somebody chose, and the plan they make. */
import type { Input } from '../../../shared/contract';

export type PlanInput = Input<'studies.create'>['plan'];
type Configuration = PlanInput['configurations'][number];

/** What may be compared, in the order of the form: the first one chosen is what the others are compared with. */
export const offered = [
  { key: 'labels', name: 'Labels only', hint: 'Learns from labels alone.' },
  { key: 'meanTeacher', name: 'Mean teacher', hint: 'Also agrees with its own running average on cases without a label.' },
  { key: 'muduo', name: 'MuDuo', hint: 'Also learns what a CT and a PET teacher agree on.' },
  { key: 'ct', name: 'CT teacher only', hint: 'MuDuo without the PET teacher.' },
  { key: 'pet', name: 'PET teacher only', hint: 'MuDuo without the CT teacher.' },
  { key: 'noFilter', name: 'No filter', hint: 'MuDuo that learns all masks of its teachers.' },
  { key: 'threshold', name: 'Fixed threshold', hint: 'MuDuo that learns masks with an agreement of at least 0.5.' },
  { key: 'oneClick', name: 'K = 1', hint: 'MuDuo with a single click per structure for the PET teacher.' },
] as const;
export type Offered = (typeof offered)[number]['key'];

export interface StudyDraft {
  name: string;
  chosen: ReadonlySet<Offered>;
  /** As typed: `1, 2, 3`. */
  seeds: string;
  /** As typed: `5, 10, all`. */
  budgets: string;
  steps: number;
  /** What agreeing on unlabelled patches weighs at its end. */
  consistency: number;
}

/** Whole numbers apart by commas or spaces; null where something else stands between. */
export function readSeeds(typed: string): number[] | null {
  const seeds = words(typed).map((word) => (/^\d+$/.test(word) ? Number(word) : null));
  return seeds.length > 0 && new Set(seeds).size === seeds.length && !seeds.includes(null) ? (seeds as number[]) : null;
}

/** The same, with `all` for every labelled case. */
export function readBudgets(typed: string): (number | null)[] | null {
  const budgets = words(typed).map((word) => (word.toLowerCase() === 'all' ? null : /^[1-9]\d*$/.test(word) ? Number(word) : undefined));
  return budgets.length > 0 && new Set(budgets).size === budgets.length && !budgets.includes(undefined)
    ? (budgets as (number | null)[])
    : null;
}
const words = (typed: string): string[] => typed.split(/[\s,;]+/).filter(Boolean);

/** Why the form cannot be sent yet, or null. */
export function problemOf({ name, chosen, seeds, budgets }: StudyDraft): string | null {
  if (name.trim() === '') return 'Give the study a name.';
  if (chosen.size === 0) return 'Choose at least one configuration.';
  if (readSeeds(seeds) === null) return 'Seeds are whole numbers, each once: 1, 2, 3.';
  if (readBudgets(budgets) === null) return 'Labelled cases are whole numbers or “all”, each once: 5, all.';
  return null;
}

/** @param draft without a problem */
export function planOf({ name, chosen, seeds, budgets, steps, consistency }: StudyDraft): PlanInput {
  return {
    name: name.trim(),
    configurations: offered.filter(({ key }) => chosen.has(key)).map(({ key, name: called }) => configurationOf(key, called, consistency)),
    seeds: readSeeds(seeds)!,
    budgets: readBudgets(budgets)!,
    settings: { steps },
  };
}

export const studentsOf = (draft: StudyDraft): number =>
  problemOf(draft) === null ? draft.chosen.size * readSeeds(draft.seeds)!.length * readBudgets(draft.budgets)!.length : 0;

function configurationOf(key: Offered, name: string, consistency: number): Configuration {
  switch (key) {
    case 'labels':
      return { name, method: 'supervised' };
    case 'meanTeacher':
      return { name, method: 'meanTeacher', meanTeacher: { consistency } };
    case 'muduo':
      return { name, method: 'muduo', muduo: { consistency } };
    case 'ct':
      return { name, method: 'muduo', muduo: { consistency, teachers: { pet: null } } };
    case 'pet':
      return { name, method: 'muduo', muduo: { consistency, teachers: { ct: null } } };
    case 'noFilter':
      return { name, method: 'muduo', muduo: { consistency, filter: 'none' } };
    case 'threshold':
      return { name, method: 'muduo', muduo: { consistency, filter: { agreementAtLeast: 0.5 } } };
    case 'oneClick':
      return { name, method: 'muduo', muduo: { consistency, clicks: 1 } };
  }
}

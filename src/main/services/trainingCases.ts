/** Which cases a run may see: test cases are left out when it starts, and refused if they turn up later. */
import type { Case, CaseId, LabelId, TrainSettings } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { random } from '../../shared/random';

export interface RunCase {
  id: CaseId;
  role: 'training' | 'validation';
  label: LabelId;
}
type Labelled = Case & { label: NonNullable<Case['label']> };

/** A draft does not count: structures that are only missing would be learnt as background. */
const isLabelled = (one: Case): one is Labelled => one.label?.state === 'complete';
export const channelsOf = (one: Case): string => one.channels.map((channel) => `${channel.modality} (${channel.unit})`).join(', ');

/** Labelled cases of the training split: what a student learns from, and what defaults are taken from. */
export const labelledTraining = (cases: readonly Case[]): Labelled[] => cases.filter((one) => one.split === 'train').filter(isLabelled);

/**
 * Labelled cases of the training split train; labelled cases of the validation split choose the best checkpoint. If that split has none,
 * `validationCases` training cases are set aside, the same ones for the same seed, and never the last one.
 * @throws RUN_NEEDS_LABELS, RUN_CHANNELS_DIFFER
 */
export function chooseCases(cases: readonly Case[], { validationCases, seed }: Pick<TrainSettings, 'validationCases' | 'seed'>): RunCase[] {
  const labelled = labelledTraining(cases);
  const given = cases.filter((one) => one.split === 'validation').filter(isLabelled);
  if (labelled.length === 0) fail('RUN_NEEDS_LABELS', cases.filter((one) => one.split === 'train' && one.label).length);
  for (const one of [...labelled, ...given]) {
    const [expected, came] = [channelsOf(labelled[0]), channelsOf(one)];
    if (came !== expected) fail('RUN_CHANNELS_DIFFER', one.name, expected, came);
  }
  const setAside = given.length > 0 ? 0 : Math.min(validationCases, labelled.length - 1);
  const drawn =
    setAside === 0
      ? new Set<CaseId>()
      : new Set(
          shuffled(labelled, seed)
            .slice(0, setAside)
            .map((one) => one.id),
        );
  const role = (one: Case) => (drawn.has(one.id) || one.split === 'validation' ? 'validation' : 'training');
  return [...labelled, ...given].map((one) => ({ id: one.id, role: role(one), label: one.label.id }));
}

/** A case may have become a test case while its run waited or stood still. @throws RUN_TEST_CASE */
export function refuseTestCases(cases: readonly Case[]): void {
  const test = cases.find((one) => one.split === 'test');
  if (test) fail('RUN_TEST_CASE', test.name);
}

/** Orders cases by chance that depends on seed and names alone: ids differ between two imports of the same data, names do not. */
function shuffled<T extends { name: string }>(cases: readonly T[], seed: number): T[] {
  const order = cases.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const stream = random(seed).fork('validation cases');
  for (let last = order.length - 1; last > 0; last--) {
    const other = stream.integer(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** Which cases a run may see: test cases, and copies of them, are left out when it starts, and refused if they turn up later. */
import type { Case, CaseId, LabelId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { unlabelledSettings } from '../../shared/methods';
import { random } from '../../shared/random';
import type { TrainSettings } from '../../shared/runs';

export interface RunCase {
  id: CaseId;
  role: 'training' | 'validation' | 'unlabelled';
  /** Null exactly for an unlabelled one. */
  label: LabelId | null;
}
type Labelled = Case & { label: NonNullable<Case['label']> };

/** A draft does not count: structures that are only missing would be learnt as background. */
const isLabelled = (one: Case): one is Labelled => one.label?.state === 'complete';
export const channelsOf = (one: Case): string => one.channels.map((channel) => `${channel.modality} (${channel.unit})`).join(', ');

/** Labelled cases of the training split: what a student learns from, and what defaults are taken from. */
export const labelledTraining = (cases: readonly Case[]): Labelled[] => cases.filter((one) => one.split === 'train').filter(isLabelled);

/**
 * Those of them that a run uses: the first `labelledCases` by name, so that a smaller budget is always part of a larger one.
 * @throws RUN_LABEL_BUDGET
 */
function withinBudget(labelled: readonly Labelled[], budget: number | null): Labelled[] {
  if (budget === null) return [...labelled];
  if (budget > labelled.length) fail('RUN_LABEL_BUDGET', budget, labelled.length);
  return labelled.toSorted((a, b) => (a.name < b.name ? -1 : 1)).slice(0, budget);
}

/**
 * Cases to set aside for validation: `count` of them and, with each, all others of its patient, drawn by chance that depends on seed and names alone. Never
 * all there are.
 */
function setAside(labelled: readonly Labelled[], count: number, seed: number): Set<CaseId> {
  const drawn = new Set<CaseId>();
  for (const { patient, id } of shuffled(labelled, seed)) {
    const together = patient === null ? [id] : labelled.filter((one) => one.patient === patient).map((one) => one.id);
    if (drawn.size >= count) break;
    if (new Set([...drawn, ...together]).size < labelled.length) for (const one of together) drawn.add(one);
  }
  return drawn;
}

/**
 * Labelled cases of the training split train; labelled cases of the validation split choose the best checkpoint. If that split has none,
 * `validationCases` training cases are set aside, whole patients at a time, the same ones for the same seed, and never the last one.
 * @throws RUN_NEEDS_LABELS, RUN_LABEL_BUDGET, RUN_CHANNELS_DIFFER
 */
export function chooseCases(
  cases: readonly Case[],
  { labelledCases, validationCases, seed }: Pick<TrainSettings, 'labelledCases' | 'validationCases' | 'seed'>,
): RunCase[] {
  const there = labelledTraining(cases);
  if (there.length === 0) fail('RUN_NEEDS_LABELS', cases.filter((one) => one.split === 'train' && one.label).length);
  const labelled = withinBudget(there, labelledCases);
  const given = cases.filter((one) => one.split === 'validation').filter(isLabelled);
  for (const one of [...labelled, ...given]) {
    const [expected, came] = [channelsOf(labelled[0]), channelsOf(one)];
    if (came !== expected) fail('RUN_CHANNELS_DIFFER', one.name, expected, came);
  }
  const drawn = given.length > 0 ? new Set<CaseId>() : setAside(labelled, validationCases, seed);
  const role = (one: Case) => (drawn.has(one.id) || one.split === 'validation' ? 'validation' : 'training');
  return [...labelled, ...given].map((one) => ({ id: one.id, role: role(one), label: one.label.id }));
}

/**
 * All cases of a run: those `chooseCases` says, and for a method that learns without labels, the cases of the training split that have no
 * complete one, or one beyond the run's budget of labels.
 * @throws RUN_NEEDS_LABELS, RUN_LABEL_BUDGET, RUN_CHANNELS_DIFFER, RUN_NEEDS_UNLABELLED, RUN_TEST_VOXELS, RUN_TEST_PATIENT
 */
export function casesOfRun(cases: readonly Case[], settings: TrainSettings): RunCase[] {
  const labelled = chooseCases(cases, settings);
  const withLabel = new Set(labelled.map(({ id }) => id));
  const unlabelled = unlabelledSettings(settings) ? cases.filter((one) => one.split === 'train' && !withLabel.has(one.id)) : [];
  if (unlabelledSettings(settings) && unlabelled.length === 0) fail('RUN_NEEDS_UNLABELLED');
  const expected = channelsOf(labelledTraining(cases)[0]);
  const odd = unlabelled.find((one) => channelsOf(one) !== expected);
  if (odd) fail('RUN_CHANNELS_DIFFER', odd.name, expected, channelsOf(odd));
  const chosen: RunCase[] = [...labelled, ...unlabelled.map(({ id }) => ({ id, role: 'unlabelled' as const, label: null }))];
  const ids = new Set(chosen.map(({ id }) => id));
  refuseTested(
    cases.filter(({ id }) => ids.has(id)),
    cases,
  );
  return chosen;
}

/** A case may have become a test case while its run waited or stood still. @throws RUN_TEST_CASE, RUN_TEST_VOXELS, RUN_TEST_PATIENT */
export function refuseTestCases(used: readonly Case[], all: readonly Case[]): void {
  const test = used.find((one) => one.split === 'test');
  if (test) fail('RUN_TEST_CASE', test.name);
  refuseTested(used, all);
}

/** A copy of a test case under another name is a test case, by the hash of its voxels; and another study of a patient shows much of what the tested one does. */
function refuseTested(used: readonly Case[], all: readonly Case[]): void {
  const test = all.filter((one) => one.split === 'test');
  const named = new Map(test.flatMap((one) => one.channels.map(({ file }) => [file, one.name] as const)));
  const tested = new Map(test.flatMap(({ name, patient }) => (patient === null ? [] : [[patient, name] as const])));
  for (const { name, channels, patient } of used) {
    const copied = channels.find(({ file }) => named.has(file));
    if (copied) fail('RUN_TEST_VOXELS', name, named.get(copied.file) as string);
    const other = patient === null ? undefined : tested.get(patient);
    if (other !== undefined) fail('RUN_TEST_PATIENT', name, patient as string, other);
  }
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

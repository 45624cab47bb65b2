/** Which moment the room shows, and what of it is compared. */
import { expect, test } from 'vitest';
import { masksOfMoment, momentsFor, pairToCompare } from '../../src/renderer/panels/cases/moments';
import type { CaseId, FileHash, LabelRevision, RunId } from '../../src/shared/domain';
import type { Moment, MomentSource } from '../../src/shared/ledger';
import type { Run } from '../../src/shared/runs';

const moment = (run: string, step: number, masks: Partial<Record<MomentSource, string>> = { student: 's' }): Moment => ({
  run: run as RunId,
  case: 'c' as CaseId,
  step,
  masks: { student: null, ct: null, pet: null, agreed: null, ...(masks as Partial<Moment['masks']>) },
});
const runs = [
  { id: 'new', number: 2, name: 'Run 2' },
  { id: 'old', number: 1, name: 'wider' },
] as Run[];
const moments = [moment('new', 10), moment('new', 20), moment('old', 5), moment('old', 15)];
const chosen = (run: string, step: number | null) => momentsFor(moments, runs, { run: run as RunId, step });

test('nothing is shown before somebody chooses, and the newest run is offered', () => {
  const { runs: offered, ofRun, shown } = momentsFor(moments, runs, null);
  expect(offered.map(({ title }) => title)).toEqual(['Run 2', 'Run 1 · wider']);
  expect([ofRun.map(({ step }) => step), shown]).toEqual([[10, 20], null]);
});

test('a test case that the teachers were asked about shows what they saw, until somebody wants the models', () => {
  expect(momentsFor(moments, runs, undefined, true).shown).toMatchObject({ run: 'new', step: 20 });
  expect(momentsFor(moments, runs, null, true).shown).toBe(null);
  expect(momentsFor(moments, runs, undefined, false).shown).toBe(null);
});

test('students of other runs stand beside the moment’s own, with a line of their own', () => {
  const other = { id: 'p', kind: 'student', caption: 'Student · Labels only', file: 'f' as FileHash } as const;
  const label = { id: 'l', state: 'complete', file: 'r' as FileHash } as unknown as LabelRevision;
  const masks = masksOfMoment(moment('new', 20, { student: 's', ct: 'c' }), { label }, 'MuDuo', [other]);
  expect(masks.map(({ id, kind }) => `${id}: ${kind}`)).toEqual([
    'l: reference',
    'moment student: student',
    'p: second-student', // another line than the moment's own
    'moment ct: teacher-ct',
  ]);
});

test('a run without a step shows its newest moment, with one the nearest', () => {
  expect(chosen('old', null).shown?.step).toBe(15);
  expect(chosen('old', 6).shown?.step).toBe(5);
  expect(chosen('new', 1000).shown?.step).toBe(20);
});

test('a run that did not look at this case shows nothing of another', () => {
  expect(chosen('elsewhere', null).shown).toBe(null);
});

test('student and teachers keep their ids while one scrubs, and a draft is no reference', () => {
  const label = { id: 'l', file: 'f', state: 'draft' } as unknown as LabelRevision;
  const whole = { student: 's1', ct: 'c1', pet: 'p1', agreed: 'a1' };
  const early = masksOfMoment(moment('new', 10, whole), { label }, 'MuDuo');
  const late = masksOfMoment(moment('new', 1200, { ...whole, student: 's2' }), { label }, 'MuDuo');
  expect(early.map(({ id }) => id)).toEqual(late.map(({ id }) => id));
  expect(late.map(({ kind, caption }) => [kind, caption])).toEqual([
    ['reference', 'Label · draft'],
    ['student', 'Student · MuDuo, step 1\u202f200'],
    ['teacher-ct', 'CT teacher · step 1\u202f200'],
    ['teacher-pet', 'PET teacher · step 1\u202f200'],
    ['agreed', 'Both teachers · step 1\u202f200'],
  ]);
});

test('a place to look is where the teachers differ; without both, where the first two masks do', () => {
  const both = masksOfMoment(moment('new', 10, { student: 's', ct: 'c', pet: 'p', agreed: 'a' }), { label: null }, 'MuDuo');
  expect(pairToCompare(both).map((mask) => mask?.file)).toEqual(['c', 'p'] as unknown as FileHash[]);
  const one = masksOfMoment(moment('new', 10, { student: 's', ct: 'c' }), { label: null }, 'MuDuo');
  expect(pairToCompare(one).map((mask) => mask?.file)).toEqual(['s', 'c'] as unknown as FileHash[]);
});

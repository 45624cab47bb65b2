/** Which moment of which run the room shows in place of the models' masks: chosen once, kept from case to case. */
import type { Case, RunId } from '../../../shared/domain';
import type { Moment } from '../../../shared/ledger';
import type { Run } from '../../../shared/runs';
import { useAnswer } from '../../answers';
import { whole } from '../../ui/numbers';
import { shared } from '../../ui/shared';
import type { MaskSource } from '../../viewer/sources';
import { titleOf } from '../runs/runStates';

/** A run, and the step to show; null is its newest moment. */
export interface MomentChoice {
  run: RunId;
  step: number | null;
}
/** Null leaves the room to the models; undefined as long as nobody chose. */
export const momentChoice = shared<MomentChoice | null | undefined>(undefined);

export interface Moments {
  /** Runs that looked at this case, newest first. */
  runs: { id: RunId; title: string; name: string }[];
  /** The moments of the chosen run, or of the newest one, in the order of steps. */
  ofRun: Moment[];
  /** The one that is shown; null where the room shows the models' masks. */
  shown: Moment | null;
}

/** The moments of a case, or undefined until they are known and where there are none. */
export function useMoments({ id, split }: Case): Moments | undefined {
  const choice = momentChoice.use();
  const { data: moments } = useAnswer('ledger.moments', { case: id }, ['run.changed']);
  const { data: runs } = useAnswer('runs.list', {}, ['run.changed']);
  return moments && runs && moments.length > 0 ? momentsFor(moments, runs, choice, split === 'test') : undefined;
}

/**
 * @param isTested of a test case that somebody had the teachers look at, students and teachers are shown side by side unless the person chose; how an
 * unlabelled case looked as a run went on is there when it is asked for
 */
export function momentsFor(
  moments: readonly Moment[],
  runs: readonly Run[],
  chosen: MomentChoice | null | undefined,
  isTested = false,
): Moments {
  const choice = chosen === undefined && isTested ? { run: moments[0].run, step: null } : (chosen ?? null);
  const ids = [...new Set(moments.map(({ run }) => run))];
  const titled = ids.map((id) => {
    const run = runs.find((one) => one.id === id) ?? { number: 0, name: 'a run' };
    return { id, title: titleOf(run), name: run.name };
  });
  const ofChosen = moments.filter(({ run }) => run === choice?.run);
  const ofRun = ofChosen.length > 0 ? ofChosen : moments.filter(({ run }) => run === ids[0]);
  return { runs: titled, ofRun, shown: ofChosen.length > 0 && choice ? nearest(ofChosen, choice.step) : null };
}

/** Moments of two cases may differ by a step where a run still goes on: the nearest one is meant. */
const nearest = (moments: readonly Moment[], step: number | null): Moment | null =>
  step === null
    ? (moments.at(-1) ?? null)
    : moments.reduce((best, one) => (Math.abs(one.step - step) < Math.abs(best.step - step) ? one : best));

/**
 * What the room compares at a moment: the label, if there is one, the student, students of other runs, the teachers, and what these agreed on. Ids
 * stay while one scrubs.
 * @param name of the run that the moment belongs to
 */
export function masksOfMoment(
  { step, masks }: Moment,
  { label }: Pick<Case, 'label'>,
  name: string,
  others: readonly MaskSource[] = [],
): MaskSource[] {
  const reference: MaskSource[] = label ? [{ id: label.id, kind: 'reference', caption: referenceWords(label), file: label.file }] : [];
  const at = `step ${whole(step)}`;
  return [
    ...reference,
    ...(masks.student
      ? [{ id: 'moment student', kind: 'student', caption: `Student · ${name}, ${at}`, file: masks.student } as const]
      : []),
    // The moment's own student is the one that the others are compared with.
    ...others.map((other) => (masks.student ? { ...other, kind: 'second-student' as const } : other)),
    ...(masks.ct ? [{ id: 'moment ct', kind: 'teacher-ct', caption: `CT teacher · ${at}`, file: masks.ct } as const] : []),
    ...(masks.pet ? [{ id: 'moment pet', kind: 'teacher-pet', caption: `PET teacher · ${at}`, file: masks.pet } as const] : []),
    ...(masks.agreed ? [{ id: 'moment agreed', kind: 'agreed', caption: `Both teachers · ${at}`, file: masks.agreed } as const] : []),
  ];
}
const referenceWords = ({ state }: NonNullable<Case['label']>): string => (state === 'draft' ? 'Label · draft' : 'Reference');

/** The two masks whose difference about a structure is worth a look: the teachers', else the first two there are. */
export function pairToCompare(masks: readonly MaskSource[]): [MaskSource | undefined, MaskSource | undefined] {
  const teachers = masks.filter(({ kind }) => kind === 'teacher-ct' || kind === 'teacher-pet');
  return teachers.length === 2 ? [teachers[0], teachers[1]] : [masks[0], masks[1]];
}

/** Lets a finished run's student and teachers look at cases, and scores what each of them saw where there is a reference. */
import { availableParallelism } from 'node:os';
import type { Handlers } from '../../shared/contract';
import { counted } from '../../shared/counts';
import type { Case, CaseId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { type LookScore, type MomentSource, momentSources } from '../../shared/ledger';
import { addressOf } from '../files/durable';
import { getCases, listCases } from '../store/cases';
import { appendEvent } from '../store/events';
import { listModels } from '../store/models';
import { insertMoment, momentsOfCase } from '../store/moments';
import { getRun } from '../store/runs';
import { runFolder, type Store } from '../store/store';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import { toleranceMm } from './evaluating';
import { JobStopped } from './jobs';
import { storedTeacher, teachersOfRun } from './runTeachers';
import { storedCase, storedMask } from './stored';

/** Share of the time that looking takes; the rest is scoring. */
const lookingShare = 0.9;

export const lookHandlers = (desk: Desk): Pick<Handlers, 'ledger.look'> => ({
  'ledger.look': ({ run: id, cases: ids }) => {
    const store = desk.store();
    const run = getRun(store.read, id);
    const { settings } = run;
    if (settings.method !== 'muduo') return fail('BAD_INPUT', `Run ${run.number} asks no teachers; only a run by MuDuo does`);
    const newest = listModels(store.read).filter((one) => one.run === id);
    const model = newest.toSorted((a, b) => b.step - a.step)[0] ?? fail('NOT_FOUND', `model of run ${run.number}`);
    const cases = ids ? getCases(store.read, ids) : tested(store);
    if (cases.length === 0) fail('STUDY_NEEDS_TEST');
    const teachers = teachersOfRun(store, settings, cases[0]);

    return desk.jobs.start({ kind: 'look', title: `What the teachers of run ${run.number} see` }, async (control) => {
      const outcome = await desk.compute.run(
        'look',
        {
          weights: addressOf(store.files, model.file),
          spec: model.spec,
          folder: runFolder(store, id),
          muduo: settings.muduo,
          teachers: { ct: storedTeacher(store, teachers.ct), pet: storedTeacher(store, teachers.pet) },
          // What a person drew there must not be seen.
          cases: cases.map((one) => storedCase(store, one, null)),
          store: store.files,
          threads: availableParallelism(),
          device: 'cpu',
        },
        {
          signal: control.signal,
          onProgress(progress) {
            if (progress.kind === 'fraction') return control.progress(lookingShare * progress.fraction, progress.message);
            const { kind: _moment, ...moment } = progress;
            store.write((db) => insertMoment(db, { run: id, step: model.step, ...moment }));
          },
        },
      );
      if (outcome.state === 'stopped') throw new JobStopped();
      store.write((db) => appendEvent(db, 'run', `The teachers of run ${run.number} looked at ${counted(cases.length, 'case')}.`));
      desk.announce('run.changed', { run: id });
      control.progress(lookingShare, 'Comparing with the references');
      const scores = await scoresOf(desk, { run: id, step: model.step }, cases, control.signal);
      control.progress(1, `${counted(cases.length, 'case')} looked at.`);
      return { kind: 'look', run: id, cases: cases.length, scores };
    });
  },
});

const isLabelled = ({ label }: Case): boolean => label?.state === 'complete';
const tested = ({ read }: Store): Case[] => listCases(read).filter((one) => one.split === 'test' && isLabelled(one));

/** Mean Dice of every source and structure as evaluations have it: over the cases in which the structure is or was seen. */
async function scoresOf(
  desk: Desk,
  { run, step }: { run: string; step: number },
  cases: readonly Case[],
  signal: AbortSignal,
): Promise<LookScore[]> {
  const store = desk.store();
  const structures = listStructures(store.read).map(({ index }) => index);
  const scores: LookScore[] = [];
  for (const source of momentSources) {
    const pairs = cases.filter(isLabelled).flatMap((one) => pairOf(store, one, { run, step, source }));
    if (pairs.length === 0) continue;
    const found = new Map<number, number[]>();
    const onProgress = ({ scores: ofCase }: { case: CaseId; scores: { structure: number; dice: number; note: string | null }[] }) => {
      for (const { structure, dice, note } of ofCase) {
        if (note === 'both empty') continue;
        found.set(structure, [...(found.get(structure) ?? []), dice]);
      }
    };
    const outcome = await desk.compute.run('evaluate', { pairs, structures, toleranceMm }, { signal, onProgress });
    if (outcome.state === 'stopped') throw new JobStopped();
    for (const [structure, values] of found) {
      scores.push({ source, structure, cases: values.length, dice: values.reduce((sum, value) => sum + value, 0) / values.length });
    }
  }
  return scores;
}

function pairOf(store: Store, one: Case, { run, step, source }: { run: string; step: number; source: MomentSource }) {
  const moment = momentsOfCase(store.read, one.id).find((seen) => seen.run === run && seen.step === step);
  const file = moment?.masks[source];
  if (!file || !one.label) return [];
  return [{ case: one.id, prediction: storedMask(store, file, one.grid), reference: storedMask(store, one.label.file, one.grid) }];
}

/** Finds what a person means by a short name: a run by its number, a model by its run, cases by their names. */
import type { Case, CaseId, Model } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import type { Run } from '../../../shared/runs';
import type { Session } from './session';

/** A run by id or by the number shown in lists. @throws NOT_FOUND */
export async function runCalled({ workbench }: Session, typed: string): Promise<Run> {
  const runs = await workbench.ask('runs.list', {});
  return runs.find(({ id, number }) => id === typed || String(number) === typed) ?? fail('NOT_FOUND', `run ${typed}`);
}

/**
 * A model: by id, by run number (`3`, its best checkpoint), by run and checkpoint (`3/last`); without a name, that of the newest run.
 * @throws NOT_FOUND
 */
export async function modelCalled(session: Session, typed: string | undefined): Promise<Model> {
  const models = await session.workbench.ask('models.list', {});
  const byId = models.find(({ id }) => id === typed);
  if (byId) return byId;
  const runs = await session.workbench.ask('runs.list', {});
  const [number, which] = typed?.split('/') ?? [];
  const ofRun = (run: Run) => models.filter((model) => model.run === run.id && (which === undefined || model.which === which));
  const wanted = runs.filter((run) => number === undefined || String(run.number) === number).sort((a, b) => b.number - a.number);
  const [run] = wanted.filter((one) => ofRun(one).length > 0);
  if (!run) fail('NOT_FOUND', typed === undefined ? 'model yet: train one first' : `model ${typed}`);
  const candidates = ofRun(run);
  return candidates.find((model) => model.which === 'best') ?? candidates[0];
}

/** Ids of the cases with these names; undefined when none were named. @throws NOT_FOUND */
export async function casesCalled({ workbench }: Session, names: string[] | undefined): Promise<CaseId[] | undefined> {
  if (!names) return undefined;
  const cases = await workbench.ask('cases.list', {});
  return names.map((name) => cases.find((one) => one.name === name || one.id === name)?.id ?? fail('NOT_FOUND', `case ${name}`));
}

/** A case by name or id. @throws NOT_FOUND */
export async function caseCalled({ workbench }: Session, typed: string): Promise<Case> {
  const cases = await workbench.ask('cases.list', {});
  return cases.find(({ name, id }) => name === typed || id === typed) ?? fail('NOT_FOUND', `case ${typed}`);
}

/** Evaluation: a model's predictions against the reference labels, stored as one whole when the last case is scored. */
import { randomUUID } from 'node:crypto';
import type { Handlers } from '../../shared/contract';
import type { Case, CaseId, LabelRevision, Model, Prediction } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { StructureScore } from '../../shared/evaluation';
import { getCases, listCases } from '../store/cases';
import { insertEvaluation, newestEvaluations } from '../store/evaluations';
import { appendEvent } from '../store/events';
import { getModel } from '../store/models';
import { listPredictions } from '../store/predictions';
import { getRun } from '../store/runs';
import type { Reader, Store } from '../store/store';
import { listStructures } from '../store/structures';
import type { Desk } from './desk';
import { JobStopped } from './jobs';
import { storedMask } from './stored';
import { rank, summarise } from './summaries';

/** Surfaces this near each other count as the same; about half a voxel of a PET scanner. */
export const toleranceMm = 3;

interface Pair {
  case: Case;
  label: LabelRevision;
  prediction: Prediction;
}

export const evaluateHandlers = (desk: Desk): Pick<Handlers, 'evaluate.start' | 'evaluations.list'> => ({
  'evaluate.start': ({ model: id, cases }) => {
    const store = desk.store();
    const model = getModel(store.read, id);
    const pairs = pairsOf(store.read, model, cases ? getCases(store.read, cases) : defaultCases(store.read, model));
    if (pairs.length === 0) fail('NOTHING_TO_EVALUATE', model.name);
    const structures = listStructures(store.read).map(({ index }) => index);

    return desk.jobs.start({ kind: 'evaluate', title: `Evaluation of ${model.name}` }, async (control) => {
      const scores = new Map<CaseId, StructureScore[]>();
      const outcome = await desk.compute.run(
        'evaluate',
        { pairs: pairs.map((pair) => toSpec(store, pair)), structures, toleranceMm },
        {
          signal: control.signal,
          onProgress({ case: scored, scores: found, fraction }) {
            scores.set(scored, found);
            control.progress(fraction, `${scores.size} of ${pairs.length} cases compared`);
          },
        },
      );
      if (outcome.state === 'stopped') throw new JobStopped();
      store.write((db) => {
        const rows = pairs.map(({ case: { id: scored }, label, prediction }) => ({
          prediction: prediction.id,
          label: label.id,
          structures: scores.get(scored) ?? [],
        }));
        insertEvaluation(db, randomUUID(), model.id, rows);
        appendEvent(db, 'evaluate', `${model.name} was evaluated on ${pairs.length} cases.`);
      });
      desk.announce('evaluations.changed', {});
      return { kind: 'evaluate', summary: summariesOf(store.read).find((summary) => summary.model === model.id)! };
    });
  },

  'evaluations.list': () => rank(summariesOf(desk.store().read)),
});

function summariesOf(db: Reader) {
  const structures = listStructures(db);
  return newestEvaluations(db).map((evaluation) => summarise(evaluation, structures));
}

/** Test cases with a complete label, else validation cases with one; never one whose label this model's run has trained on. */
function defaultCases(db: Reader, model: Model): Case[] {
  const seen = new Set(getRun(db, model.run).cases.training);
  const unseen = listCases(db).filter((one) => one.label?.state === 'complete' && !seen.has(one.id));
  const test = unseen.filter((one) => one.split === 'test');
  const chosen = new Set(getRun(db, model.run).cases.validation);
  return test.length > 0 ? test : unseen.filter((one) => one.split === 'validation' || chosen.has(one.id));
}

function pairsOf(db: Reader, model: Model, cases: readonly Case[]): Pair[] {
  const predictions = new Map(listPredictions(db, { model: model.id }).map((one) => [one.case, one]));
  return cases.flatMap((one) => {
    const prediction = predictions.get(one.id);
    return one.label?.state === 'complete' && prediction ? [{ case: one, label: one.label, prediction }] : [];
  });
}

const toSpec = (store: Store, { case: { id, grid }, label, prediction }: Pair) => ({
  case: id,
  prediction: storedMask(store, prediction.file, grid),
  reference: storedMask(store, label.file, grid),
});

/** Evaluations: how a model's predictions agree with the reference labels, structure by structure. */
import type { CaseId, LabelId, ModelId, PredictionId, Split } from '../../shared/domain';
import type { StructureScore } from '../../shared/evaluation';
import type { Reader, Writer } from './connection';

/** Scores of one predicted case. */
export interface ScoredCase {
  case: CaseId;
  name: string;
  split: Split;
  prediction: PredictionId;
  structures: StructureScore[];
}
export interface Evaluation {
  model: ModelId;
  modelName: string;
  cases: ScoredCase[];
}
type Row = StructureScore & Omit<ScoredCase, 'structures' | 'case'> & { caseId: CaseId };

/** Adds an evaluation with all its scores. */
export function insertEvaluation(
  db: Writer,
  id: string,
  model: ModelId,
  scored: readonly { prediction: PredictionId; label: LabelId; structures: readonly StructureScore[] }[],
): void {
  db.run('INSERT INTO evaluations (id, model, createdAt) VALUES (?, ?, ?)', [id, model, new Date().toISOString()]);
  for (const { prediction, label, structures } of scored) {
    for (const score of structures) {
      db.run(
        `INSERT INTO scores (evaluation, prediction, label, structure, dice, hd95Mm, assdMm, surfaceDice, toleranceMm, volumeMl, referenceMl, note)
         VALUES ($evaluation, $prediction, $label, $structure, $dice, $hd95Mm, $assdMm, $surfaceDice, $toleranceMm, $volumeMl, $referenceMl, $note)`,
        { ...score, evaluation: id, prediction, label },
      );
    }
  }
}

/** The newest evaluation of every evaluated model. */
export function newestEvaluations(db: Reader): Evaluation[] {
  return db
    .all<{ id: string; model: ModelId; modelName: string }>(
      `SELECT evaluation.id, model, models.name AS modelName FROM evaluations AS evaluation JOIN models ON models.id = model
       WHERE evaluation.rowid = (SELECT max(rowid) FROM evaluations WHERE model = evaluation.model)`,
    )
    .map(({ id, ...evaluation }) => ({ ...evaluation, cases: evaluationCalled(db, id) }));
}

/** Id of a model's newest evaluation, if it has been evaluated. */
export const newestEvaluationOf = (db: Reader, model: ModelId): string | undefined =>
  db.one<{ id: string }>('SELECT id FROM evaluations WHERE model = ? ORDER BY rowid DESC', [model])?.id;

/** Scores of one evaluation, by the names of its cases. */
export function evaluationCalled(db: Reader, evaluation: string): ScoredCase[] {
  const rows = db.all<Row>(
    `SELECT caseId, cases.name, split, prediction, structure, dice, hd95Mm, assdMm, surfaceDice, toleranceMm, volumeMl, referenceMl, note
     FROM scores JOIN predictions ON predictions.id = prediction JOIN cases ON cases.id = caseId
     WHERE evaluation = ? ORDER BY cases.name, structure`,
    [evaluation],
  );
  return [...Map.groupBy(rows, (row) => row.prediction)].map(([prediction, scores]) => ({
    case: scores[0].caseId,
    name: scores[0].name,
    split: scores[0].split,
    prediction,
    structures: scores.map(({ caseId: _case, name: _name, split: _split, prediction: _prediction, ...score }) => score),
  }));
}

/** Masks that models predicted. */
import type { CaseId, FileHash, ModelId, Prediction, PredictionId, RunId } from '../../shared/domain';
import type { Reader, Writer } from './connection';

interface Row {
  id: PredictionId;
  caseId: CaseId;
  model: ModelId;
  run: RunId;
  file: FileHash;
  voxels: string;
  seconds: number;
  createdAt: string;
}

const toPrediction = ({ caseId, voxels, ...row }: Row): Prediction => ({
  ...row,
  case: caseId,
  voxels: JSON.parse(voxels) as Record<number, number>,
});

/** The newest prediction of every model for every case, or for one case or one model; newest first. */
export function listPredictions(db: Reader, of: { case?: CaseId; model?: ModelId } = {}): Prediction[] {
  return db
    .all<Row>(
      `SELECT prediction.id, caseId, model, run, prediction.file, voxels, seconds, prediction.createdAt
       FROM predictions AS prediction JOIN models ON models.id = model
       WHERE ($case IS NULL OR caseId = $case) AND ($model IS NULL OR model = $model)
         AND prediction.rowid = (SELECT max(rowid) FROM predictions WHERE model = prediction.model AND caseId = prediction.caseId)
       ORDER BY prediction.rowid DESC`,
      { case: of.case ?? null, model: of.model ?? null },
    )
    .map(toPrediction);
}

/** Adds a prediction. Its file must be remembered already. */
export function insertPrediction(db: Writer, { case: caseId, run: _ofTheModel, ...prediction }: Prediction): void {
  db.run(
    `INSERT INTO predictions (id, caseId, model, file, voxels, seconds, createdAt)
     VALUES ($id, $caseId, $model, $file, $voxels, $seconds, $createdAt)`,
    { ...prediction, caseId, voxels: JSON.stringify(prediction.voxels) },
  );
}

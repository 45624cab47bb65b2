/** Models: weights that a run left behind, with everything needed to use them. */
import type { FileHash, Model, ModelId, RunId, StudentSpec } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Reader, Writer } from './connection';

interface Row {
  id: ModelId;
  name: string;
  run: RunId;
  which: 'best' | 'last';
  step: number;
  spec: string;
  parameters: number;
  file: FileHash;
  validationDice: number | null;
  createdAt: string;
}

const toModel = (row: Row): Model => ({ ...row, spec: JSON.parse(row.spec) as StudentSpec });

/** All models: of the newest run first, within a run the best checkpoint first. */
export function listModels(db: Reader): Model[] {
  return db
    .all<Row>(
      `SELECT models.* FROM models JOIN runs ON runs.id = models.run
       ORDER BY runs.number DESC, models.step = runs.bestStep AND which = 'best' DESC, models.step DESC, which`,
    )
    .map(toModel);
}

/** @throws NOT_FOUND */
export function getModel(db: Reader, id: ModelId): Model {
  const row = db.one<Row>('SELECT * FROM models WHERE id = ?', [id]);
  return row ? toModel(row) : fail('NOT_FOUND', `model ${id}`);
}

/** Adds a model, unless the same checkpoint of the same run is there already. Answers whether it was added. */
export function insertModel(db: Writer, { spec, ...model }: Model): boolean {
  return (
    db.run(
      `INSERT INTO models (id, run, which, step, name, spec, parameters, file, validationDice, createdAt)
       VALUES ($id, $run, $which, $step, $name, $spec, $parameters, $file, $validationDice, $createdAt)
       ON CONFLICT (run, which, step) DO NOTHING`,
      { ...model, spec: JSON.stringify(spec) },
    ) === 1
  );
}

/** Label revisions. A correction adds a revision; none is ever changed, but for a person's word about whether it is complete. */
import type { CaseId, FileHash, LabelId, LabelRevision, LabelState, RunId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { LabelMade } from '../../shared/prompts';
import type { Reader, Writer } from './connection';

interface Row {
  id: LabelId;
  caseId: CaseId;
  revision: number;
  file: FileHash;
  origin: LabelRevision['origin'];
  made: string | null;
  state: LabelState;
  voxels: string;
  createdAt: string;
}

const toLabel = ({ caseId, voxels, made, ...row }: Row): LabelRevision => ({
  ...row,
  case: caseId,
  made: made === null ? null : (JSON.parse(made) as LabelMade),
  voxels: JSON.parse(voxels) as Record<number, number>,
});

const columns = 'id, caseId, revision, file, origin, made, state, voxels, createdAt';

/** The newest label of every labelled case. */
export const newestLabels = (db: Reader): Map<CaseId, LabelRevision> =>
  new Map(db.all<Row>(`SELECT ${columns} FROM currentLabels`).map((row) => [row.caseId, toLabel(row)]));

/** Every revision of a case's label, newest first. */
export const labelHistory = (db: Reader, id: CaseId): LabelRevision[] =>
  db.all<Row>(`SELECT ${columns} FROM labels WHERE caseId = ? ORDER BY revision DESC`, [id]).map(toLabel);

/** The revisions a run was started with, whatever came later. */
export function labelsOfRun(db: Reader, run: RunId): LabelRevision[] {
  return db
    .all<Row>(`SELECT ${columns.replaceAll(/\w+/g, 'labels.$&')} FROM labels JOIN runCases ON runCases.label = labels.id WHERE run = ?`, [
      run,
    ])
    .map(toLabel);
}

/** `sourceFile` is the file it was imported from; a label made here is its own source. */
type NewLabel = Omit<LabelRevision, 'revision' | 'made' | 'state' | 'createdAt'> & {
  made?: LabelMade | null;
  state?: LabelState;
  sourceName: string;
  sourceFile: FileHash;
};

/** Adds the next revision of a case's label. Its files must be remembered already. */
export function insertLabel(db: Writer, { made = null, state = 'complete', ...label }: NewLabel): void {
  db.run(
    `INSERT INTO labels (id, caseId, revision, file, origin, sourceName, sourceFile, made, state, voxels, createdAt)
     VALUES ($id, $case, (SELECT coalesce(max(revision), 0) + 1 FROM labels WHERE caseId = $case), $file, $origin, $sourceName, $sourceFile,
             $made, $state, $voxels, $createdAt)`,
    { ...label, state, made: made && JSON.stringify(made), voxels: JSON.stringify(label.voxels), createdAt: new Date().toISOString() },
  );
}

/** Writes down whether a revision is complete. @throws NOT_FOUND */
export function setLabelState(db: Writer, id: LabelId, state: LabelState): void {
  if (db.run('UPDATE labels SET state = ? WHERE id = ?', [state, id]) !== 1) fail('NOT_FOUND', `label ${id}`);
}

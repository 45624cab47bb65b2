/** Label revisions. A correction adds a revision; none is ever changed. */
import type { CaseId, FileHash, LabelId, LabelRevision, RunId } from '../../shared/domain';
import type { Reader, Writer } from './connection';

interface Row {
  id: LabelId;
  caseId: CaseId;
  revision: number;
  file: FileHash;
  origin: 'import';
  voxels: string;
  createdAt: string;
}

const toLabel = ({ caseId, voxels, ...row }: Row): LabelRevision => ({
  ...row,
  case: caseId,
  voxels: JSON.parse(voxels) as Record<number, number>,
});

const columns = 'id, caseId, revision, file, origin, voxels, createdAt';

/** The newest label of every labelled case. */
export function newestLabels(db: Reader): Map<CaseId, LabelRevision> {
  const rows = db.all<Row>(
    `SELECT ${columns} FROM labels AS label WHERE revision = (SELECT max(revision) FROM labels WHERE caseId = label.caseId)`,
  );
  return new Map(rows.map((row) => [row.caseId, toLabel(row)]));
}

/** The revisions a run was started with, whatever came later. */
export function labelsOfRun(db: Reader, run: RunId): LabelRevision[] {
  return db
    .all<Row>(`SELECT ${columns.replaceAll(/\w+/g, 'labels.$&')} FROM labels JOIN runCases ON runCases.label = labels.id WHERE run = ?`, [
      run,
    ])
    .map(toLabel);
}

/** Adds the next revision of a case's label. Its files must be remembered already. */
export function insertLabel(
  db: Writer,
  label: Omit<LabelRevision, 'revision' | 'createdAt'> & { sourceName: string; sourceFile: FileHash },
): void {
  db.run(
    `INSERT INTO labels (id, caseId, revision, file, origin, sourceName, sourceFile, voxels, createdAt)
     VALUES ($id, $case, (SELECT coalesce(max(revision), 0) + 1 FROM labels WHERE caseId = $case), $file, $origin, $sourceName, $sourceFile,
             $voxels, $createdAt)`,
    { ...label, voxels: JSON.stringify(label.voxels), createdAt: new Date().toISOString() },
  );
}

/** The project's own row, and what it holds in numbers. */
import type { Project } from '../../shared/domain';
import type { Reader, Writer } from './connection';
import { listStructures } from './structures';

interface Row {
  name: string;
  isDemo: 0 | 1;
  createdAt: string;
}

/** The open project as the contract describes it. */
export function getProject(db: Reader, folder: string): Project {
  const row = db.one<Row>('SELECT name, isDemo, createdAt FROM project');
  if (!row) throw new Error(`project: the database in ${folder} has no project row`);
  return { folder, name: row.name, isDemo: row.isDemo === 1, createdAt: row.createdAt, structures: listStructures(db), counts: counts(db) };
}

export function insertProject(db: Writer, { name, isDemo }: { name: string; isDemo: boolean }): void {
  db.run('INSERT INTO project (onlyRow, name, isDemo, createdAt) VALUES (1, ?, ?, ?)', [name, isDemo ? 1 : 0, new Date().toISOString()]);
}

/** `test` counts test cases whether labelled or not. */
function counts(db: Reader): Project['counts'] {
  return db.one<Project['counts']>(`
    WITH seen AS (SELECT split, currentLabels.state AS state FROM cases LEFT JOIN currentLabels ON caseId = cases.id)
    SELECT (SELECT count(*) FROM seen) AS cases,
           (SELECT count(*) FROM seen WHERE state = 'complete' AND split <> 'test') AS labelled,
           (SELECT count(*) FROM seen WHERE state = 'draft' AND split <> 'test') AS drafts,
           (SELECT count(*) FROM seen WHERE state IS NULL AND split <> 'test') AS unlabelled,
           (SELECT count(*) FROM seen WHERE split = 'test') AS test,
           (SELECT count(*) FROM runs) AS runs`)!;
}

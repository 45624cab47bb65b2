/** Studies and their students. What a student scored is read from its evaluation; nothing of it is kept twice. */
import type { CaseId, FileHash, RunId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { StudentScores, Study, StudyId, StudyRun } from '../../shared/studies';
import type { Reader, Writer } from './connection';
import { evaluationCalled } from './evaluations';

interface Row {
  id: StudyId;
  number: number;
  name: string;
  state: 'running' | 'stopped' | 'failed' | 'done';
  problem: string | null;
  plan: string;
  configurations: string;
  budgets: string;
  createdAt: string;
  finishedAt: string | null;
}
type RunRow = StudyRun & { study: StudyId };

/** What the database knows of a study; which job works on it, only the program does. */
export type StoredStudy = Omit<Study, 'job' | 'state'> & Pick<Row, 'state'>;

const toStudy = (row: Row, runs: readonly RunRow[]): StoredStudy => ({
  ...row,
  plan: JSON.parse(row.plan) as Study['plan'],
  configurations: JSON.parse(row.configurations) as Study['configurations'],
  budgets: JSON.parse(row.budgets) as number[],
  runs: runs.map(({ study: _study, ...run }) => run),
});

/** All studies, newest first. */
export function listStudies(db: Reader): StoredStudy[] {
  const rows = db.all<RunRow>('SELECT study, position, configuration, budget, seed, state, problem, run FROM studyRuns ORDER BY position');
  const runs = Map.groupBy(rows, (row) => row.study);
  return db.all<Row>('SELECT * FROM studies ORDER BY number DESC').map((row) => toStudy(row, runs.get(row.id) ?? []));
}

/** @throws NOT_FOUND */
export function getStudy(db: Reader, id: StudyId): StoredStudy {
  return listStudies(db).find((study) => study.id === id) ?? fail('NOT_FOUND', `study ${id}`);
}

/** Adds a study with a waiting student for every seed, budget and configuration, seed by seed; answers with its number. */
export function insertStudy(
  db: Writer,
  { id, plan, configurations, budgets }: Pick<Study, 'id' | 'plan' | 'configurations' | 'budgets'>,
): number {
  if (db.one('SELECT 1 FROM studies WHERE name = ?', [plan.name])) fail('STUDY_EXISTS', plan.name);
  const { number } = db.one<{ number: number }>('SELECT coalesce(max(number), 0) + 1 AS number FROM studies')!;
  db.run('INSERT INTO studies (id, number, name, state, plan, configurations, budgets, createdAt) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
    ...[id, number, plan.name, 'running', JSON.stringify(plan), JSON.stringify(configurations), JSON.stringify(budgets)],
    new Date().toISOString(),
  ]);
  let position = 0;
  for (const seed of plan.seeds) {
    for (const budget of budgets) {
      for (const configuration of configurations.keys()) {
        const values = [id, position++, configuration, budget, seed];
        db.run("INSERT INTO studyRuns (study, position, configuration, budget, seed, state) VALUES (?, ?, ?, ?, ?, 'waiting')", values);
      }
    }
  }
  return number;
}

/** Moves a study to another state. One that is running has no problem and no end. */
export function setStudyState(db: Writer, id: StudyId, state: Row['state'], problem: string | null = null): void {
  const finishedAt = state === 'running' ? null : new Date().toISOString();
  const changed = db.run('UPDATE studies SET state = $state, problem = $problem, finishedAt = $finishedAt WHERE id = $id', {
    ...{ id, state, problem, finishedAt },
  });
  if (changed !== 1) throw new Error(`studies: expected to update 1 row for ${id}, updated ${changed}`);
}

type Change =
  | { state: 'training'; run: RunId }
  | { state: 'scoring' }
  | { state: 'done'; evaluation: string }
  | { state: 'failed'; problem: string };

/** Moves one student on. Its run and evaluation, once known, stay. */
export function noteStudyRun(db: Writer, study: StudyId, position: number, change: Change): void {
  const nothing = { run: null, evaluation: null, problem: null };
  const changed = db.run(
    `UPDATE studyRuns SET state = $state, problem = $problem, run = coalesce($run, run), evaluation = coalesce($evaluation, evaluation)
     WHERE study = $study AND position = $position`,
    { ...nothing, ...change, study, position },
  );
  if (changed !== 1) throw new Error(`studies: expected to update 1 student of ${study}, updated ${changed}`);
}

/** Scores of every student that is done, in the order they were trained. */
export function scoresOfStudy(db: Reader, id: StudyId): StudentScores[] {
  return db
    .all<Pick<StudyRun, 'configuration' | 'budget' | 'seed'> & { evaluation: string }>(
      "SELECT configuration, budget, seed, evaluation FROM studyRuns WHERE study = ? AND state = 'done' ORDER BY position",
      [id],
    )
    .map(({ evaluation, ...student }) => ({
      ...student,
      cases: evaluationCalled(db, evaluation).map(({ name, structures }) => ({ name, structures })),
    }));
}

/** What the students that are done were trained on, in the order in which each was first used. */
export const devicesOfStudy = (db: Reader, id: StudyId): string[] =>
  db
    .all<{ device: string }>(
      `SELECT device FROM studyRuns JOIN runs ON runs.id = run
       WHERE study = ? AND studyRuns.state = 'done' AND device IS NOT NULL GROUP BY device ORDER BY MIN(position)`,
      [id],
    )
    .map(({ device }) => device);

/** Masks of one budget and seed, by configuration, with the labels they were scored against. */
export const masksOfStudy = (
  db: Reader,
  id: StudyId,
  { budget, seed }: Pick<StudyRun, 'budget' | 'seed'>,
): { configuration: number; case: CaseId; name: string; mask: FileHash; reference: FileHash }[] =>
  db.all(
    `SELECT DISTINCT configuration, predictions.caseId AS "case", cases.name, predictions.file AS mask, labels.file AS reference
     FROM studyRuns JOIN scores ON scores.evaluation = studyRuns.evaluation JOIN predictions ON predictions.id = prediction
       JOIN cases ON cases.id = predictions.caseId JOIN labels ON labels.id = label
     WHERE study = ? AND budget = ? AND seed = ? AND studyRuns.state = 'done' ORDER BY cases.name, configuration`,
    [id, budget, seed],
  );

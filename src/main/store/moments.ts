/** The moments of runs: how cases looked to student and teachers as training went on, and how much these teachers differed. */
import type { CaseId, FileHash, RunId } from '../../shared/domain';
import { type Difference, type Moment, type MomentSource, momentSources } from '../../shared/ledger';
import type { Reader, Writer } from './connection';
import { type FileRow, rememberFile } from './files';

interface MomentToKeep {
  run: RunId;
  case: CaseId;
  step: number;
  masks: readonly { source: MomentSource; file: FileRow }[];
  differences: readonly (Difference & { structure: number })[];
}

/** Adds what one case looked like after a step; a step that is done again replaces what it left before. */
export function insertMoment(db: Writer, { run, case: of, step, masks, differences }: MomentToKeep): void {
  for (const { source, file } of masks) {
    rememberFile(db, file);
    db.run(
      `INSERT INTO moments (run, step, caseId, source, file) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (run, step, caseId, source) DO UPDATE SET file = excluded.file`,
      [run, step, of, source, file.hash],
    );
  }
  for (const { structure, volumeMl, sureness } of differences) {
    db.run(
      'INSERT OR REPLACE INTO differences (run, step, caseId, structure, volumeMl, ctSureness, petSureness) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [...[run, step, of, structure, volumeMl], ...[sureness?.ct ?? null, sureness?.pet ?? null]],
    );
  }
}

/** How much a run's teachers differ about structures of the cases it looked at, each at its case's newest moment. */
export function newestDifferences(db: Reader, run: RunId): ({ case: CaseId; structure: number; step: number } & Difference)[] {
  const rows = db.all<{ case: CaseId; structure: number; step: number; volumeMl: number; ct: number | null; pet: number | null }>(
    `SELECT caseId AS "case", structure, step, volumeMl, ctSureness AS ct, petSureness AS pet FROM differences
     WHERE run = $run AND step = (SELECT max(step) FROM moments WHERE run = $run AND moments.caseId = differences.caseId)
     ORDER BY caseId, structure`,
    { run },
  );
  return rows.map(({ ct, pet, ...row }) => ({ ...row, sureness: ct === null || pet === null ? null : { ct, pet } }));
}

/** All moments of a case, those of the newest run first, each run's from its first step to its last. */
export function momentsOfCase(db: Reader, of: CaseId): Moment[] {
  const rows = db.all<{ run: RunId; step: number; source: MomentSource; file: FileHash }>(
    `SELECT run, moments.step, source, file FROM moments JOIN runs ON runs.id = run
     WHERE caseId = ? ORDER BY number DESC, moments.step`,
    [of],
  );
  return [...Map.groupBy(rows, ({ run, step }) => `${run} ${step}`).values()].map((masks) => {
    const fileOf = (source: MomentSource) => masks.find((mask) => mask.source === source)?.file ?? null;
    const { run, step } = masks[0];
    return { run, case: of, step, masks: Object.fromEntries(momentSources.map((source) => [source, fileOf(source)])) as Moment['masks'] };
  });
}

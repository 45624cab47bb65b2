/** The moments of runs: how cases looked to student and teachers as training went on. */
import type { CaseId, FileHash, RunId } from '../../shared/domain';
import type { Moment, MomentSource } from '../../shared/ledger';
import type { Reader, Writer } from './connection';
import { type FileRow, rememberFile } from './files';

/** Adds what one case looked like after a step; a step that is done again replaces what it left before. */
export function insertMoment(
  db: Writer,
  { run, case: of, step, masks }: { run: RunId; case: CaseId; step: number; masks: readonly { source: MomentSource; file: FileRow }[] },
): void {
  for (const { source, file } of masks) {
    rememberFile(db, file);
    db.run(
      `INSERT INTO moments (run, step, caseId, source, file) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (run, step, caseId, source) DO UPDATE SET file = excluded.file`,
      [run, step, of, source, file.hash],
    );
  }
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
    return { run, case: of, step, masks: { student: fileOf('student'), ct: fileOf('ct'), pet: fileOf('pet') } };
  });
}

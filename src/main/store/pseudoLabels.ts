/** The ledger of pseudo-labels: what a run's teachers agreed on in every unlabelled patch, and what of it counted. */
import type { CaseId, RunId } from '../../shared/domain';
import type { Tally } from '../../shared/ledger';
import type { PseudoLabelEntry } from '../../shared/runs';
import type { Reader, Writer } from './connection';

/** Adds entries in two statements, however many; those of a step that was done again replace the ones before. */
export function insertPseudoLabels(db: Writer, run: RunId, entries: readonly PseudoLabelEntry[]): void {
  const given = { run, entries: JSON.stringify(entries) };
  db.run(
    `INSERT INTO pseudoPatches (run, step, patch, caseId)
     SELECT DISTINCT $run, value ->> 'step', value ->> 'patch', value ->> 'case' FROM json_each($entries) WHERE true
     ON CONFLICT (run, step, patch) DO UPDATE SET caseId = excluded.caseId`,
    given,
  );
  db.run(
    `INSERT INTO pseudoLabels (patch, structure, agreement, weight)
     SELECT pseudoPatches.id, value ->> 'structure', value ->> 'agreement', value ->> 'weight'
     -- A cross join keeps this order: every entry finds its patch by the index.
     FROM json_each($entries) CROSS JOIN pseudoPatches
     WHERE run = $run AND step = value ->> 'step' AND pseudoPatches.patch = value ->> 'patch'
     ON CONFLICT (patch, structure) DO UPDATE SET agreement = excluded.agreement, weight = excluded.weight`,
    given,
  );
}

/** Forgets what was made after a run's last checkpoint: those steps will be done again. */
export function forgetPseudoLabels(db: Writer, run: RunId): void {
  db.run('DELETE FROM pseudoPatches WHERE run = $run AND step > (SELECT checkpointStep FROM runs WHERE id = $run)', { run });
}

/** The last step a run has entries of, or 0. */
export const lastPseudoStep = (db: Reader, run: RunId): number =>
  db.one<{ step: number }>('SELECT coalesce(max(step), 0) AS step FROM pseudoPatches WHERE run = ?', [run])?.step ?? 0;

/** A structure is present where teachers had something to agree on, and where one that was asked alone was believed. */
const tally = `count(*) AS seen, sum(agreement IS NOT NULL OR weight > 0) AS present, sum(weight > 0) AS kept, avg(agreement) AS agreement`;
const entries = 'pseudoPatches JOIN pseudoLabels ON pseudoLabels.patch = pseudoPatches.id';

/** Steps of a run after `begun`, up to and with `last`, in so many windows of the same length. */
export interface WindowedSteps {
  begun: number;
  last: number;
  windows: number;
}

/** Entries counted by case, structure and window; window w of n, from 0, ends after step begun + ⌊(w + 1) · (last − begun) / n⌋ of the run. */
export function talliesOf(
  db: Reader,
  run: RunId,
  { begun, last, windows }: WindowedSteps,
): ({ case: CaseId; structure: number; window: number } & Tally)[] {
  return db.all(
    `SELECT caseId AS "case", structure, CAST(((step - $begun) * $windows + $last - $begun - 1) / ($last - $begun) AS INTEGER) - 1 AS window, ${tally}
     FROM ${entries} WHERE run = $run GROUP BY caseId, structure, window ORDER BY caseId, structure, window`,
    { run, begun, last, windows },
  );
}

/** What the teachers disagreed on after step `after`: the lowest mean agreement first, each with the step where it was lowest. */
export function disagreementsOf(
  db: Reader,
  run: RunId,
  after: number,
): ({ case: CaseId; structure: number; lowest: number; step: number } & Tally)[] {
  // A column beside min() comes from the row that holds the minimum.
  return db.all(
    `SELECT caseId AS "case", structure, ${tally}, min(agreement) AS lowest, step
     FROM ${entries} WHERE run = ? AND step > ? GROUP BY caseId, structure HAVING min(agreement) IS NOT NULL
     ORDER BY avg(agreement), caseId, structure`,
    [run, after],
  );
}

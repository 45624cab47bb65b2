/** Training runs. The row is the truth: what is not here or in a checkpoint is lost with the process. */
import type { CaseId, LabelId, RunId, StudentSpec } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { MethodName } from '../../shared/methods';
import type { Run, RunRecord, RunState, TrainSettings } from '../../shared/runs';
import type { Reader, Writer } from './connection';
import { forgetPseudoLabels } from './pseudoLabels';

interface Row {
  id: RunId;
  number: number;
  name: string;
  method: MethodName;
  state: RunState;
  settings: string;
  step: number;
  generatorStep: number;
  checkpointStep: number;
  bestStep: number | null;
  bestDice: number | null;
  trainedSeconds: number;
  student: string | null;
  parameters: number | null;
  device: string | null;
  problem: string | null;
  startedAt: string;
  finishedAt: string | null;
}
type Role = 'training' | 'validation' | 'unlabelled';
type CaseRow = { run: RunId; caseId: CaseId; role: Role };

/** What a finished run's models are made from; null until the run has started once. */
export interface Trained {
  student: StudentSpec;
  parameters: number;
  last: { step: number; dice: number | null };
  best: { step: number; dice: number | null } | null;
}

const toRun = (row: Row, cases: CaseRow[]): Run => ({
  id: row.id,
  number: row.number,
  name: row.name,
  method: row.method,
  state: row.state,
  // Runs from before there was a choice.
  settings: { device: 'cpu', recompute: false, precision: 'full', labelledCases: null, ...JSON.parse(row.settings) } as TrainSettings,
  step: row.step,
  generatorStep: row.generatorStep,
  checkpointStep: row.checkpointStep,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  trainedSeconds: row.trainedSeconds,
  problem: row.problem,
  device: row.device,
  bestDice: row.bestDice,
  cases: { training: inRole(cases, 'training'), validation: inRole(cases, 'validation'), unlabelled: inRole(cases, 'unlabelled') },
});
const inRole = (cases: readonly CaseRow[], role: Role): CaseId[] => cases.filter((one) => one.role === role).map((one) => one.caseId);

/** All runs, newest first. */
export function listRuns(db: Reader): Run[] {
  const cases = Map.groupBy(db.all<CaseRow>('SELECT run, caseId, role FROM runCases ORDER BY caseId'), (row) => row.run);
  return db.all<Row>('SELECT * FROM runs ORDER BY number DESC').map((row) => toRun(row, cases.get(row.id) ?? []));
}

/** @throws NOT_FOUND */
export function getRun(db: Reader, id: RunId): Run {
  return listRuns(db).find((run) => run.id === id) ?? fail('NOT_FOUND', `run ${id}`);
}

/** The run that waits longest, if any does. */
export function nextQueued(db: Reader): Run | undefined {
  return listRuns(db).findLast((run) => run.state === 'queued');
}

/** Adds a queued run with the cases it will use and the label revisions it will see; answers with its number. */
export function insertRun(
  db: Writer,
  { id, settings, cases }: { id: RunId; settings: TrainSettings; cases: { id: CaseId; role: Role; label: LabelId | null }[] },
): number {
  const { number } = db.one<{ number: number }>('SELECT coalesce(max(number), 0) + 1 AS number FROM runs')!;
  db.run('INSERT INTO runs (id, number, name, method, state, settings, startedAt) VALUES (?, ?, ?, ?, ?, ?, ?)', [
    id,
    number,
    settings.name.trim() || `Run ${number}`,
    settings.method,
    'queued',
    JSON.stringify(settings),
    new Date().toISOString(),
  ]);
  for (const one of cases) db.run('INSERT INTO runCases (run, caseId, role, label) VALUES (?, ?, ?, ?)', [id, one.id, one.role, one.label]);
  return number;
}

/** Moves a run to another state. A waiting or running run has no problem and no end. */
export function setRunState(db: Writer, id: RunId, state: RunState, problem: string | null = null): void {
  const finishedAt = state === 'queued' || state === 'running' ? null : new Date().toISOString();
  change(db, id, 'state = $state, problem = $problem, finishedAt = $finishedAt', { state, problem, finishedAt });
}

/** Keeps what a run was made of when it began; a run that goes on is made of the same. */
export function noteRecord(db: Writer, id: RunId, record: RunRecord): void {
  db.run('UPDATE runs SET record = ? WHERE id = ? AND record IS NULL', [JSON.stringify(record), id]);
}

/** Null for a run that has not begun, or began before there were records. */
export function recordOf(db: Reader, id: RunId): RunRecord | null {
  const row = db.one<{ record: string | null }>('SELECT record FROM runs WHERE id = ?', [id]) ?? fail('NOT_FOUND', `run ${id}`);
  return row.record === null ? null : (JSON.parse(row.record) as RunRecord);
}

/** The network was built: what it is and where it runs. */
export function noteStudent(
  db: Writer,
  id: RunId,
  { student, parameters, device }: { student: StudentSpec; parameters: number; device: string },
): void {
  change(db, id, 'student = $student, parameters = $parameters, device = $device', {
    student: JSON.stringify(student),
    parameters,
    device,
  });
}

export function noteStep(db: Writer, id: RunId, step: number): void {
  change(db, id, 'step = max(step, $step)', { step });
}

/** A checkpoint is on the disk. */
export function noteCheckpoint(
  db: Writer,
  id: RunId,
  which: 'best' | 'last' | 'generator',
  { step, validationDice, trainedSeconds }: { step: number; validationDice: number | null; trainedSeconds: number },
): void {
  if (which === 'best') change(db, id, 'bestStep = $step, bestDice = $dice', { step, dice: validationDice });
  else if (which === 'generator') change(db, id, 'generatorStep = $step, trainedSeconds = $trainedSeconds', { step, trainedSeconds });
  else change(db, id, 'checkpointStep = $step, trainedSeconds = $trainedSeconds, step = max(step, $step)', { step, trainedSeconds });
}

/** Forgets what happened after the student's last checkpoint: the run will do those steps again. A generator's come out as they were. */
export function rewindToCheckpoint(db: Writer, id: RunId): void {
  change(db, id, 'step = checkpointStep', {});
  db.run(
    "DELETE FROM metrics WHERE run = $id AND step > (SELECT checkpointStep FROM runs WHERE id = $id) AND curve NOT LIKE 'generator/%'",
    { id },
  );
  forgetPseudoLabels(db, id);
}

/** Null while no checkpoint exists. */
export function trainedOf(db: Reader, id: RunId): Trained | null {
  const row = db.one<Row>('SELECT * FROM runs WHERE id = ?', [id]);
  if (!row?.student || row.checkpointStep === 0) return null;
  return {
    student: JSON.parse(row.student) as StudentSpec,
    parameters: row.parameters!,
    last: { step: row.checkpointStep, dice: validationAt(db, id, row.checkpointStep) },
    best: row.bestStep === null ? null : { step: row.bestStep, dice: row.bestDice },
  };
}

/** Null when the weights of that step were not validated. */
function validationAt(db: Reader, run: RunId, step: number): number | null {
  const values = [run, 'validation', step];
  return db.one<{ value: number }>('SELECT value FROM metrics WHERE run = ? AND curve = ? AND step = ?', values)?.value ?? null;
}

/** Marks runs that were waiting or training when the program ended without saying so. Answers with their numbers. */
export function markInterrupted(db: Writer): number[] {
  const lost = db.all<Pick<Row, 'id' | 'number' | 'state' | 'checkpointStep' | 'generatorStep'>>(
    "SELECT id, number, state, checkpointStep, generatorStep FROM runs WHERE state IN ('queued', 'running')",
  );
  for (const { id, state, ...saved } of lost) {
    const from = goesOn(saved);
    const what = state === 'queued' ? 'Understudy ended before this run began' : 'Understudy ended while this run was training';
    setRunState(db, id, 'interrupted', `${what}. Resume ${from}.`);
  }
  return lost.map((run) => run.number);
}

/** Where a run goes on from, after “Resume”. */
export const goesOn = ({ checkpointStep, generatorStep }: Pick<Row, 'checkpointStep' | 'generatorStep'>): string => {
  if (checkpointStep > 0) return `continues from step ${checkpointStep}`;
  return generatorStep > 0 ? `continues from step ${generatorStep} of its prompt generator` : 'starts it from the beginning';
};

function change(db: Writer, id: RunId, assignments: string, values: Record<string, string | number | null>): void {
  const changed = db.run(`UPDATE runs SET ${assignments} WHERE id = $id`, { ...values, id });
  if (changed !== 1) throw new Error(`runs: expected to update 1 row for ${id}, updated ${changed}`);
}

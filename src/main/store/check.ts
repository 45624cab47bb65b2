/** Verifies a project: the database's own integrity, every row against its file, every voxel file against its grid. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckReport, FileHash, RunId } from '../../shared/domain';
import { type Index3, voxelCount } from '../../shared/geometry';
import { bytesPer, type Dtype } from '../../shared/volume';
import { addressOf, hashFile } from '../files/durable';
import type { Reader } from './connection';
import { listFiles } from './files';
import { runFolder, type Store } from './store';

export interface CheckOptions {
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal;
}

/** Reads every byte of the project once. Problems are sentences; `ok` is true when there are none. */
export async function checkStore(store: Store, { onProgress, signal }: CheckOptions = {}): Promise<CheckReport> {
  const files = listFiles(store.read);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const problems = [...databaseProblems(store.read), ...gridProblems(store.read), ...checkpointProblems(store)];
  let done = 0;
  for (const file of files) {
    if (signal?.aborted) break;
    const problem = await fileProblem(store.files, file.hash, file.bytes);
    if (problem) problems.push(problem);
    done += file.bytes;
    onProgress?.(bytes > 0 ? done / bytes : 1);
  }
  const notes = await orphans(store, new Set(files.map((file) => file.hash)));
  return { ok: problems.length === 0, rows: countRows(store.read), files: files.length, bytes, problems, notes };
}

function databaseProblems(db: Reader): string[] {
  const integrity = db.all<{ integrity_check: string }>('PRAGMA integrity_check').map((row) => row.integrity_check);
  const references = db.all<{ table: string; rowid: number | null; parent: string }>('PRAGMA foreign_key_check');
  return [
    ...integrity.filter((line) => line !== 'ok').map((line) => `The database is damaged: ${line}.`),
    ...references.map(({ table, rowid, parent }) => `Row ${rowid ?? '?'} of ${table} refers to a missing row of ${parent}.`),
  ];
}

/** Stored sizes against what grid and element type demand. */
function gridProblems(db: Reader): string[] {
  const rows = db.all<{ name: string; what: string; sizeVoxels: string; dtype: Dtype; bytes: number }>(`
    SELECT name, 'channel ' || position AS what, sizeVoxels, dtype, bytes
      FROM volumes JOIN cases ON cases.id = caseId JOIN files ON hash = file
    UNION ALL SELECT name, 'label revision ' || revision, sizeVoxels, 'uint8', bytes
      FROM labels JOIN cases ON cases.id = caseId JOIN files ON hash = file
    UNION ALL SELECT name, 'prediction ' || predictions.id, sizeVoxels, 'uint8', bytes
      FROM predictions JOIN cases ON cases.id = caseId JOIN files ON hash = file
    UNION ALL SELECT name, 'moment of step ' || step, sizeVoxels, 'uint8', bytes
      FROM moments JOIN cases ON cases.id = caseId JOIN files ON hash = file`);
  return rows.flatMap(({ name, what, sizeVoxels, dtype, bytes }) => {
    const size = JSON.parse(sizeVoxels) as Index3;
    const expected = voxelCount({ size }) * bytesPer(dtype);
    return bytes === expected ? [] : [`Case ${name}, ${what}: ${size.join('×')} voxels need ${expected} bytes, but ${bytes} are stored.`];
  });
}

function checkpointProblems(store: Store): string[] {
  return store.read
    .all<{ id: RunId; number: number; checkpointStep: number }>(
      "SELECT id, number, checkpointStep FROM runs WHERE checkpointStep > 0 AND state <> 'done'",
    )
    .filter(({ id }) => !existsSync(join(runFolder(store, id), 'last.safetensors')))
    .map(({ number, checkpointStep }) => `The checkpoint of run ${number} at step ${checkpointStep} is gone; it can only start again.`);
}

async function fileProblem(files: string, hash: FileHash, bytes: number): Promise<string | null> {
  const path = addressOf(files, hash);
  const found = await stat(path).catch(() => null);
  if (!found) return `The stored file ${hash} is gone.`;
  if (found.size !== bytes) return `The stored file ${hash} should have ${bytes} bytes, but has ${found.size}.`;
  const came = await hashFile(path).catch((error: Error) => error.message);
  return came === hash ? null : `The content of the stored file ${hash} has changed (its SHA-256 is now ${came}).`;
}

/**
 * Files that no row needs, left by an import that was cut short. They do no harm but take space. They are not removed: the rows that
 * need them may be in a copy of the database that a person is about to put back.
 */
async function orphans(store: Store, needed: Set<string>): Promise<string[]> {
  const names = (await readdir(store.files, { recursive: true }).catch(() => [])).filter((name) => /(^|[\\/])[0-9a-f]{64}$/.test(name));
  const left = names.filter((name) => !needed.has(name.slice(-64)));
  if (left.length === 0) return [];
  const sizes = await Promise.all(left.map(async (name) => (await stat(join(store.files, name)).catch(() => null))?.size ?? 0));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return [
    `Nothing refers to ${left.length} stored ${left.length === 1 ? 'file' : 'files'} (${(bytes / 1e6).toFixed(1)} MB); this does no harm.`,
  ];
}

function countRows(db: Reader): number {
  const tables = db.all<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  return tables.reduce((sum, { name }) => sum + db.one<{ n: number }>(`SELECT count(*) AS n FROM "${name}"`)!.n, 0);
}

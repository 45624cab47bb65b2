/** Rows of content-addressed files: what every other table points to. */
import { join } from 'node:path';
import type { FileHash } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { addressOf } from '../files/durable';
import type { Reader, Writer } from './connection';

export interface FileRow {
  hash: FileHash;
  bytes: number;
}

/** Remembers a file that is already durable on disk. The same content is remembered once. */
export function rememberFile(db: Writer, { hash, bytes }: FileRow): void {
  db.run('INSERT INTO files (hash, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING', [hash, bytes]);
}

/** Forgets a file that no row needs any more. Answers whether it was forgotten; the file itself stays where it is. */
export function forgetFile(db: Writer, hash: FileHash): boolean {
  const columns = [
    ...['volumes.file', 'volumes.sourceFile', 'labels.file', 'labels.sourceFile'],
    ...['models.file', 'predictions.file', 'teachers.file', 'moments.file'],
  ].map((column) => column.split('.'));
  const needed = columns.some(([table, column]) => db.one(`SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`, [hash]) !== undefined);
  return !needed && db.run('DELETE FROM files WHERE hash = ?', [hash]) === 1;
}

/** True if some row needs this content. */
export const isRemembered = (db: Reader, hash: FileHash): boolean => db.one('SELECT 1 FROM files WHERE hash = ?', [hash]) !== undefined;

/** Every file the project needs. */
export const listFiles = (db: Reader): FileRow[] => db.all<FileRow>('SELECT hash, bytes FROM files ORDER BY hash');

/** Where a stored file lies. @throws NOT_FOUND for an address no row knows. */
export function locateFile(db: Reader, folder: string, hash: FileHash): { path: string; size: number } {
  const row = db.one<{ bytes: number }>('SELECT bytes FROM files WHERE hash = ?', [hash]);
  if (!row) fail('NOT_FOUND', `stored file ${hash}`);
  return { path: addressOf(join(folder, 'files'), hash), size: row.bytes };
}

/** One Understudy per project: a lock the operating system takes back with the process, however it ends. */
import { constants, rmSync } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { fail } from '../../shared/errors';
import { asFileError } from '../files/durable';
import { asStoreError } from './connection';

export interface Lock {
  release(): void;
}

/**
 * Holds an exclusive transaction on `lock.sqlite`. SQLite's file locks work alike on every platform and vanish with the process,
 * even when it is killed, so nothing can be left stale. `lock.json` only says who holds it, for the sentence; alone it locks nothing.
 * @throws PROJECT_LOCKED, FOLDER_NOT_WRITABLE, DISK_FULL
 */
export async function acquireLock(folder: string): Promise<Lock> {
  const note = join(folder, 'lock.json');
  await access(folder, constants.W_OK).catch((error) => {
    throw asFileError(error, folder);
  });
  const database = await takeLock(join(folder, 'lock.sqlite'), folder, note);
  await writeFile(note, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() })).catch((error) => {
    database.close();
    throw asFileError(error, folder);
  });
  return {
    release() {
      rmSync(note, { force: true }); // while the lock is still held: afterwards the note may be another's
      database.close();
    },
  };
}

async function takeLock(path: string, folder: string, note: string): Promise<Database.Database> {
  let database: Database.Database | undefined;
  try {
    // A short wait, for a process that is just being replaced.
    database = new Database(path, { timeout: 300 });
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) fail('PROJECT_LOCKED', folder, await holder(note));
    throw asStoreError(error, folder);
  }
}

async function holder(note: string): Promise<string> {
  try {
    const { pid, host } = JSON.parse(await readFile(note, 'utf8')) as { pid: number; host: string };
    return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
  } catch {
    return 'which has not said who it is yet';
  }
}

/**
 * A project's folder: `project.sqlite`, `files/` (addressed by content), `runs/<run id>/` (checkpoints), `cache/` (what can be made again).
 * Opens, creates and closes it.
 */
import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { RunId } from '../../shared/domain';
import { fail } from '../../shared/errors';
import { asFileError, makeFolder } from '../files/durable';
import { asStoreError, type Connection, connect, openDatabase, type Reader, type Writer } from './connection';
import { appendEvent } from './events';
import { acquireLock, type Lock } from './lock';
import { applicationId, formatOf, migrate, newestFormat } from './migrate';
import { insertProject } from './project';

export type { Reader, Writer } from './connection';

export interface Store {
  readonly folder: string;
  /** Where content-addressed files live. */
  readonly files: string;
  readonly read: Reader;
  /** One transaction; see `Connection.write`. */
  write<T>(work: (db: Writer) => T): T;
  close(): void;
}

const databaseOf = (folder: string) => join(folder, 'project.sqlite');

/** Where a run keeps its checkpoints. */
export const runFolder = (store: Pick<Store, 'folder'>, run: RunId): string => join(store.folder, 'runs', run);

/** True if the folder holds a project, whatever its format. */
export const holdsProject = (folder: string): boolean => existsSync(databaseOf(folder));

/**
 * Opens a project, brings it to this program's format and clears what an interrupted write left behind.
 * @throws NOT_A_PROJECT, PROJECT_LOCKED, PROJECT_TOO_NEW, FOLDER_NOT_WRITABLE, DISK_FULL, FILE_DAMAGED
 */
export async function openStore(path: string): Promise<Store> {
  const folder = resolve(path);
  if (!holdsProject(folder)) fail('NOT_A_PROJECT', folder);
  return locked(folder, async () => {
    inspect(folder);
    upgrade(databaseOf(folder), folder);
    await removeParts(folder);
    return connect(databaseOf(folder), folder);
  });
}

/**
 * Makes a new, empty project. The folder may exist, but must not hold a project.
 * @throws PROJECT_EXISTS, PROJECT_LOCKED, FOLDER_NOT_WRITABLE, DISK_FULL
 */
export async function createStore(path: string, project: { name: string; isDemo: boolean }): Promise<Store> {
  const folder = resolve(path);
  if (holdsProject(folder)) fail('PROJECT_EXISTS', folder);
  await makeFolder(join(folder, 'files'));
  return locked(folder, async () => {
    if (holdsProject(folder)) fail('PROJECT_EXISTS', folder); // made by another while this waited for the lock
    // Filled under another name first: a project is there whole or not at all.
    const unfinished = `${databaseOf(folder)}.part`;
    await removeDatabase(unfinished);
    try {
      upgrade(unfinished, folder);
      const connection = connect(unfinished, folder);
      connection.write((db) => {
        insertProject(db, project);
        appendEvent(db, 'project', `Project ${project.name} was created.`);
      });
      connection.close();
      await rename(unfinished, databaseOf(folder));
    } catch (error) {
      await removeDatabase(unfinished);
      throw asFileError(error, folder);
    }
    return connect(databaseOf(folder), folder);
  });
}

async function removeDatabase(path: string): Promise<void> {
  for (const ending of ['', '-wal', '-shm']) await rm(path + ending, { force: true });
}

/** Opens under the project's lock; the lock is given back when opening fails, and with the store. */
async function locked(folder: string, open: () => Promise<Connection>): Promise<Store> {
  const lock: Lock = await acquireLock(folder);
  try {
    const { read, write, close } = await open();
    return {
      folder,
      files: join(folder, 'files'),
      read,
      write,
      close() {
        close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw asStoreError(error, folder);
  }
}

/** Looks before anything is written: another program's database or a newer project is left exactly as it is. */
function inspect(folder: string): void {
  const database = new Database(databaseOf(folder));
  try {
    if (database.pragma('application_id', { simple: true }) !== applicationId) fail('NOT_A_PROJECT', folder);
    const format = formatOf(database);
    if (format > newestFormat) fail('PROJECT_TOO_NEW', folder, format, newestFormat);
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB') fail('NOT_A_PROJECT', folder);
    throw error;
  } finally {
    database.close();
  }
}

function upgrade(path: string, folder: string): void {
  const database = openDatabase(path);
  try {
    migrate(database, folder);
  } finally {
    database.close();
  }
}

/** Temporary files of writes that never finished. Nothing refers to them. */
async function removeParts(folder: string): Promise<void> {
  for (const place of ['files', 'runs', 'cache']) {
    const names = await readdir(join(folder, place), { recursive: true }).catch(() => []);
    await Promise.all(names.filter((name) => name.endsWith('.part')).map((name) => rm(join(folder, place, name), { force: true })));
  }
}

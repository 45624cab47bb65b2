/** Connections to a project's database. Reading cannot write by accident: a Writer exists only inside a transaction. */
import Database from 'better-sqlite3';
import { appError } from '../../shared/errors';

export type Value = string | number | null;
/** Values by name (`$name` or `:name` in the SQL, without the sign here), or in the order of the question marks. */
export type Values = Record<string, Value> | Value[];

/** Asks. Rows come back as the caller describes them. */
export interface Reader {
  one<Row>(sql: string, values?: Values): Row | undefined;
  all<Row>(sql: string, values?: Values): Row[];
}
/** Asks and changes. Handed out by `Connection.write` only. */
export interface Writer extends Reader {
  /** Runs one statement; returns how many rows it changed. */
  run(sql: string, values?: Values): number;
}
export interface Connection {
  readonly read: Reader;
  /**
   * Runs `work` in one transaction, flushed to the disk when it returns; anything thrown undoes all of it. `work` must not await.
   * @throws DISK_FULL, FOLDER_NOT_WRITABLE
   */
  write<T>(work: (db: Writer) => T): T;
  close(): void;
}

/** Opens a database for writing with the settings every connection has: write-ahead log, flushed commits, references enforced. */
export function openDatabase(path: string, { waitMs = 2000 } = {}): Database.Database {
  const database = new Database(path, { timeout: waitMs });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  return database;
}

/** A writing connection and, beside it, a read-only one that SQLite itself keeps from writing. */
export function connect(path: string, folder: string): Connection {
  const writing = openDatabase(path);
  const reading = new Database(path, { readonly: true });
  const writer = changing(writing, folder);
  return {
    read: asking(reading, folder),
    write(work) {
      try {
        return writing
          .transaction(() => {
            const result = work(writer);
            if (result instanceof Promise) throw new Error('store: a transaction never awaits');
            return result;
          })
          .immediate();
      } catch (error) {
        throw asStoreError(error, folder);
      }
    },
    close() {
      reading.close();
      writing.close();
    },
  };
}

/** Turns SQLite's refusals into a sentence; anything unknown is a bug and is passed on as it is. */
export function asStoreError(error: unknown, folder: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_SHMSIZE') return appError('DISK_FULL', folder);
  if (error.code.startsWith('SQLITE_READONLY')) return appError('FOLDER_NOT_WRITABLE', folder, 'it is read-only');
  if (error.code.startsWith('SQLITE_CANTOPEN')) return appError('FOLDER_NOT_WRITABLE', folder, 'the database cannot be opened');
  if (error.code === 'SQLITE_CORRUPT' || error.code === 'SQLITE_NOTADB') return appError('FILE_DAMAGED', folder, error.message);
  return error;
}

function changing(database: Database.Database, folder: string): Writer {
  return { ...asking(database, folder), run: (sql, values = []) => database.prepare<[Values]>(sql).run(values).changes };
}

function asking(database: Database.Database, folder: string): Reader {
  const translated = <T>(ask: () => T): T => {
    try {
      return ask();
    } catch (error) {
      throw asStoreError(error, folder);
    }
  };
  return {
    one: <Row>(sql: string, values: Values = []) => translated(() => database.prepare<[Values], Row>(sql).get(values)),
    all: <Row>(sql: string, values: Values = []) => translated(() => database.prepare<[Values], Row>(sql).all(values)),
  };
}

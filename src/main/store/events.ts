/** The append-only event log: what happened to the project, in sentences. Triggers refuse any change to a line once written. */
import type { LogEntry } from '../../shared/domain';
import type { Reader, Writer } from './connection';

export type EventKind =
  | 'project'
  | 'import'
  | 'cases'
  | 'structures'
  | 'run'
  | 'study'
  | 'predict'
  | 'evaluate'
  | 'export'
  | 'check'
  | 'teacher'
  | 'labels';

/** Adds a line, in the same transaction as what it tells about. */
export function appendEvent(db: Writer, kind: EventKind, sentence: string): void {
  db.run('INSERT INTO events (at, kind, sentence) VALUES (?, ?, ?)', [new Date().toISOString(), kind, sentence]);
}

/** The newest lines, newest first. */
export function listEvents(db: Reader, limit: number): LogEntry[] {
  return db.all<LogEntry>('SELECT id, at, kind, sentence FROM events ORDER BY id DESC LIMIT ?', [limit]);
}

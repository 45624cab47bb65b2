/** Structures: what the values of label maps mean. */
import type { Structure } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Reader, Writer } from './connection';

/** All structures, by index. */
export function listStructures(db: Reader): Structure[] {
  return db.all<Structure>('SELECT value AS "index", name, colour, mirror FROM structures ORDER BY value');
}

export function insertStructure(db: Writer, { index, name, colour, mirror }: Structure): void {
  db.run('INSERT INTO structures (value, name, colour, mirror) VALUES (?, ?, ?, ?)', [index, name, colour, mirror]);
}

/** Gives a structure another name and colour. @throws NOT_FOUND */
export function renameStructure(db: Writer, { index, name, colour }: Pick<Structure, 'index' | 'name' | 'colour'>): void {
  const changed = db.run('UPDATE structures SET name = ?, colour = ? WHERE value = ?', [name, colour, index]);
  if (changed !== 1) fail('NOT_FOUND', `structure with the index ${index}`);
}

/** Says which structure lies on the other side of the body. */
export function setMirror(db: Writer, index: number, mirror: number | null): void {
  db.run('UPDATE structures SET mirror = ? WHERE value = ?', [mirror, index]);
}

/** Every migration keeps every row of the format before it, and a copy of the database as it was. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/main/store/connection';
import { applicationId, formatOf, migrate, newestFormat } from '../../src/main/store/migrate';
import { openStore } from '../../src/main/store/store';
import { temporaryFolder } from '../folders';

const hash = (digit: string) => digit.repeat(64);
const size = '[1,1,2]';
const affine = '[1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1]';

/** Rows as format 1 wrote them, in SQL of their own: the program's writers follow the newest format only. */
const rowsOfFormat1 = `
  INSERT INTO project VALUES (1, 'Old', 0, '2026-01-01');
  INSERT INTO files VALUES ('${hash('a')}', 4), ('${hash('b')}', 2);
  INSERT INTO structures VALUES (1, 'liver', '#e69f00', NULL);
  INSERT INTO cases VALUES ('c', 'Ärztin', 'train', '${size}', '${affine}', '2026-01-01');
  INSERT INTO volumes VALUES ('v', 'c', 0, 'CT', 'HU', 'int16', '${hash('a')}', '{}', 'a.nii', '${hash('a')}', '${size}', '${affine}', 'RAS', 'sform', '[]');
  INSERT INTO labels (id, caseId, revision, file, origin, sourceName, sourceFile, voxels, createdAt) VALUES ('l', 'c', 1, '${hash('b')}', 'import', 'l.nii', '${hash('b')}', '{"1":2}', '2026-01-01');
  INSERT INTO runs (id, number, name, method, state, settings, startedAt, bestDice) VALUES ('r', 1, 'R', 'supervised', 'done', '{}', '2026-01-01', 0.1);
  INSERT INTO runCases VALUES ('r', 'c', 'training', 'l');
  INSERT INTO metrics VALUES ('r', 'loss', 1, 0.30000000000000004);
  INSERT INTO models VALUES ('m', 'r', 'best', 1, 'M', '{}', 1, '${hash('b')}', 0.1, '2026-01-01');
  INSERT INTO predictions VALUES ('p', 'c', 'm', '${hash('b')}', '{}', 1.5, '2026-01-01');`;

const rowsOfFormat2 = `${rowsOfFormat1}
  INSERT INTO evaluations VALUES ('e', 'm', '2026-01-01');
  INSERT INTO scores VALUES ('e', 'p', 'l', 1, 0.1, 1.5, NULL, 0.2, 2, 3.5, 4, NULL);
  INSERT INTO events (at, kind, sentence) VALUES ('2026-01-01', 'project', 'Made.');`;

const rowsOfFormat3 = `${rowsOfFormat2}
  INSERT INTO teachers (id, name, family, variant, parameters, input, intensity, sourceName, sourceFile, sourceBytes, sourceFormat, file, addedAt)
    VALUES ('t', 'SAM', 'sam', 'ViT-B', 1, '{}', 'imagenet', 's.pth', '${hash('c')}', 9, 'torch', '${hash('a')}', '2026-01-01');
  INSERT INTO teacherChecks VALUES ('t', 'cpu', 'm', 0.1, 1, 2.5, '2026-01-01');`;

const rowsOfFormat4 = `${rowsOfFormat3}
  INSERT INTO labels (id, caseId, revision, file, origin, sourceName, sourceFile, made, voxels, createdAt)
    VALUES ('l2', 'c', 2, '${hash('b')}', 'restore', 'revision 1', '${hash('b')}', '{"by":"restore","revision":1}', '{"1":2}', '2026-01-02');`;

const rowsOfFormat7 = `${rowsOfFormat4}
  INSERT INTO cases VALUES ('u', 'Bare', 'train', '${size}', '${affine}', '2026-01-01');
  INSERT INTO runCases VALUES ('r', 'u', 'unlabelled', NULL);`;

const rowsOfFormat8 = `${rowsOfFormat7}
  INSERT INTO pseudoPatches VALUES (1, 'r', 20, 0, 'u');
  INSERT INTO pseudoLabels VALUES (1, 1, 0.75, 0.5);`;

const rowsOfFormat9 = `${rowsOfFormat8}
  INSERT INTO studies VALUES ('s', 1, 'S', 'running', NULL, '{}', '[]', '[]', '2026-01-01', NULL);
  INSERT INTO studyRuns VALUES ('s', 0, 0, 5, 1, 'training', NULL, 'r', NULL);`;

const rowsOfFormat10 = `${rowsOfFormat9}
  INSERT INTO moments VALUES ('r', 20, 'u', 'student', '${hash('a')}'), ('r', 20, 'u', 'pet', '${hash('b')}');`;

const rowsOfFormat11 = `${rowsOfFormat10}
  INSERT INTO differences VALUES ('r', 20, 'u', 1, 2.5, 0.75, 0.5);`;

const fillers: Record<number, string> = {
  1: rowsOfFormat1,
  2: rowsOfFormat2,
  3: rowsOfFormat3,
  4: rowsOfFormat4,
  5: rowsOfFormat4,
  6: rowsOfFormat4,
  7: rowsOfFormat7,
  8: rowsOfFormat8,
  9: rowsOfFormat9,
  10: rowsOfFormat10,
  11: rowsOfFormat11,
  12: rowsOfFormat11,
};

const tablesOf = (database: Database.Database) =>
  database
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map((row) => row.name);
const rowsOf = (database: Database.Database, tables: string[]) =>
  Object.fromEntries(tables.map((table) => [table, database.prepare(`SELECT * FROM "${table}"`).all()]));

for (let format = 1; format < newestFormat; format++) {
  test(`format ${format} becomes format ${format + 1} with every row kept, and a copy of what was`, () => {
    const folder = temporaryFolder();
    const database = openDatabase(join(folder, 'project.sqlite'));
    migrate(database, folder, format);
    database.exec(fillers[format]);
    const tables = tablesOf(database);
    const before = rowsOf(database, tables);
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]); // a table nobody fills proves nothing

    migrate(database, folder, format + 1);

    const after = rowsOf(database, tables);
    // A new column may have come; what was there must be as it was.
    for (const [table, rows] of Object.entries(before)) expect(after[table]).toMatchObject(rows);
    expect(formatOf(database)).toBe(format + 1);
    expect(database.pragma('foreign_key_check')).toEqual([]);
    database.close();
    const copy = new Database(join(folder, 'backups', `format-${format}.sqlite`), { readonly: true });
    expect(rowsOf(copy, tablesOf(copy))).toEqual(before);
    expect(formatOf(copy)).toBe(format);
    copy.close();
  });
}

test('labels that began with a teacher’s mask become drafts, and corrected imports stay complete', () => {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder, 'project.sqlite'));
  migrate(database, folder, 5);
  database.exec(rowsOfFormat4);
  database.exec(`INSERT INTO cases VALUES ('d', 'D', 'train', '${size}', '${affine}', '2026-01-01')`);
  const add = (id: string, of: string, revision: number, origin: string, made: string | null) =>
    database
      .prepare(
        `INSERT INTO labels (id, caseId, revision, file, origin, sourceName, sourceFile, made, voxels, createdAt)
         VALUES (?, ?, ?, '${hash('b')}', ?, '', '${hash('b')}', ?, '{}', '2026-01-02')`,
      )
      .run(id, of, revision, origin, made);
  add('c3', 'c', 3, 'prompt', '{"by":"prompt"}');
  add('d1', 'd', 1, 'prompt', '{"by":"prompt"}');
  add('d2', 'd', 2, 'prompt', '{"by":"prompt"}');
  add('d3', 'd', 3, 'restore', '{"by":"restore","revision":1}');
  add('d4', 'd', 4, 'restore', '{"by":"restore","revision":0}');
  migrate(database, folder);
  expect(database.prepare('SELECT id, state FROM labels ORDER BY id').raw().all()).toEqual([
    ...[
      ['c3', 'complete'],
      ['d1', 'draft'],
      ['d2', 'draft'],
      ['d3', 'draft'],
      ['d4', 'draft'],
    ],
    ...[
      ['l', 'complete'],
      ['l2', 'complete'],
    ],
  ]);
  expect(database.prepare('SELECT id, state FROM currentLabels').raw().all()).toEqual([['c3', 'complete']]);
  database.close();
});

test('an old project is brought to the newest format by opening it', async () => {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder, 'project.sqlite'));
  migrate(database, folder, 1);
  database.exec(rowsOfFormat1);
  database.close();
  const store = await openStore(folder);
  expect(store.read.all('SELECT * FROM evaluations')).toEqual([]);
  expect(store.read.all<{ name: string }>('SELECT name FROM cases')).toEqual([{ name: 'Ärztin' }]);
  store.close();
});

test('a step that fails leaves the database in the format it had', () => {
  const folder = temporaryFolder();
  const database = openDatabase(join(folder, 'project.sqlite'));
  migrate(database, folder, 1);
  database.exec('CREATE TABLE events (squatter TEXT) STRICT');
  expect(() => migrate(database, folder, 2)).toThrow('already exists');
  expect(formatOf(database)).toBe(1);
  expect(tablesOf(database)).not.toContain('scores');
  database.close();
});

test('a project of a newer program is refused and left untouched', async () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const database = new Database(join(folder, 'project.sqlite'));
  database.exec('CREATE TABLE future (x)');
  database.pragma(`application_id = ${applicationId}`);
  database.pragma(`user_version = ${newestFormat + 1}`);
  database.close();
  await expect(openStore(folder)).rejects.toMatchObject({
    code: 'PROJECT_TOO_NEW',
    message: expect.stringContaining(`format ${newestFormat + 1}`),
  });
  const again = new Database(join(folder, 'project.sqlite'), { readonly: true });
  expect(tablesOf(again)).toEqual(['future']);
  expect(again.pragma('journal_mode', { simple: true })).toBe('delete');
  again.close();
});

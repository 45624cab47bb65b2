/** Brings a project's database to this program's format, one numbered step at a time, with a copy of it made before each. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { fail } from '../../shared/errors';
import { base } from './migrations/0001Base';
import { evaluations } from './migrations/0002Evaluations';
import { teachers } from './migrations/0003Teachers';
import { labelsMade } from './migrations/0004LabelsMade';
import { teacherAbout } from './migrations/0005TeacherAbout';
import { labelStates } from './migrations/0006LabelStates';
import { runsOfMethods } from './migrations/0007RunsOfMethods';
import { pseudoLabels } from './migrations/0008PseudoLabels';
import { studies } from './migrations/0009Studies';
import { moments } from './migrations/0010Moments';
import { differences } from './migrations/0011Differences';
import { sharedRuns } from './migrations/0012SharedRuns';
import { patients } from './migrations/0013Patients';

/** Position + 1 is the format a step leads to. A released step is never edited; add another. */
const steps: readonly string[] = [
  base,
  evaluations,
  teachers,
  labelsMade,
  teacherAbout,
  labelStates,
  runsOfMethods,
  pseudoLabels,
  studies,
  moments,
  differences,
  sharedRuns,
  patients,
];

/** The newest format this program reads and writes. */
export const newestFormat = steps.length;

/** Marks a SQLite file as an Understudy project, in its header (`application_id`): the letters UNDS. */
export const applicationId = 0x55_4e_44_53;

/** The format a database is in; 0 for a fresh one. */
export const formatOf = (database: Database.Database): number => database.pragma('user_version', { simple: true }) as number;

/**
 * Runs every step between the database's format and `target`, each in a transaction of its own.
 * Before a step, the database as it was is copied to `backups/format-<n>.sqlite` in the project's folder; a new one has nothing to lose.
 * @throws PROJECT_TOO_NEW when the database is from a later program; it is left untouched.
 */
export function migrate(database: Database.Database, folder: string, target = newestFormat): void {
  const found = formatOf(database);
  if (found > newestFormat) fail('PROJECT_TOO_NEW', folder, found, newestFormat);
  for (let format = found; format < target; format++) {
    if (found > 0) backUp(database, folder, format);
    database
      .transaction(() => {
        database.exec(steps[format]);
        database.pragma(`application_id = ${applicationId}`);
        database.pragma(`user_version = ${format + 1}`);
      })
      .immediate();
  }
}

function backUp(database: Database.Database, folder: string, format: number): void {
  const backups = join(folder, 'backups');
  mkdirSync(backups, { recursive: true });
  let path = join(backups, `format-${format}.sqlite`);
  for (let n = 2; existsSync(path); n++) path = join(backups, `format-${format}-${n}.sqlite`);
  database.prepare('VACUUM INTO ?').run(path);
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}

/** Teachers of the project. A removed one is a row without weights: importing the same file again brings it back as it was. */
import type { FileHash, Modality } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Device } from '../../shared/runs';
import type {
  CheckNumbers,
  IntensityTreatment,
  Licence,
  Teacher,
  TeacherCheck,
  TeacherFamily,
  TeacherId,
  TeacherInput,
} from '../../shared/teachers';
import type { Reader, Writer } from './connection';
import { forgetFile } from './files';

interface Row {
  id: TeacherId;
  name: string;
  family: TeacherFamily;
  variant: string;
  parameters: number;
  input: string;
  modality: Modality | null;
  spacingMm: number | null;
  intensity: IntensityTreatment;
  licence: string | null;
  acceptedAt: string | null;
  about: string | null;
  sourceName: string;
  sourceFile: FileHash;
  sourceBytes: number;
  sourceFormat: string;
  file: FileHash | null;
  reference: string | null;
  addedAt: string;
  removedAt: string | null;
}
interface CheckRow {
  teacher: TeacherId;
  device: Device;
  machine: string;
  difference: number;
  agrees: 0 | 1;
  seconds: number;
  at: string;
}

const toTeacher = (row: Row & { file: FileHash }, checks: readonly CheckRow[]): Teacher => ({
  id: row.id,
  name: row.name,
  family: row.family,
  variant: row.variant,
  parameters: row.parameters,
  input: JSON.parse(row.input) as TeacherInput,
  modality: row.modality,
  spacingMm: row.spacingMm,
  intensity: row.intensity,
  licence: row.licence === null ? null : (JSON.parse(row.licence) as Licence),
  acceptedAt: row.acceptedAt,
  about: row.about,
  source: { fileName: row.sourceName, hash: row.sourceFile, bytes: row.sourceBytes, format: row.sourceFormat },
  file: row.file,
  reference: row.reference === null ? null : (JSON.parse(row.reference) as CheckNumbers),
  checks: checks.map(({ teacher: _ofTheRow, agrees, ...check }) => ({ ...check, agrees: agrees === 1 })),
  addedAt: row.addedAt,
});

/** Those that are there, in the order they came. */
export function listTeachers(db: Reader): Teacher[] {
  const checks = Map.groupBy(db.all<CheckRow>('SELECT * FROM teacherChecks ORDER BY at DESC'), (row) => row.teacher);
  return db
    .all<Row & { file: FileHash }>('SELECT * FROM teachers WHERE removedAt IS NULL ORDER BY addedAt, name')
    .map((row) => toTeacher(row, checks.get(row.id) ?? []));
}

/** @throws NOT_FOUND, also for one that was removed */
export function getTeacher(db: Reader, id: TeacherId): Teacher {
  return listTeachers(db).find((teacher) => teacher.id === id) ?? fail('NOT_FOUND', `teacher ${id}`);
}

/** What people called a teacher, also one that was removed: for runs that name it. */
export const teacherName = (db: Reader, id: TeacherId): string | undefined =>
  db.one<{ name: string }>('SELECT name FROM teachers WHERE id = ?', [id])?.name;

/** Whose original file this was, removed or not. */
export const teacherOfSource = (db: Reader, hash: FileHash): { id: TeacherId; name: string; isRemoved: boolean } | undefined => {
  const row = db.one<Pick<Row, 'id' | 'name' | 'removedAt'>>('SELECT id, name, removedAt FROM teachers WHERE sourceFile = ?', [hash]);
  return row && { id: row.id, name: row.name, isRemoved: row.removedAt !== null };
};

/** Adds a teacher; its file must be remembered already. */
export function insertTeacher(db: Writer, { input, licence, source, reference, checks: _none, ...teacher }: Teacher): void {
  db.run(
    `INSERT INTO teachers (id, name, family, variant, parameters, input, modality, spacingMm, intensity, licence, acceptedAt, about,
                           sourceName, sourceFile, sourceBytes, sourceFormat, file, reference, addedAt)
     VALUES ($id, $name, $family, $variant, $parameters, $input, $modality, $spacingMm, $intensity, $licence, $acceptedAt, $about,
             $sourceName, $sourceFile, $sourceBytes, $sourceFormat, $file, $reference, $addedAt)`,
    {
      ...teacher,
      input: JSON.stringify(input),
      licence: licence && JSON.stringify(licence),
      reference: reference && JSON.stringify(reference),
      sourceName: source.fileName,
      sourceFile: source.hash,
      sourceBytes: source.bytes,
      sourceFormat: source.format,
    },
  );
}

/** Gives a removed teacher its weights back; all that was known of it stands. @throws NOT_FOUND */
export function restoreTeacher(db: Writer, id: TeacherId, file: FileHash): void {
  changed(id, db.run('UPDATE teachers SET file = ?, removedAt = NULL WHERE id = ?', [file, id]));
}

/**
 * Takes a teacher's weights out of the project.
 * @returns its file, if nothing else needs it: it may be deleted once the transaction stands
 * @throws NOT_FOUND
 */
export function removeTeacher(db: Writer, id: TeacherId): FileHash | null {
  const { file } = getTeacher(db, id);
  db.run('UPDATE teachers SET file = NULL, removedAt = ? WHERE id = ?', [new Date().toISOString(), id]);
  return forgetFile(db, file) ? file : null;
}

/** What a person may say about a teacher. */
export type TeacherSettings = Pick<Teacher, 'name' | 'family' | 'modality' | 'spacingMm' | 'intensity' | 'licence' | 'acceptedAt'>;

/** @throws NOT_FOUND */
export function changeTeacher(db: Writer, id: TeacherId, { licence, ...settings }: TeacherSettings): void {
  const count = db.run(
    `UPDATE teachers SET name = $name, family = $family, modality = $modality, spacingMm = $spacingMm, intensity = $intensity,
                         licence = $licence, acceptedAt = $acceptedAt WHERE id = $id`,
    { id, ...pick(settings), licence: licence && JSON.stringify(licence) },
  );
  changed(id, count);
}
const pick = ({ name, family, modality, spacingMm, intensity, acceptedAt }: Omit<TeacherSettings, 'licence'>) => ({
  name,
  family,
  modality,
  spacingMm,
  intensity,
  acceptedAt,
});

/** Keeps what a teacher made of the fixed image, to compare later answers with. @throws NOT_FOUND */
export function setReference(db: Writer, id: TeacherId, numbers: CheckNumbers): void {
  changed(id, db.run('UPDATE teachers SET reference = ? WHERE id = ?', [JSON.stringify(numbers), id]));
}

/** Keeps a check; an older one of the same device and machine goes. */
export function insertCheck(db: Writer, teacher: TeacherId, { agrees, ...check }: TeacherCheck): void {
  db.run(
    `INSERT INTO teacherChecks (teacher, device, machine, difference, agrees, seconds, at)
     VALUES ($teacher, $device, $machine, $difference, $agrees, $seconds, $at)
     ON CONFLICT DO UPDATE SET difference = $difference, agrees = $agrees, seconds = $seconds, at = $at`,
    { ...check, teacher, agrees: agrees ? 1 : 0 },
  );
}

function changed(id: TeacherId, count: number): void {
  if (count !== 1) fail('NOT_FOUND', `teacher ${id}`);
}

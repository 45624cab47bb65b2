/** One weights file becomes a teacher of the project: recognised, stored once, put to the test if nothing trains, and kept in the library. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { sentenceOf } from '../../../shared/errors';
import type { Teacher, TeacherFamily, TeacherId, TeacherImportReport } from '../../../shared/teachers';
import type { Result } from '../../compute/protocol';
import { addressOf } from '../../files/durable';
import { appendEvent } from '../../store/events';
import { rememberFile } from '../../store/files';
import { type LibraryEntry, listLibrary } from '../../store/teacherLibrary';
import { insertTeacher, listTeachers, restoreTeacher, teacherOfSource } from '../../store/teachers';
import type { Desk } from '../desk';
import { type JobControl, JobStopped } from '../jobs';
import { checkTeacher } from './check';
import { factsFrom } from './facts';
import { addToLibrary, libraryOf, placeFromLibrary } from './library';

type Imported = TeacherImportReport['imported'][number];
type Control = Pick<JobControl, 'signal' | 'progress'>;

/** @throws what the compute process refuses, or what keeps the project from being written */
export async function importTeacher(
  desk: Desk,
  { path, family }: { path: string; family: TeacherFamily | null },
  { signal, progress }: Control,
): Promise<Imported> {
  const store = desk.store();
  const library = await listLibrary(libraryOf(desk));
  const here = listTeachers(store.read).filter(({ file }) => existsSync(addressOf(store.files, file)));
  const known = [...here, ...library].map(({ source }) => source.hash);
  const outcome = await desk.compute.run(
    'importTeacher',
    { path, family, known, store: store.files },
    { signal, onProgress: ({ fraction, message }) => progress(0.8 * fraction, message) },
  );
  if (outcome.state === 'stopped') throw new JobStopped();
  const { file, source } = outcome.result;
  if (file) return checked(desk, { ...addTeacher(desk, outcome.result, path), file: path }, { signal, progress });
  const before = here.find((one) => one.source.hash === source.hash);
  if (before) {
    const { id: teacher, name } = before;
    return { teacher, name, file: path, notes: [`It was here already as ${name}; nothing was copied.`] };
  }
  const entry = library.find((one) => one.source.hash === source.hash);
  if (!entry) throw new Error(`importTeacher: ${source.hash} was known and is not there`);
  return takeFromLibrary(desk, entry, { file: path }, { signal, progress });
}

/** Takes a teacher of the library into the project, and puts it to the test there. @throws DISK_FULL, FOLDER_NOT_WRITABLE */
export async function takeFromLibrary(
  desk: Desk,
  entry: LibraryEntry,
  { file = entry.source.fileName }: { file?: string },
  control: Control,
): Promise<Imported> {
  const { id, name } = await placeFromLibrary(desk, entry);
  return checked(desk, { teacher: id, name, file, notes: ['It came from your library; nothing was read or copied anew.'] }, control);
}

function addTeacher(desk: Desk, result: Result<'importTeacher'>, path: string): Pick<Imported, 'teacher' | 'name' | 'notes'> {
  const store = desk.store();
  const { file, source } = result;
  if (!file) throw new Error(`addTeacher: ${path} was not stored`);
  const before = teacherOfSource(store.read, source.hash);
  const teacher: Teacher = {
    ...factsFrom(result, path),
    id: before?.id ?? (randomUUID() as string as TeacherId),
    file: file.hash,
    reference: null,
    checks: [],
    addedAt: new Date().toISOString(),
  };
  const name = before?.name ?? teacher.name;
  store.write((db) => {
    rememberFile(db, file);
    if (before) restoreTeacher(db, before.id, file.hash);
    else insertTeacher(db, teacher);
    appendEvent(db, 'teacher', before ? `${name} was brought back.` : `${name} was imported from ${basename(path)}.`);
  });
  desk.announce('teachers.changed', {});
  return { teacher: teacher.id, name, notes: before ? ['It was removed before, and is back with all that was known of it.'] : [] };
}

/** Lets a new teacher answer the fixed image. Whatever comes of that, it stays, and the library has it. */
async function checked(desk: Desk, imported: Imported, { signal, progress }: Control): Promise<Imported> {
  const { teacher, name } = imported;
  const notes = [...imported.notes];
  const missing = await addToLibrary(desk, teacher);
  if (missing) notes.push(missing);
  if (desk.trainer().running) return { ...imported, notes: [...notes, 'It was not checked, because a run is training.'] };
  progress(0.8, `Checking ${name}`);
  try {
    await checkTeacher(desk, teacher, { device: 'cpu', signal });
  } catch (error) {
    if (error instanceof JobStopped) throw error;
    notes.push(`It was imported, but its check failed: ${sentenceOf(error)}`);
  }
  return { ...imported, notes };
}

/** The library of teachers and the project on the desk: what the one offers the other, and what each learns from the other. */
import { randomUUID } from 'node:crypto';
import type { FileHash } from '../../../shared/domain';
import { fail, sentenceOf } from '../../../shared/errors';
import type { LibraryTeacher, Teacher, TeacherCheck, TeacherId } from '../../../shared/teachers';
import { addressOf, adoptFile } from '../../files/durable';
import { appendEvent } from '../../store/events';
import { rememberFile } from '../../store/files';
import { type LibraryEntry, libraryIn, listLibrary, putInLibrary, readEntry, weightsInLibrary } from '../../store/teacherLibrary';
import { getTeacher, insertCheck, insertTeacher, listTeachers, restoreTeacher, teacherOfSource } from '../../store/teachers';
import type { Desk } from '../desk';
import { shippedTeachers } from './shipped';

export const libraryOf = (desk: Desk): string => libraryIn(desk.facts.home);

/** What the person's library and the program have, each original file once, and which of them the project has already. */
export async function offeredTeachers(desk: Desk): Promise<LibraryTeacher[]> {
  const here = new Map(desk.project ? listTeachers(desk.project.store.read).map(({ id, source }) => [source.hash, id]) : []);
  const own = await listLibrary(libraryOf(desk));
  const ownSources = new Set(own.map(({ source }) => source.hash));
  const shipped = (await shippedTeachers(desk)).filter(({ facts }) => !ownSources.has(facts.source.hash));
  const offered = (from: LibraryTeacher['from']) => (facts: Omit<LibraryTeacher, 'from' | 'here'>) => ({
    ...facts,
    from,
    here: here.get(facts.source.hash) ?? null,
  });
  return [...own.map(withoutWeights).map(offered('library')), ...shipped.map(({ facts }) => facts).map(offered('program'))];
}

const withoutWeights = ({ file: _file, reference: _reference, checks: _checks, ...facts }: LibraryEntry) => facts;

/**
 * Offers a teacher of the project in every other one.
 * @returns why that was not possible, as a sentence; the teacher stands all the same
 */
export async function addToLibrary(desk: Desk, id: TeacherId): Promise<string | null> {
  const { read, files } = desk.store();
  const { id: _id, ...entry } = getTeacher(read, id);
  try {
    await putInLibrary(libraryOf(desk), entry, addressOf(files, entry.file));
    return null;
  } catch (error) {
    return `Other projects will not be offered it: ${sentenceOf(error)}`;
  }
}

/** Lets the library know what a project has learnt of a teacher: its settings, terms, first answer and speeds. */
export async function tellLibrary(desk: Desk, id: TeacherId): Promise<void> {
  const store = desk.store();
  const { id: _id, ...teacher } = getTeacher(store.read, id);
  const library = libraryOf(desk);
  const known = await readEntry(library, teacher.source.hash);
  if (!known) return;
  const checks = [...teacher.checks, ...known.checks.filter((check) => !teacher.checks.some(isSamePlace(check)))];
  try {
    await putInLibrary(library, { ...teacher, checks }, weightsInLibrary(library, known));
  } catch (error) {
    store.write((db) => appendEvent(db, 'teacher', `The library was not told of a change to ${teacher.name}: ${sentenceOf(error)}`));
  }
}
const isSamePlace =
  ({ device, machine }: TeacherCheck) =>
  (other: TeacherCheck): boolean =>
    other.device === device && other.machine === machine;

/** Makes a teacher of the library one of the project: its weights get a second name there. @throws DISK_FULL, FOLDER_NOT_WRITABLE */
export async function placeFromLibrary(desk: Desk, entry: LibraryEntry): Promise<Pick<Teacher, 'id' | 'name'>> {
  const store = desk.store();
  const file = await adoptFile(store.files, weightsInLibrary(libraryOf(desk), entry), entry.file);
  const before = teacherOfSource(store.read, entry.source.hash);
  const { id, name } = before ?? { id: randomUUID() as string as TeacherId, name: entry.name };
  store.write((db) => {
    rememberFile(db, file);
    if (before) restoreTeacher(db, id, file.hash);
    else {
      insertTeacher(db, { ...entry, id, checks: [], addedAt: new Date().toISOString() });
      for (const check of entry.checks) insertCheck(db, id, check);
    }
    appendEvent(db, 'teacher', before ? `${name} was brought back from the library.` : `${name} was taken from the library.`);
  });
  desk.announce('teachers.changed', {});
  return { id, name };
}

/** Where a teacher that is offered comes from. @throws NOT_FOUND */
export async function findOffered(desk: Desk, source: FileHash): Promise<{ entry: LibraryEntry } | { path: string }> {
  const entry = await readEntry(libraryOf(desk), source);
  if (entry) return { entry };
  const shipped = (await shippedTeachers(desk)).find(({ facts }) => facts.source.hash === source);
  return shipped ? { path: shipped.path } : fail('NOT_FOUND', 'such teacher in the library');
}

/**
 * A person's library of teachers, a folder beside their projects: weights under their hash, and a small text about each. Projects share the
 * weights as second names of the same content. Every teacher has a text of its own, so that two programs never write the same file.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileHash } from '../../shared/domain';
import { fail } from '../../shared/errors';
import type { Teacher } from '../../shared/teachers';
import { addressOf, adoptFile, asFileError, writeDurably } from '../files/durable';

/** A teacher as any project may have it: its terms, settings, first answer and speeds included. */
export type LibraryEntry = Omit<Teacher, 'id'>;

/** The form of the texts; those of another form are left alone. */
const form = 1;

export const libraryIn = (home: string): string => join(home, 'teacher-library');

/** Where the weights of an entry lie. */
export const weightsInLibrary = (library: string, { file }: Pick<LibraryEntry, 'file'>): string => addressOf(join(library, 'files'), file);

const textOf = (library: string, source: FileHash): string => join(library, 'teachers', `${source}.json`);

/** Every entry whose weights are there, in the order they came; none where there is no library yet. */
export async function listLibrary(library: string): Promise<LibraryEntry[]> {
  const names = await readdir(join(library, 'teachers')).catch(() => []);
  const texts = names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  const entries = await Promise.all(texts.map((name) => readEntry(library, name.slice(0, 64) as FileHash)));
  return entries.filter((entry) => entry !== null).toSorted((a, b) => a.addedAt.localeCompare(b.addedAt) || a.name.localeCompare(b.name));
}

/** The entry of an original file, or null. One whose text or weights are damaged or gone is none: importing the file again mends it. */
export async function readEntry(library: string, source: FileHash): Promise<LibraryEntry | null> {
  const text = await readFile(textOf(library, source), 'utf8').catch(() => null);
  const entry = text === null ? null : parsed(text);
  if (entry?.source?.hash !== source) return null;
  const isThere = await stat(weightsInLibrary(library, entry)).catch(() => null);
  return isThere ? entry : null;
}

function parsed(text: string): LibraryEntry | null {
  try {
    const { form: itsForm, ...entry } = JSON.parse(text) as LibraryEntry & { form: number };
    return itsForm === form ? entry : null;
  } catch {
    return null; // cut short by something that is not this program
  }
}

/**
 * Adds a teacher, or puts what is known of it now in place of what was.
 * @param weights where they lie; they are linked where the disk allows that, else copied
 * @throws DISK_FULL, FOLDER_NOT_WRITABLE
 */
export async function putInLibrary(library: string, entry: LibraryEntry, weights: string): Promise<void> {
  try {
    await adoptFile(join(library, 'files'), weights, entry.file);
  } catch (error) {
    throw asFileError(error, library);
  }
  await writeDurably(textOf(library, entry.source.hash), Buffer.from(`${JSON.stringify({ form, ...entry }, null, 2)}\n`));
}

/** Projects keep theirs. @throws NOT_FOUND, FOLDER_NOT_WRITABLE */
export async function removeFromLibrary(library: string, source: FileHash): Promise<void> {
  const entry = (await readEntry(library, source)) ?? fail('NOT_FOUND', 'such teacher in the library');
  try {
    await rm(textOf(library, source));
    const isNeeded = (await listLibrary(library)).some(({ file }) => file === entry.file);
    if (!isNeeded) await rm(weightsInLibrary(library, entry), { force: true });
  } catch (error) {
    throw asFileError(error, library);
  }
}

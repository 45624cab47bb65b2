/** One weights file becomes a teacher of the project: recognised, stored once, and put to the test if nothing trains. */
import { randomUUID } from 'node:crypto';
import { basename, parse } from 'node:path';
import { sentenceOf } from '../../../shared/errors';
import { familyFacts, type Teacher, type TeacherFamily, type TeacherId, type TeacherImportReport } from '../../../shared/teachers';
import type { Result } from '../../compute/protocol';
import { appendEvent } from '../../store/events';
import { rememberFile } from '../../store/files';
import { insertTeacher, listTeachers, restoreTeacher, teacherOfSource } from '../../store/teachers';
import type { Desk } from '../desk';
import { type JobControl, JobStopped } from '../jobs';
import { checkTeacher } from './check';

type Imported = TeacherImportReport['imported'][number];

/** @throws what the compute process refuses, or what keeps the project from being written */
export async function importTeacher(
  desk: Desk,
  { path, family }: { path: string; family: TeacherFamily | null },
  { signal, progress }: Pick<JobControl, 'signal' | 'progress'>,
): Promise<Imported> {
  const store = desk.store();
  const known = listTeachers(store.read).map(({ source }) => source.hash);
  const outcome = await desk.compute.run(
    'importTeacher',
    { path, family, known, store: store.files },
    { signal, onProgress: ({ fraction, message }) => progress(0.8 * fraction, message) },
  );
  if (outcome.state === 'stopped') throw new JobStopped();
  const { file, source } = outcome.result;
  const before = teacherOfSource(store.read, source.hash);
  if (file === null) {
    if (!before) throw new Error(`importTeacher: ${source.hash} was known and is not there`);
    return { teacher: before.id, name: before.name, file: path, notes: [`It was here already as ${before.name}; nothing was copied.`] };
  }
  const { id, name } = before ?? { id: randomUUID() as string as TeacherId, name: nameFor(outcome.result, path) };
  store.write((db) => {
    rememberFile(db, file);
    if (before) restoreTeacher(db, id, file.hash);
    else insertTeacher(db, teacherFrom(outcome.result, { id, name, fileName: basename(path), file: file.hash }));
    appendEvent(db, 'teacher', before ? `${name} was brought back.` : `${name} was imported from ${basename(path)}.`);
  });
  desk.announce('teachers.changed', {});
  const notes = before ? ['It was removed before, and is back with all that was known of it.'] : [];
  if (desk.trainer().running) return { teacher: id, name, file: path, notes: [...notes, 'It was not checked, because a run is training.'] };
  progress(0.8, `Checking ${name}`);
  try {
    await checkTeacher(desk, id, { device: 'cpu', signal });
  } catch (error) {
    if (error instanceof JobStopped) throw error;
    notes.push(`It was imported, but its check failed: ${sentenceOf(error)}`);
  }
  return { teacher: id, name, file: path, notes };
}

/** What a network of one's own is called shows in its file's name only. */
const nameFor = ({ family, facts, stated }: Result<'importTeacher'>, path: string) =>
  stated.name ?? (family === 'onnx' ? parse(path).name : `${familyFacts[family].title} ${facts.variant}`);

function teacherFrom(
  { family, facts, stated, source }: Result<'importTeacher'>,
  { fileName, ...own }: Pick<Teacher, 'id' | 'name' | 'file'> & { fileName: string },
): Teacher {
  const { modality, spacingMm, intensity, licence } = { ...familyFacts[family], ...stated };
  const { variant, parameters, input } = facts;
  return {
    ...own,
    ...{ family, variant, parameters, input, modality, spacingMm, intensity, licence },
    acceptedAt: null,
    about: stated.about ?? null,
    source: { fileName, ...source },
    reference: null,
    checks: [],
    addedAt: new Date().toISOString(),
  };
}

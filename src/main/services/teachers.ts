/** Teachers: foundation models a person brings as files, their terms of use, and whether they still answer as they did. */
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Handlers } from '../../shared/contract';
import { AppError, fail } from '../../shared/errors';
import { architectureOf, familyFacts, type TeacherImportReport, twinsOf } from '../../shared/teachers';
import { addressOf } from '../files/durable';
import { appendEvent } from '../store/events';
import { removeFromLibrary } from '../store/teacherLibrary';
import { changeTeacher, getTeacher, listTeachers, removeTeacher, type TeacherSettings } from '../store/teachers';
import type { Desk } from './desk';
import { isFatal, refusal } from './import/plan';
import { type JobControl, JobStopped } from './jobs';
import { acceptLicence } from './teachers/accept';
import { checkTeacher } from './teachers/check';
import { importTeacher, takeFromLibrary } from './teachers/importTeacher';
import { findOffered, libraryOf, offeredTeachers, tellLibrary } from './teachers/library';

type TeacherHandlers = Pick<
  Handlers,
  | 'teachers.list'
  | 'teachers.import'
  | 'teachers.update'
  | 'teachers.accept'
  | 'teachers.selfCheck'
  | 'teachers.remove'
  | 'teachers.library'
  | 'teachers.use'
  | 'teachers.forget'
>;

export const teacherHandlers = (desk: Desk): TeacherHandlers => ({
  'teachers.list': () => listTeachers(desk.store().read),

  'teachers.import': ({ paths, family }) => {
    desk.store();
    const title = `Import of ${paths.length === 1 ? basename(paths[0]) : `${paths.length} teachers`}`;
    return desk.jobs.start({ kind: 'teachers', title }, async (control) => {
      const report: TeacherImportReport = { imported: [], refused: [] };
      control.keep({ kind: 'teachers', report });
      for (const [at, path] of paths.entries()) {
        if (control.signal.aborted) throw new JobStopped();
        try {
          report.imported.push(await importTeacher(desk, { path, family }, partOf(control, at, paths.length)));
        } catch (error) {
          if (error instanceof JobStopped) throw error;
          report.refused.push(refusal(path, error));
          if (error instanceof AppError && isFatal(error)) throw error;
        }
      }
      control.progress(1, `${report.imported.length} imported, ${report.refused.length} refused.`);
      return { kind: 'teachers', report };
    });
  },

  'teachers.library': () => offeredTeachers(desk),

  'teachers.use': async ({ source }) => {
    const found = await findOffered(desk, source);
    const title = `Import of ${'entry' in found ? found.entry.name : basename(found.path)}`;
    return desk.jobs.start({ kind: 'teachers', title }, async (control) => {
      const imported =
        'entry' in found
          ? await takeFromLibrary(desk, found.entry, {}, control)
          : await importTeacher(desk, { path: found.path, family: null }, control);
      control.progress(1, `${imported.name} is there.`);
      return { kind: 'teachers', report: { imported: [imported], refused: [] } };
    });
  },

  'teachers.forget': async ({ source }) => {
    await removeFromLibrary(libraryOf(desk), source);
    desk.announce('teachers.changed', {});
  },

  'teachers.update': async ({ teacher: id, family, ...given }) => {
    const store = desk.store();
    const teacher = getTeacher(store.read, id);
    const architecture = architectureOf[teacher.family];
    if (family && architectureOf[family] !== architecture) {
      const titles = twinsOf(architecture).map((twin) => familyFacts[twin].title);
      fail('TEACHER_NOT_FAMILY', teacher.name, familyFacts[family].title, titles.join(' or '));
    }
    const ofFamily = family && family !== teacher.family ? settingsOf(family) : {};
    const settings: TeacherSettings = { ...teacher, ...ofFamily, ...stated(given) };
    const isAsAccepted = JSON.stringify(settings.licence) === JSON.stringify(teacher.licence);
    store.write((db) => changeTeacher(db, id, { ...settings, acceptedAt: isAsAccepted ? teacher.acceptedAt : null }));
    await tellLibrary(desk, id);
    desk.announce('teachers.changed', {});
    return getTeacher(store.read, id);
  },

  'teachers.accept': async ({ teacher: id }) => {
    const store = desk.store();
    acceptLicence(store, id);
    await tellLibrary(desk, id);
    desk.announce('teachers.changed', {});
    return getTeacher(store.read, id);
  },

  'teachers.selfCheck': ({ teacher: id, device }) => {
    const { name } = getTeacher(desk.store().read, id);
    return desk.jobs.start({ kind: 'teacherCheck', title: `Check of ${name}` }, async ({ signal, progress }) => {
      if (desk.trainer().running) progress(0, 'Waiting for the run that is training');
      return { kind: 'teacherCheck', teacher: id, check: await checkTeacher(desk, id, { device, signal }) };
    });
  },

  'teachers.remove': async ({ teacher: id }) => {
    const store = desk.store();
    const { name } = getTeacher(store.read, id);
    const unneeded = store.write((db) => {
      appendEvent(db, 'teacher', `${name} was removed. Importing its file again brings it back.`);
      return removeTeacher(db, id);
    });
    desk.announce('teachers.changed', {});
    // Gone from the rows already: if this is cut short, the file only takes space.
    if (unneeded) await rm(addressOf(store.files, unneeded), { force: true });
  },
});

/** What a person is offered to say about a teacher of this family before they do. */
export function settingsOf(family: TeacherSettings['family']): Omit<TeacherSettings, 'name' | 'acceptedAt'> {
  const { modality, spacingMm, intensity, licence } = familyFacts[family];
  return { family, modality, spacingMm, intensity, licence };
}

/** Without what was not given. */
const stated = <T extends object>(given: T): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;

/** One of several equal parts of a job. */
const partOf = ({ signal, progress }: JobControl, at: number, of: number): Pick<JobControl, 'signal' | 'progress'> => ({
  signal,
  progress: (fraction, message) => progress((at + fraction) / of, message),
});

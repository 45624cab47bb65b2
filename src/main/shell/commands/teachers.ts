/** `teachers`: list, import, check, say more about, accept and remove the foundation models of a project, and those of the person's library. */
import { AppError, fail } from '../../../shared/errors';
import type { Device } from '../../../shared/runs';
import {
  familyFacts,
  type LibraryTeacher,
  type Teacher,
  type TeacherFamily,
  type TeacherImportReport,
  teacherFamilies,
} from '../../../shared/teachers';
import type { CommonOptions } from './commonOptions';
import { pathFrom, projectFolder } from './paths';
import { fixed, printJson, table } from './print';
import { type Session, withNewOrOpenProject, withWorkbench } from './session';
import { jobWithBar } from './withBar';

export const teachersList = (options: CommonOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async ({ workbench }) => {
    const teachers = await workbench.ask('teachers.list', {});
    const library = await workbench.ask('teachers.library', {});
    if (options.json) printJson({ teachers, library });
    else {
      if (teachers.length === 0) console.log('No teachers yet. Import one: npm run -s cli -- teachers import FILE --project DIR');
      else console.log(teachersTable(teachers));
      const offered = library.filter(({ here }) => here === null);
      if (offered.length > 0) {
        console.log(
          `\nYour library has these too; npm run -s cli -- teachers use TEACHER takes one into the project:\n${libraryTable(offered)}`,
        );
      }
    }
    return 0;
  });

const libraryTable = (teachers: readonly LibraryTeacher[]): string =>
  table(teachers, [
    { title: 'teacher', value: ({ name }) => name },
    { title: 'family', value: ({ family }) => family },
    { title: 'parameters', value: ({ parameters }) => parameters },
    { title: 'licence', value: ({ licence, acceptedAt }) => `${licence?.name ?? 'not known'}${acceptedAt ? ', accepted' : ''}` },
    { title: 'from', value: ({ from }) => (from === 'program' ? 'the program' : 'the library') },
    { title: 'sha256', value: ({ source }) => source.hash.slice(0, 12) },
  ]);

/** Takes a teacher of the library into the project. */
export const teachersUse = (typed: string, options: CommonOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { source } = await offeredCalled(session, typed);
    const { report } = await jobWithBar(session, 'teachers', 'Taking it in', () =>
      session.workbench.ask('teachers.use', { source: source.hash }),
    );
    if (options.json) printJson(report);
    else await printReport(session, report);
    return 0;
  });

/** Takes a teacher out of the library; projects keep theirs. No project is needed. */
export const teachersForget = (typed: string, options: CommonOptions): Promise<number> =>
  withWorkbench(null, async (session) => {
    const { source, name } = await offeredCalled(session, typed);
    await session.workbench.ask('teachers.forget', { source: source.hash });
    if (options.json) printJson({ forgotten: source.hash });
    else console.log(`${name} is not in the library any more. Projects that have it keep it.`);
    return 0;
  });

/** By name (letters' case aside) or the start of its file's hash. @throws NOT_FOUND */
async function offeredCalled({ workbench }: Session, typed: string): Promise<LibraryTeacher> {
  const library = await workbench.ask('teachers.library', {});
  return library.find(isCalled(typed)) ?? fail('NOT_FOUND', `teacher ${typed} in the library`);
}

const isCalled =
  (typed: string) =>
  ({ name, source }: Pick<Teacher, 'name' | 'source'>): boolean =>
    name.toLowerCase() === typed.toLowerCase() || (typed.length >= 6 && source.hash.startsWith(typed));

const teachersTable = (teachers: readonly Teacher[]): string =>
  table(teachers, [
    { title: 'teacher', value: ({ name }) => name },
    { title: 'family', value: ({ family }) => family },
    { title: 'variant', value: ({ variant }) => variant },
    { title: 'parameters', value: ({ parameters }) => parameters },
    { title: 'modality', value: ({ modality }) => modality ?? 'any' },
    { title: 'licence', value: ({ licence, acceptedAt }) => `${licence?.name ?? 'not known'}${acceptedAt ? ', accepted' : ''}` },
    { title: 's an image', value: ({ checks: [newest] }) => fixed(newest?.seconds ?? null, 2) },
    { title: 'check', value: ({ checks: [newest] }) => (newest ? (newest.agrees ? 'sound' : 'differs') : 'not done') },
    { title: 'sha256', value: ({ source }) => source.hash.slice(0, 12) },
  ]);

/** Exit code 1 if nothing at all could be imported. */
export function teachersImport(paths: string[], options: CommonOptions & { family?: string }): Promise<number> {
  const family = options.family === undefined ? null : familyCalled(options.family);
  const folder = options.project === undefined ? projectFolder(undefined) : pathFrom(options.project);
  return withNewOrOpenProject(folder, async (session) => {
    const start = () => session.workbench.ask('teachers.import', { paths: paths.map(pathFrom), family });
    const { report } = await jobWithBar(session, 'teachers', 'Importing', start);
    if (options.json) printJson(report);
    else await printReport(session, report);
    return report.imported.length === 0 ? 1 : 0;
  });
}

async function printReport(session: Session, { imported, refused }: TeacherImportReport): Promise<void> {
  const teachers = await session.workbench.ask('teachers.list', {});
  for (const { teacher: id, name, notes } of imported) {
    const teacher = teachers.find((one) => one.id === id);
    console.log(`${name}: ${teacher?.parameters ?? 0} parameters`);
    for (const note of notes) console.log(`  Note: ${note}`);
    if (teacher && !teacher.acceptedAt)
      console.log(`  Licence: ${termsOf(teacher)}\n  Before it can be used: npm run -s cli -- teachers accept "${name}"`);
  }
  for (const { sentence } of refused) console.log(`Refused: ${sentence}`);
}

const termsOf = ({ licence }: Teacher): string =>
  licence
    ? [`${licence.name}.`, licence.summary, licence.where && `Read it: ${licence.where}.`].filter(Boolean).join(' ')
    : 'not known here; say what you got it under with --licence NAME.';

interface AcceptOptions extends CommonOptions {
  licence?: string;
  terms?: string;
}
/** Shows the licence and accepts it; with `--licence` first notes under which one it came. */
export const teachersAccept = (typed: string, options: AcceptOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { ask } = session.workbench;
    const { id: teacher } = await teacherCalled(session, typed);
    const { licence: name, terms: summary } = options;
    if (name !== undefined) await ask('teachers.update', { teacher, licence: { name, summary } });
    const accepted = await ask('teachers.accept', { teacher });
    if (options.json) printJson(accepted);
    else console.log(`Accepted for ${accepted.name}: ${termsOf(accepted)}`);
    return 0;
  });

/** Exit code 1 if any answers differently than it did. */
export const teachersCheck = (names: string[], options: CommonOptions & { device?: string }): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { ask } = session.workbench;
    const teachers =
      names.length > 0 ? await Promise.all(names.map((name) => teacherCalled(session, name))) : await ask('teachers.list', {});
    const checks = [];
    for (const { id, name } of teachers) {
      const start = () => ask('teachers.selfCheck', { teacher: id, ...(options.device && { device: options.device as Device }) });
      const { check } = await jobWithBar(session, 'teacherCheck', `Checking ${name}`, start);
      checks.push({ teacher: id, name, ...check });
    }
    if (options.json) printJson({ checks });
    else {
      for (const { name, agrees, difference, seconds, device } of checks) {
        const how = agrees ? 'answers as it did' : 'answers differently than it did';
        console.log(`${name}: ${how} (largest difference ${difference.toExponential(1)}), ${fixed(seconds, 2)} s an image on ${device}`);
      }
    }
    return checks.every(({ agrees }) => agrees) ? 0 : 1;
  });

export const teachersRemove = (typed: string, options: CommonOptions): Promise<number> =>
  withWorkbench(projectFolder(options.project), async (session) => {
    const { id, name } = await teacherCalled(session, typed);
    await session.workbench.ask('teachers.remove', { teacher: id });
    if (options.json) printJson({ removed: id });
    else console.log(`${name} was removed from the project. The library and its file bring it back.`);
    return 0;
  });

/** By name (letters' case aside), id, or the start of its file's hash. @throws NOT_FOUND */
export async function teacherCalled({ workbench }: Session, typed: string): Promise<Teacher> {
  const teachers = await workbench.ask('teachers.list', {});
  return teachers.find((one) => one.id === typed || isCalled(typed)(one)) ?? fail('NOT_FOUND', `teacher ${typed}`);
}

/** A teacher of the project, or of the library, which is taken into the project first. @throws NOT_FOUND */
export async function teacherBrought(session: Session, typed: string): Promise<Teacher> {
  const here = (await session.workbench.ask('teachers.list', {})).find((one) => one.id === typed || isCalled(typed)(one));
  if (here) return here;
  const { source } = await offeredCalled(session, typed);
  await jobWithBar(session, 'teachers', 'Taking the teacher in', () => session.workbench.ask('teachers.use', { source: source.hash }));
  return teacherCalled(session, typed);
}

function familyCalled(typed: string): TeacherFamily {
  const family = teacherFamilies.find((known) => known === typed || familyFacts[known].title === typed);
  if (family) return family;
  throw new AppError('BAD_INPUT', `The family ${typed} is not known. Say ${teacherFamilies.join(', ')}.`);
}

/** Weights files brought in through the real compute process. */
import type { JobId } from '../../src/shared/domain';
import type { Teacher, TeacherFamily, TeacherImportReport } from '../../src/shared/teachers';
import type { TestBench } from './workbench';

/** What an import that has begun says at its end. */
export async function importReport(bench: TestBench, job: JobId): Promise<TeacherImportReport> {
  const { result, state, message } = await bench.ended(job);
  if (result?.kind !== 'teachers' || state !== 'done') throw new Error(`the import ${state}: ${message}`);
  return result.report;
}

export const importTeachers = async (bench: TestBench, paths: string[], family: TeacherFamily | null = null) =>
  importReport(bench, await bench.ask('teachers.import', { paths, family }));

/** @throws if the file is refused */
export async function importTeacher(bench: TestBench, path: string, family: TeacherFamily | null = null): Promise<Teacher> {
  const { imported, refused } = await importTeachers(bench, [path], family);
  if (imported.length !== 1) throw new Error(refused[0]?.sentence);
  const teachers = await bench.ask('teachers.list', {});
  return teachers.find(({ id }) => id === imported[0].teacher) as Teacher;
}

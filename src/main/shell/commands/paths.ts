/** Paths as a person types them: relative to where they stand, not to where npm runs the script. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { AppError, fail } from '../../../shared/errors';

/** npm runs scripts in the package's folder and notes here where it was called. */
const here = process.env.INIT_CWD ?? process.cwd();

export const pathFrom = (typed: string): string => resolve(here, typed);
export const isProject = (folder: string): boolean => existsSync(resolve(folder, 'project.sqlite'));

/** Folder of the project a command works on: the one named, or the one the person stands in. @throws NOT_A_PROJECT, BAD_INPUT */
export function projectFolder(named: string | undefined): string {
  if (named !== undefined) {
    const folder = pathFrom(named);
    return isProject(folder) ? folder : fail('NOT_A_PROJECT', folder);
  }
  if (isProject(here)) return here;
  throw new AppError('BAD_INPUT', 'Which project? Name its folder with --project DIR, or stand in it.');
}

/** Which project a start opens: the one named, else the last one, else (on the very first start) the demo. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../../shared/errors';
import { type Installation, openWorkbench, type Workbench } from '../app';

export interface OpenedAtStart {
  workbench: Workbench;
  /** What a person should know, for example why the last project did not open. */
  notice: string | null;
}

/**
 * Opens the workbench and, from then on, remembers the last project opened in it.
 * @param named  Folder a person asked for, or null.
 * @throws AppError when the named project cannot be opened. A remembered one that cannot is only mentioned.
 */
export async function openAtStart(installation: Installation, named: string | null): Promise<OpenedAtStart> {
  if (named) return { workbench: await remembering(installation, await openWorkbench(installation, resolve(named))), notice: null };
  const last = lastProject(installation.home);
  if (last) {
    try {
      return { workbench: await remembering(installation, await openWorkbench(installation, last)), notice: null };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { workbench: await remembering(installation, await openWorkbench(installation, null)), notice: error.message };
    }
  }
  const workbench = await remembering(installation, await openWorkbench(installation, null));
  // The window opens at once and shows the demo being made.
  await workbench.ask('project.createDemo', {});
  return { workbench, notice: null };
}

const memory = (home: string): string => join(home, 'last-project.json');

function lastProject(home: string): string | null {
  try {
    const { folder } = JSON.parse(readFileSync(memory(home), 'utf8')) as { folder?: unknown };
    return typeof folder === 'string' && existsSync(folder) ? folder : null;
  } catch {
    return null; // first start, or a file somebody edited
  }
}

async function remembering(installation: Installation, workbench: Workbench): Promise<Workbench> {
  const remember = async () => {
    const project = await workbench.ask('project.get', {});
    if (!project) return;
    await mkdir(installation.home, { recursive: true });
    await writeFile(memory(installation.home), JSON.stringify({ folder: project.folder }));
  };
  // Not being able to remember must not keep anybody from working.
  const tryToRemember = () => void remember().catch((error) => console.error(`The last project could not be remembered: ${error.message}`));
  workbench.listen(({ name }) => {
    if (name === 'project.changed') tryToRemember();
  });
  tryToRemember();
  return workbench;
}

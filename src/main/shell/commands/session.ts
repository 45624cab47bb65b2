/** One command's time with the workbench: opens it, stops its work on Ctrl-C, and always closes it. */
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { openWorkbench, type Workbench } from '../../app';
import { describeInstallation } from '../installation';
import { onInterrupt } from './interrupt';
import { isProject } from './paths';

export interface Session {
  workbench: Workbench;
  /** Aborted by Ctrl-C: ask what runs to stop, and wait for it. */
  signal: AbortSignal;
}

/**
 * Opens the project in `folder` (null: none yet), works, and closes it again whatever happens.
 * @throws what opening or the work throws.
 */
export async function withWorkbench<T>(folder: string | null, work: (session: Session) => Promise<T>): Promise<T> {
  const interrupt = onInterrupt();
  const workbench = await openWorkbench(describeInstallation({ isDesktop: false }), folder);
  try {
    return await work({ workbench, signal: interrupt.signal });
  } finally {
    await workbench.close();
    interrupt.forget();
  }
}

/** Like `withWorkbench`, making a project of the folder first if it is none. */
export function withNewOrOpenProject<T>(folder: string, work: (session: Session) => Promise<T>): Promise<T> {
  if (isProject(folder)) return withWorkbench(folder, work);
  return withWorkbench(null, async (session) => {
    await mkdir(dirname(folder), { recursive: true });
    await session.workbench.ask('project.create', { folder, name: basename(folder) });
    return work(session);
  });
}

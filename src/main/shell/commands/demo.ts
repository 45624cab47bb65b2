/** `demo create` makes the demo project: phantom studies, and the teachers that come with the program. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PhantomVariation } from '../../../shared/domain';
import { describeInstallation } from '../installation';
import type { CommonOptions } from './commonOptions';
import { pathFrom } from './paths';
import { printJson } from './print';
import { withWorkbench } from './session';
import { jobWithBar } from './withBar';

export type Phantoms = { cases?: number; labelled?: number; test?: number; variation?: PhantomVariation };
type CreateOptions = CommonOptions & Phantoms & { seed?: number };

export const demoCreate = (options: CreateOptions): Promise<number> =>
  withWorkbench(null, async (session) => {
    const { seed, cases, labelled, test, variation } = options;
    const folder = options.project ? pathFrom(options.project) : freshFolder();
    const start = () => session.workbench.ask('project.createDemo', { folder, seed, cases, labelled, test, variation });
    const { report } = await jobWithBar(session, 'demo', 'Making the demo project', start);
    if (options.json) printJson({ folder, ...report });
    else console.log(`The demo project is in ${folder}. Open it with: ${openingCommand(folder)}`);
    return 0;
  });

/** `Demo` in the person's folder, or `Demo 2` and so on where that is taken. */
export function freshFolder(): string {
  const { home } = describeInstallation({ isDesktop: false });
  for (let number = 1; ; number++) {
    const folder = join(home, number === 1 ? 'Demo' : `Demo ${number}`);
    if (!existsSync(folder)) return folder;
  }
}

export const openingCommand = (folder: string): string =>
  `npm start -- --project ${/^[\w./\\:-]+$/.test(folder) ? folder : JSON.stringify(folder)}`;

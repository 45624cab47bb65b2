/** Where this installation lies: built files, page, resources, version, and the person's folder for projects. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Installation } from '../app';

/** Facts about the program that is running, wherever its code was bundled into. */
export function describeInstallation({ isDesktop, launchCompute }: Pick<Installation, 'isDesktop' | 'launchCompute'>): Installation {
  const root = rootAbove(import.meta.dirname);
  return {
    main: join(root, 'out', 'main'),
    renderer: join(root, 'out', 'renderer'),
    resources: join(root, 'resources'),
    version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    isDesktop,
    home: resolve(process.env.UNDERSTUDY_HOME || join(homedir(), 'Understudy')),
    launchCompute,
  };
}

/** The nearest folder above that holds the package. */
function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(folder) === folder) throw new Error(`installation: there is no package.json above ${import.meta.dirname}`);
  return rootAbove(dirname(folder));
}

/** Where this installation lies: built files, page, resources, version, and the person's folder for projects. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Installation } from '../app';

/** Built entries lie side by side in `out/main`, so this file's folder is known wherever it was bundled into. */
export function describeInstallation({ isDesktop, launchCompute }: Pick<Installation, 'isDesktop' | 'launchCompute'>): Installation {
  const main = builtFolder(import.meta.dirname);
  const root = join(main, '..', '..');
  return {
    main,
    renderer: join(main, '..', 'renderer'),
    resources: join(root, 'resources'),
    version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
    isDesktop,
    home: resolve(process.env.UNDERSTUDY_HOME || join(homedir(), 'Understudy')),
    launchCompute,
  };
}

/** Code shared by two entries is put into `out/main/chunks`. */
const builtFolder = (folder: string): string => (/[\\/]chunks$/.test(folder) ? join(folder, '..') : folder);

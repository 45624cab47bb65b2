/** Folders of what can be made again: within a budget of bytes, those files stay that were used last. */
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';

/**
 * Removes the longest unused files with the ending of `newest` from its folder until `bytes` are left. `newest` itself stays, whatever its
 * time says: the clock that stamps files lags a little behind the one that programs ask.
 */
export async function removeOldest(newest: string, bytes: number): Promise<void> {
  const [folder, ending] = [dirname(newest), extname(newest)];
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const files = await Promise.all(names.map(async (name) => ({ path: join(folder, name), found: await stat(join(folder, name)) })));
  const rank = ({ path, found }: (typeof files)[number]) => (path === newest ? Number.POSITIVE_INFINITY : found.mtimeMs);
  files.sort((a, b) => rank(b) - rank(a));
  let kept = 0;
  for (const [at, { path, found }] of files.entries()) {
    kept += found.size;
    if (at > 0 && kept > bytes) await rm(path, { force: true });
  }
}

/** Installs the packages of the lock file when they are not there, or not the ones it names. */
// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runQuietly } from './children.mjs';
import { LaunchError } from './launchError.mjs';

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }} Entry */

/**
 * True if node_modules holds exactly what the lock file names. npm notes what it installed in `node_modules/.package-lock.json`;
 * comparing contents, not times, survives copies, checkouts and an `npm ci` done by hand.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  const mayBeMissing = (/** @type {Entry} */ entry) => Boolean(entry.optional || entry.devOptional || entry.peer);
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    return path in present ? present[path].version === entry.version : mayBeMissing(entry);
  });
}

/**
 * `npm ci` without a word unless it fails. Install scripts stay off: no package here needs one.
 * @param {string} root
 */
export async function install(root) {
  // The npm that started this script, so that both agree; otherwise the one on the PATH.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--loglevel=error', '--no-audit', '--no-fund', '--ignore-scripts'];
  const outcome = npm?.endsWith('.js')
    ? await runQuietly(process.execPath, [npm, ...args], root)
    : await runQuietly(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, root);
  if (outcome.code !== 0)
    throw new LaunchError(
      `${outcome.output}\nnpm ci failed. Check that the npm registry can be reached and the disk has 1 GB free, then try again.`,
    );
}

/**
 * @param {string} file
 * @returns {Record<string, Entry> | null}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

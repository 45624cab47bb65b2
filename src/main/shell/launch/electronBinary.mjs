/** Finds the Electron program, fetching it once where the network allows; a closed network is noticed in seconds and remembered for a day. */
// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runQuietly } from './children.mjs';
import { progressBar } from './progressBar.mjs';

const dayMs = 24 * 3600 * 1000;
const hasScreen = () => process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/**
 * Path of the Electron program, or null when this machine has none or nothing to show it on.
 * @param {string} root
 */
export async function findElectron(root) {
  if (!hasScreen()) return null;
  const present = installedElectron(root);
  if (present || !mayFetch(root)) return present;
  if (await canReachDownloads()) {
    const bar = progressBar([{ name: 'electron', title: 'Fetching Electron', seconds: 60 }]);
    bar.begin('electron');
    await runQuietly(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], root, { timeoutMs: 10 * 60_000 });
    bar.close();
  }
  const fetched = installedElectron(root);
  if (!fetched) rememberFailure(root);
  return fetched;
}

/** Why there is no Electron window, as a sentence. */
export const whyNoElectron = () =>
  hasScreen()
    ? 'Electron is not installed and could not be fetched (`npx install-electron` does it online).'
    : 'There is no screen for a window here.';

/**
 * The program named by ELECTRON_EXEC_PATH, or the one inside the electron package.
 * @param {string} root
 */
export function installedElectron(root) {
  const named = process.env.ELECTRON_EXEC_PATH;
  if (named) return existsSync(named) ? named : null;
  const folder = join(root, 'node_modules', 'electron');
  try {
    const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), readFileSync(join(folder, 'path.txt'), 'utf8'));
    return existsSync(program) ? program : null;
  } catch {
    return null; // no path.txt: never fetched
  }
}

/** The fetch itself waits for minutes on a network that swallows packets, so the address is tried first. */
async function canReachDownloads() {
  if (process.env.HTTPS_PROXY || process.env.https_proxy) return true; // fetch() would not go through it, the installer may
  const mirror = process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com/electron/electron/releases/';
  return fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(4_000) }).then(
    () => true,
    () => false,
  );
}

const memory = (/** @type {string} */ root) => join(root, 'node_modules', '.cache', 'understudy', 'electron.json');
const versionOf = (/** @type {string} */ root) =>
  JSON.parse(readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8')).version;

/** @param {string} root */
function mayFetch(root) {
  if (process.env.ELECTRON_EXEC_PATH || process.env.ELECTRON_SKIP_BINARY_DOWNLOAD) return false;
  try {
    const { version, failedAt } = JSON.parse(readFileSync(memory(root), 'utf8'));
    return version !== versionOf(root) || Date.now() - failedAt > dayMs;
  } catch {
    return true; // never tried
  }
}

/** @param {string} root */
function rememberFailure(root) {
  mkdirSync(dirname(memory(root)), { recursive: true });
  writeFileSync(memory(root), JSON.stringify({ version: versionOf(root), failedAt: Date.now() }));
}

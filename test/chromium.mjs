/** A Chromium for the end-to-end tests: found, installed where that can be done, or named with the command that installs it. */
// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from '../src/main/shell/launch/browsers.mjs';
import { runQuietly } from '../src/main/shell/launch/children.mjs';

const minutesMs = 60_000;

/**
 * @param {string} root
 * @returns {Promise<{ path: string } | { path: null, advice: string }>}
 */
export async function chromiumForTests(root) {
  const found = await find();
  if (found) return { path: found };
  const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  console.log('No Chromium here: installing one for the end-to-end tests.');
  if (isDebianRoot) {
    await runQuietly('apt-get', ['update', '-qq'], root, { timeoutMs: 3 * minutesMs });
    await runQuietly('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], root, { timeoutMs: 10 * minutesMs });
  }
  if (!(await find())) {
    const tool = join(root, 'node_modules', 'playwright', 'cli.js');
    await runQuietly(process.execPath, [tool, 'install', 'chromium'], root, { timeoutMs: 10 * minutesMs });
  }
  const installed = await find();
  if (installed) return { path: installed };
  const command = existsSync('/etc/debian_version') ? 'sudo apt-get install -y chromium' : 'npx playwright install chromium';
  return { path: null, advice: `The end-to-end tests need Chromium, and it could not be installed. Run: ${command}` };
}

/** @returns {Promise<string | null>} */
async function find() {
  const named = process.env.UNDERSTUDY_CHROMIUM;
  if (named) return existsSync(named) ? named : null;
  const { chromium } = await import('playwright');
  const own = chromium.executablePath();
  return existsSync(own) ? own : findBrowser();
}

/** Shows an address in a window of its own where a Chromium-like browser is found, else in the default browser. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from './launch/browsers.mjs';

/** Long enough for a program that cannot start to have said so. */
const patienceMs = 1_500;

/** @returns false when nothing on this machine could show it: then a person has to open the address. */
export async function openBrowserWindow(url: string, home: string): Promise<boolean> {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return false;
  const browser = findBrowser();
  if (browser) {
    // A profile of its own: no extensions that read the page, no account, and closing it closes nothing else.
    const profile = join(home, 'browser');
    mkdirSync(profile, { recursive: true });
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox', '--test-type'] : [];
    const quiet = [
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ];
    if (await starts(browser, [`--app=${url}`, `--user-data-dir=${profile}`, '--window-size=1440,900', ...quiet, ...asRoot])) return true;
  }
  const [opener, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  return starts(opener, args);
}

/** True if the program runs on for a moment, or ends well. It is left alone when we end. */
function starts(program: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
    setTimeout(() => resolve(child.pid !== undefined), patienceMs).unref();
    child.unref();
  });
}

/** Starts Understudy from a bare clone: installs and builds what is missing, then continues under the project's own Node. Needs Node 20 and npm, nothing else. */
// @ts-check
import { join } from 'node:path';
import { build, isBuilt } from './launch/build.mjs';
import { hand, startsWell } from './launch/children.mjs';
import { demoStages } from './launch/demoStages.mjs';
import { findElectron, whyNoElectron } from './launch/electronBinary.mjs';
import { install, isInstalled } from './launch/install.mjs';
import { ownNode } from './launch/node.mjs';
import { progressBar } from './launch/progressBar.mjs';

const root = join(import.meta.dirname, '..', '..', '..');
const cli = join(root, 'out', 'main', 'cli.js');
const [command, ...rest] = process.argv.slice(2);

/**
 * Installs and builds where needed, with one bar for all of it; says nothing when there is nothing to do.
 * @param {import('./launch/progressBar.mjs').Stage[]} later  Stages that follow in another process, counted in the time left.
 */
async function prepare(later = []) {
  const needed = [
    ...(isInstalled(root) ? [] : [{ name: 'install', title: 'Installing', seconds: 30, run: install }]),
    ...(isInstalled(root) && isBuilt(root) ? [] : [{ name: 'build', title: 'Building', seconds: 20, run: build }]),
  ];
  if (needed.length === 0) return;
  const bar = progressBar([...needed, ...later]);
  try {
    for (const stage of needed) {
      bar.begin(stage.name);
      await stage.run(root);
    }
  } finally {
    bar.close({ keepLine: later.length > 0 });
  }
}

/** The Electron window if there is one, else the same workbench in a browser window. Resolves with the exit code. */
async function start() {
  await prepare();
  const electron = await findElectron(root);
  if (electron) {
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
    if (asRoot) console.error('Running as root: Electron’s sandbox is off. Prefer an ordinary account.');
    const outcome = await startsWell(electron, [...(asRoot ? ['--no-sandbox'] : []), root, ...rest]);
    if (outcome.started) return outcome.code;
    console.error(`Electron could not start here (${outcome.why}). The same workbench opens in a browser.`);
  } else {
    console.error(`${whyNoElectron()} The same workbench opens in a browser.`);
  }
  return hand(ownNode(root), [cli, 'open', ...rest]);
}

async function main() {
  switch (command) {
    case 'start':
      return start();
    case 'demo': {
      const startedAt = Date.now();
      await prepare(demoStages);
      return hand(ownNode(root), [cli, 'demo', 'run', ...rest], { UNDERSTUDY_STARTED_AT: String(startedAt) });
    }
    case 'cli':
      await prepare();
      return hand(ownNode(root), [cli, ...rest]);
    default:
      console.error('Use `npm start`, `npm run demo` or `npm run -s cli -- --help`.');
      return 2;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error && error.name === 'LaunchError' ? error.message : error);
  process.exitCode = 1;
}

/** What `npm test` and its relatives start: types, lint and the suites of tests, under the project's own Node; the last line counts them all. */
// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { build, isBuilt } from '../src/main/shell/launch/build.mjs';
import { install, isInstalled } from '../src/main/shell/launch/install.mjs';
import { ownNode } from '../src/main/shell/launch/node.mjs';
import { chromiumForTests } from './chromium.mjs';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
const [command, ...rest] = process.argv.slice(2);

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */
/** @type {Count} */
const total = { passed: 0, failed: 0, skipped: 0 };
const add = (/** @type {Count} */ count) => {
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += count[key];
};

/** Runs a tool of the project and passes its output on in one piece, so that parallel ones do not mix. @param {string} title @param {string[]} args */
function tool(title, args) {
  const began = Date.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (part) => (output += part));
  child.stderr.on('data', (part) => (output += part));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.log(code === 0 ? `${title}: fine (${seconds} s)` : `${output}\n${title}: failed (${seconds} s)`);
      add({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });
      resolve(undefined);
    });
  });
}

/** Runs one suite with its output on the screen. @param {'unit' | 'numbers' | 'e2e' | 'slow'} name @param {NodeJS.ProcessEnv} [environment] @param {string[]} [files] */
async function suite(name, environment = {}, files = []) {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-tests-'));
  const report = join(folder, `${name}.json`);
  const args = [
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    '--passWithNoTests',
    ...rest,
    ...files,
  ];
  const child = spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const count = countOf(report);
  // A suite can fail outside its tests (an error nobody caught, a setup that broke): that is a failure too.
  if (code !== 0 && count.failed === 0) count.failed = 1;
  add(count);
  rmSync(folder, { recursive: true, force: true });
}

/** Counts a report of vitest; a file that could not even be loaded counts as one failed test. @param {string} file @returns {Count} */
function countOf(file) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const broken = report.testResults.filter(
      (/** @type {{ status: string, assertionResults: { status: string }[] }} */ { status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    ).length;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }; // vitest ended before writing it; its exit code tells
  }
}

/** Builds before the tests that need it would each wait for it. A build that fails is one failure; the tests still say what else is wrong. */
async function buildFirst() {
  if (isBuilt(root)) return;
  const began = Date.now();
  const problem = await build(root).catch((error) => (error.name === 'LaunchError' ? error.message : Promise.reject(error)));
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  // Not on standard output: `bench --json` prints nothing but rows there.
  console.error(problem ?? `build: fine (${seconds} s)`);
  add({ passed: problem ? 0 : 1, failed: problem ? 1 : 0, skipped: 0 });
}

async function check() {
  const types = tool('types', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', root]);
  const lint = tool('lint', [join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.']);
  await Promise.all([types, lint, buildFirst()]);
  await suite('unit');
}

async function endToEnd() {
  await buildFirst();
  const chromium = await chromiumForTests(root);
  if (chromium.path !== null) {
    await suite('e2e', { UNDERSTUDY_CHROMIUM: chromium.path });
    return;
  }
  // On a machine that promises a complete check, a missing browser is a failure; on a person's own it is said and counted.
  const isPromised = process.env.CI === 'true';
  console.log(`e2e: ${isPromised ? 'failed' : 'skipped'}. ${chromium.advice}`);
  add({ passed: 0, failed: isPromised ? 1 : 0, skipped: isPromised ? 0 : 1 });
}

async function main() {
  switch (command) {
    case 'check':
      await check();
      break;
    case 'test':
      await check();
      await suite('numbers');
      await endToEnd();
      break;
    case 'e2e':
      await endToEnd();
      break;
    case 'slow':
      await buildFirst();
      await suite('slow');
      break;
    case 'parity':
      // Reference tensors only, for another draw of the same cases: UNDERSTUDY_GOLDEN=FOLDER npm run test:parity.
      await suite('numbers', {}, ['golden']);
      await suite('unit', {}, ['test/checkpoints/', 'test/imaging/', 'test/methods/', 'test/networks/']);
      break;
    case 'bench': {
      await buildFirst();
      const { bench } = await import('./bench.mjs');
      return bench(root, rest);
    }
    default:
      console.error('Use `npm test`, `npm run check`, `npm run test:e2e`, `npm run test:slow`, `npm run test:parity` or `npm run bench`.');
      return 2;
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

try {
  if (!isInstalled(root)) await install(root);
  const node = ownNode(root);
  if (process.execPath === node || process.env.UNDERSTUDY_TESTS_NODE) {
    process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
    process.exitCode = await main();
  } else {
    // Once, whatever the paths look like: links can make the same Node appear under two names.
    const again = spawnSync(node, process.argv.slice(1), { stdio: 'inherit', env: { ...process.env, UNDERSTUDY_TESTS_NODE: node } });
    process.exitCode = again.status ?? 1;
  }
} catch (error) {
  console.error(error instanceof Error && error.name === 'LaunchError' ? error.message : error);
  console.log(`${total.passed} passed, ${total.failed + 1} failed, ${total.skipped} skipped`);
  process.exitCode = 1;
}

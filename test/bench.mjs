/** Runs every benchmark of test/bench and prints what it measured: a table, or one JSON object per row with `--json`. */
// @ts-check
import { globSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { runnerImport } from 'vite';

/** @typedef {{ name: string, value: number, unit: string, note?: string }} Row  One measured figure; `name` says of what. */
/** @typedef {{ default: () => Promise<Row[]> | AsyncIterable<Row> }} Bench  A benchmark is a file whose default export measures and gives rows. */

/**
 * @param {string} root
 * @param {string[]} args  `--json`, and parts of file names to run only those.
 * @returns {Promise<number>} exit code
 */
export async function bench(root, args) {
  const asJson = args.includes('--json');
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const files = globSync('test/bench/*.{ts,mjs}', { cwd: root })
    .filter((file) => wanted.length === 0 || wanted.some((part) => basename(file).includes(part)))
    .sort();
  if (!asJson)
    console.log(`${cpus().length} cores, ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`);
  let code = 0;
  for (const file of files) {
    const bench = basename(file).replace(/\.(ts|mjs)$/, '');
    try {
      const { module } = await runnerImport(join(root, file), { root, configFile: false, logLevel: 'error' });
      for await (const row of await /** @type {Bench} */ (module).default()) print(asJson, bench, row);
    } catch (error) {
      console.error(`${bench}:`, error);
      code = 1;
    }
  }
  return code;
}

/** @param {boolean} asJson @param {string} bench @param {Row} row */
function print(asJson, bench, row) {
  if (asJson) console.log(JSON.stringify({ bench, ...row }));
  else
    console.log(
      `${bench.padEnd(16)} ${row.name.padEnd(56)} ${row.value.toPrecision(4).padStart(10)} ${row.unit}${row.note ? `  (${row.note})` : ''}`,
    );
}

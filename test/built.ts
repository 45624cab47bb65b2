/** The built program for tests that start it: built once when the sources changed, however many test files ask. */
import { join } from 'node:path';
import { build, isBuilt } from '../src/main/shell/launch/build.mjs';

const root = join(import.meta.dirname, '..');
/** Folder of the built entries (`compute.js`, `cli.js`, …). */
export const builtMain = join(root, 'out', 'main');
/** Folder of the built page. */
export const builtRenderer = join(root, 'out', 'renderer');

/** Builds `out/` if it is missing or older than the sources. Also vitest's global setup of the suites that always need it. */
export async function built(): Promise<void> {
  if (!isBuilt(root)) await build(root);
}
export default built;

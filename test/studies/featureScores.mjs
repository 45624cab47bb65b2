/**
 * What the demo's encoder of features knows: `npm run study:features -- [--seed 1] [--weights FILE] [--out FILE.csv]`. Patches of torsos it has never
 * seen the like of are given the structure of their most similar labelled patches, by its features, by those of the same network before training, and
 * by their pixels alone.
 */
import { join } from 'node:path';
import { runnerImport } from 'vite';

const root = join(import.meta.dirname, '..', '..');
const { module } = await runnerImport(join(root, 'test/studies/demoTeachers/featureScores.ts'), {
  root,
  configFile: false,
  logLevel: 'error',
});
await module.default(root, process.argv.slice(2));

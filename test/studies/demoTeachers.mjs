/**
 * Trains the demo's teachers from nothing and writes them to `resources/teachers`: `npm run train:teachers -- [--only ct,pet,slices,features]
 * [--work FOLDER] [--threads N]`. An interrupted training goes on from its last checkpoint in `--work`. What they are trained on and how is in
 * demoTeachers/recipes.ts; how well they do is measured by `npm run study:teachers`.
 */
import { join } from 'node:path';
import { runnerImport } from 'vite';

const root = join(import.meta.dirname, '..', '..');
const { module } = await runnerImport(join(root, 'test/studies/demoTeachers/train.ts'), { root, configFile: false, logLevel: 'error' });
await module.default(root, process.argv.slice(2));

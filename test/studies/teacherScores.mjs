/**
 * Three correct clicks a structure on the demo's test cases: `npm run study:teachers -- [--seed 1] [--teachers ct,pet,slices] [--student FOLDER]
 * [--out FILE.csv]`. `--student` is a folder of a student's masks of these cases (`export masks --out FOLDER`), scored over the same voxels.
 */
import { join } from 'node:path';
import { runnerImport } from 'vite';

const root = join(import.meta.dirname, '..', '..');
const { module } = await runnerImport(join(root, 'test/studies/demoTeachers/score.ts'), { root, configFile: false, logLevel: 'error' });
await module.default(root, process.argv.slice(2));

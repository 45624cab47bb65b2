/**
 * True quality of MuDuo's pseudo-labels on the demo's unlabelled cases: `npm run study:pseudo-labels -- --run FOLDER [--seed 1] [--weights DIR]
 * [--choices JSON] [--out FILE.csv]`. FOLDER is a MuDuo run's, with its last checkpoints of student and generator.
 */
import { join } from 'node:path';
import { runnerImport } from 'vite';

const root = join(import.meta.dirname, '..', '..');
const { module } = await runnerImport(join(root, 'test/studies/muduo/pseudoLabels.ts'), { root, configFile: false, logLevel: 'error' });
await module.default(root, process.argv.slice(2));

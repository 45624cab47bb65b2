/**
 * How much labels are worth on the demo's phantoms: the same student, the same number of updates, 5 or 25 labelled cases. A seed stands for
 * other patients and another start of the student.
 * `npm run study:labels -- [--seeds 1,2,3] [--labels 5,25] [--variation easier|default|harder] [--out docs/studies/label-budget.csv]`; needs a build (`npm run build`).
 * About six minutes a run on two cores. Finished runs are found again in `--work`, so an interrupted study goes on where it was.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    labels: { type: 'string', default: '5,25' },
    variation: { type: 'string', default: 'default' },
    out: { type: 'string', default: 'docs/studies/label-budget.csv' },
    work: { type: 'string', default: join(tmpdir(), 'understudy-label-budget') },
  },
});
const numbers = (list) => list.split(',').map(Number);
const root = join(import.meta.dirname, '..', '..');

/** Runs one command of the program and answers what it printed. */
function cli(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'out/main/cli.js'), ...args], {
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Scores of one student, from disk if this seed and budget were done before. */
function student(labels, seed) {
  const done = join(given.work, `${given.variation}-${labels}-${seed}.json`);
  if (existsSync(done)) return JSON.parse(readFileSync(done, 'utf8'));
  const project = join(given.work, `${given.variation}-${labels}-${seed}`);
  console.error(`${labels} labels, seed ${seed} …`);
  const phantoms = ['--labelled', String(labels), '--seed', String(seed), '--variation', given.variation];
  if (!existsSync(project)) cli('demo', 'create', '--project', project, ...phantoms);
  cli('train', '--project', project, '--seed', String(seed), '--validation-cases', '0');
  cli('predict', '--project', project);
  const scores = JSON.parse(cli('evaluate', '--project', project, '--json'));
  writeFileSync(done, JSON.stringify(scores));
  return scores;
}

mkdirSync(given.work, { recursive: true });
const rows = ['labels,seed,case,structure,dice,hd95Mm,volumeMl,referenceMl'];
const means = [];
for (const seed of numbers(given.seeds)) {
  for (const labels of numbers(given.labels)) {
    const scores = student(labels, seed);
    means.push({
      labels,
      seed,
      dice: scores.mean.dice,
      missed: scores.structures.filter(({ dice }) => dice < 0.05).length,
      structures: scores.structures,
    });
    for (const one of scores.cases) {
      for (const s of one.structures)
        rows.push([labels, seed, one.name, s.structure, s.dice, s.hd95Mm ?? '', s.volumeMl, s.referenceMl].join(','));
    }
  }
}
writeFileSync(join(root, given.out), `${rows.join('\n')}\n`);

for (const { labels, seed, dice, missed, structures } of means) {
  console.log(
    `${labels} labels, seed ${seed}: mean Dice ${dice.toFixed(3)}, ${missed} structures never found; ${structures.map((s) => `${s.name} ${s.dice.toFixed(2)}`).join(', ')}`,
  );
}
const [few, ...more] = numbers(given.labels);
for (const labels of more) {
  const gains = numbers(given.seeds).map((seed) => {
    const of = (n) => means.find((row) => row.labels === n && row.seed === seed).dice;
    return of(labels) - of(few);
  });
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  console.log(
    `${labels} instead of ${few} labels: ${gains.map((gain) => gain.toFixed(3)).join(', ')}; mean gain ${mean.toFixed(3)} over ${gains.length} seeds`,
  );
}

/** Scores the demo's teachers on torsos they have never seen the like of: three correct clicks a structure, beside a student of five labels. */
import { readdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openPromptable } from '../../../src/main/compute/teachers/promptable';
import { toCanonical } from '../../../src/main/imaging/canonical';
import { diceOf } from '../../../src/main/imaging/dice';
import { readNifti } from '../../../src/main/imaging/niftiRead';
import { torsoStructures } from '../../../src/main/imaging/phantom/structures';
import { torsoPhantom } from '../../../src/main/imaging/phantom/torso';
import { cut, threeClicks } from './prompted';
import { sightOfFile } from './sight';

interface Row {
  teacher: string;
  case: number;
  structure: string;
  clicks: number;
  /** Over the voxels that the teacher looked at. */
  dice: number;
  /** Of the student, over the same voxels; null without one. */
  student: number | null;
  /** What the teacher itself thought of the overlap (intersection over union). */
  guess: number;
}

/** The demo's test cases: the last 15 of 40. */
const testCases = Array.from({ length: 15 }, (_, n) => 26 + n);

export default async function score(root: string, args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string', default: '1' },
      teachers: { type: 'string', default: 'ct,pet,slices' },
      /** Masks of a student for the same cases, one NIfTI file each, as `export masks` writes them. */
      student: { type: 'string' },
      cases: { type: 'string', default: String(testCases.length) },
      weights: { type: 'string', default: join(root, 'resources/teachers') },
      out: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const rows: Row[] = [];
  for (const name of values.teachers.split(',')) {
    const path = join(values.weights, `demo-${name}.safetensors`);
    const teacher = await openPromptable(path, path, { device: 'cpu', threads: Number(values.threads) });
    const sight = await sightOfFile(path, name === 'pet' ? 'PET' : 'CT');
    for (const number of testCases.slice(0, Number(values.cases))) {
      const torso = torsoPhantom(Number(values.seed), number);
      const student = values.student ? await maskOf(values.student, number) : null;
      for (const [n, structure] of torsoStructures.entries()) {
        if (!torso.label.voxels.includes(n + 1)) continue;
        const { seen, truth, masks, guesses } = await threeClicks(teacher, torso, sight, n + 1);
        const studentHere = student && cut(student, torso.label.grid.size, seen);
        for (const [click, mask] of masks.entries()) {
          rows.push({
            teacher: name,
            case: number,
            structure,
            clicks: click + 1,
            dice: diceOf(mask, 1, truth, 1) ?? 0,
            student: studentHere && (diceOf(studentHere, n + 1, truth, 1) ?? 0),
            guess: guesses[click],
          });
        }
      }
    }
    await teacher.release();
    print(rows.filter((row) => row.teacher === name));
  }
  if (values.out) {
    const lines = rows.map((row) =>
      Object.values(row)
        .map((value) => (typeof value === 'number' ? Number(value.toFixed(4)) : (value ?? '')))
        .join(','),
    );
    await writeFile(values.out, `${['teacher,case,structure,clicks,dice,studentDice,guessedOverlap', ...lines].join('\n')}\n`);
  }
}

async function maskOf(folder: string, number: number): Promise<Uint8Array> {
  const wanted = `torso_${String(number).padStart(3, '0')}`;
  const file = (await readdir(folder)).find((name) => name.startsWith(wanted));
  if (!file) throw new Error(`${folder}: there is no mask of ${wanted}`);
  const { grid, frames } = await readNifti(join(folder, file), 'label');
  return toCanonical({ grid, voxels: frames[0].voxels as Uint8Array }).voxels;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: readonly number[], b: readonly number[]): number {
  const [middleA, middleB] = [mean(a), mean(b)];
  const product = (x: (n: number) => number, y: (n: number) => number) => mean(a.map((_, n) => x(n) * y(n)));
  const [fromA, fromB] = [(n: number) => a[n] - middleA, (n: number) => b[n] - middleB];
  return product(fromA, fromB) / Math.sqrt(product(fromA, fromA) * product(fromB, fromB));
}

function print(rows: readonly Row[]): void {
  const after = (clicks: number, structure?: string) =>
    rows.filter((row) => row.clicks === clicks && (!structure || row.structure === structure));
  const line = (title: string, structure?: string) => {
    const dice = [1, 2, 3].map((clicks) => mean(after(clicks, structure).map((row) => row.dice)).toFixed(3));
    const student = after(3, structure).flatMap((row) => row.student ?? []);
    console.log(`${title.padEnd(14)} ${dice.join('  ')}  ${student.length > 0 ? mean(student).toFixed(3) : ''}`);
  };
  console.log(`\n${rows[0].teacher}: Dice after 1, 2 and 3 clicks, and of the student`);
  for (const structure of torsoStructures) line(structure, structure);
  // The mean over structures, each the mean of its cases, as evaluations of students have it.
  const overall = [1, 2, 3].map((clicks) =>
    mean(torsoStructures.map((structure) => mean(after(clicks, structure).map((row) => row.dice)))).toFixed(3),
  );
  const students = torsoStructures.flatMap((structure) => {
    const values = after(3, structure).flatMap((row) => row.student ?? []);
    return values.length > 0 ? [mean(values)] : [];
  });
  console.log(`${'mean'.padEnd(14)} ${overall.join('  ')}  ${students.length > 0 ? mean(students).toFixed(3) : ''}`);
  const overlaps = rows.map(({ dice }) => dice / (2 - dice));
  const guesses = rows.map(({ guess }) => guess);
  const off = mean(rows.map(({ guess }, n) => Math.abs(guess - overlaps[n])));
  console.log(
    `Its own guess of the overlap: ${mean(guesses).toFixed(3)} where it was ${mean(overlaps).toFixed(3)}, off by ${off.toFixed(3)}, correlation ${correlation(guesses, overlaps).toFixed(2)}`,
  );
}

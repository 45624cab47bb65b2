/** The whole job by one command, on a few phantoms and for a few steps. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { builtMain } from '../built';
import { temporaryFolder } from '../store/sample';
import { newHome } from './program';

test('the demo trains a student with both teachers and one without, and scores students and teachers', async () => {
  const folder = join(temporaryFolder(), 'Demo');
  const phantoms = ['--cases', '4', '--labelled', '2', '--test', '1'];
  const short = ['--steps', '6', '--generator-steps', '3'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(builtMain, 'cli.js'), 'demo', 'run', '--project', folder, ...phantoms, ...short, '--json'],
    { env: { ...process.env, UNDERSTUDY_HOME: newHome() } },
  );
  const { students, teachers, report } = JSON.parse(stdout);
  const shown = students.map(({ name, evaluation }: (typeof students)[0]) => [name, evaluation.cases.length]);
  expect(shown).toEqual([
    ['Labels only', 1],
    ['MuDuo', 1],
  ]);
  expect(teachers.map(({ source }: (typeof teachers)[0]) => source)).toContain('student');
  expect(existsSync(report)).toBe(true);
}, 300_000);

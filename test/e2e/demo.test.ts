/** The whole job by one command, on a few phantoms and for a few steps, and what a person does with its run afterwards. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect as expectPage } from 'playwright/test';
import { expect, test } from 'vitest';
import { builtMain } from '../built';
import { temporaryFolder } from '../folders';
import { askFrom, launchBrowser, newHome, startProgram, visit } from './program';

test('the demo trains a student with both teachers and one without, and scores students and teachers, as often as they are asked', async () => {
  const [home, folder] = [newHome(), join(temporaryFolder(), 'Demo')];
  const said = async (...args: string[]) => {
    const options = { env: { ...process.env, UNDERSTUDY_HOME: home } };
    return JSON.parse((await promisify(execFile)(process.execPath, [join(builtMain, 'cli.js'), ...args, '--project', folder, '--json'], options)).stdout); // biome-ignore format: one call
  };
  const phantoms = ['--cases', '4', '--labelled', '2', '--test', '1'];
  const short = ['--steps', '6', '--generator-steps', '3'];
  const { students, teachers, report } = await said('demo', 'run', ...phantoms, ...short);
  const shown = students.map(({ name, evaluation }: (typeof students)[0]) => [name, evaluation.cases.length]);
  expect(shown).toEqual([
    ['Labels only', 1],
    ['MuDuo', 1],
  ]);
  expect(teachers.map(({ source }: (typeof teachers)[0]) => source)).toContain('student');
  expect(existsSync(report)).toBe(true);

  const { cases, scores } = await said('look', '--run', '1');
  expect([cases, scores]).toEqual([1, teachers]);

  const browser = await launchBrowser();
  const program = await startProgram(home, 'open', '--project', folder);
  try {
    const { page, complaints } = await visit(browser, program.url);
    await page.goto(new URL('#/ledger', program.url).href);
    await page.getByRole('button', { name: 'Look at the test cases' }).click();
    await expectPage(page.getByText('1 case looked at')).toBeVisible({ timeout: 60_000 });
    expect((await askFrom(page)('jobs.list', {})).map(({ kind, state }) => [kind, state])).toContainEqual(['look', 'done']);

    await page.goto(new URL('#/cases', program.url).href);
    await page.getByRole('link', { name: 'Look at the comparison' }).click();
    const steps = page.getByRole('region', { name: 'Next steps' });
    await expectPage(steps.getByRole('link', { name: 'Train a student, done' })).toBeVisible();
    await expectPage(steps.getByRole('link', { name: 'Look at the comparison, done' })).toBeVisible();
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await program.interrupt();
  }
}, 300_000);

/** A study by mouse and keyboard: chosen in the form, trained for real, compared in the panel, and written as a page. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, expect as expectPage, type Page } from 'playwright/test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../folders';
import { prepareTrainable, startTrainable } from '../services/trainable';
import { launchBrowser, newHome, type Program, startProgram, visit } from './program';

prepareTrainable();
let program: Program;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await program?.interrupt();
});

test('a study is started from the form, says how far it is, and ends with a verdict', async () => {
  const folder = join(temporaryFolder(), 'Projekt');
  await (await startTrainable(folder)).close();
  program = await startProgram(newHome(), 'serve', '--project', folder);
  ({ page, complaints } = await visit(browser, program.url));
  await page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name: 'Studies' }).click();
  await expectPage(page.getByText('No studies yet')).toBeVisible();

  const form = page.getByRole('form', { name: 'New study' });
  await form.getByLabel('Name').fill('Averages');
  await form.getByLabel('Seeds').fill('one');
  await expectPage(form.getByRole('alert')).toContainText('Seeds are whole numbers');
  await form.getByLabel('Seeds').fill('1');
  await form.getByLabel('Labelled cases').fill('2');
  await form.getByLabel('Steps').fill('4');
  await form.getByRole('button', { name: 'Start 2 students' }).click();

  await expectPage(page.getByRole('region', { name: 'Study 1' }).getByRole('button', { name: 'Stop' })).toBeVisible();
  await expectPage(page.getByRole('region', { name: 'Study 1' }).getByText('2 of 2 students scored')).toBeVisible({ timeout: 240_000 });
  const table = page.getByRole('region', { name: 'Configurations' });
  await expectPage(table.getByRole('row', { name: /Mean teacher/ })).toContainText('cannot tell apart'); // two cases prove nothing
  await expectPage(table.getByRole('row', { name: /Mean teacher/ })).toContainText('one seed alone, others may differ');
  await expectPage(page.getByRole('region', { name: 'Paired differences' })).toContainText('2 test cases × 1 seed, 2 labels');
  await expectPage(page.getByRole('img', { name: 'Difference in Dice to Labels only' })).toBeVisible();
  await table.getByRole('button', { name: 'Mean teacher' }).click();
  await expectPage(table.getByRole('link', { name: 'seed 1' })).toBeVisible();

  const out = join(temporaryFolder(), 'study.html');
  await page.getByRole('button', { name: 'Write a report' }).click();
  await page.getByLabel('File to write').fill(out);
  await page.getByRole('button', { name: 'Export' }).click();
  await expect.poll(() => existsSync(out), { timeout: 30_000 }).toBe(true);
  expect(complaints).toEqual([]);
}, 400_000);

/** The main job by mouse and keyboard: first start, demo, training with stop and resume, masks and scores, a case in slices, and what survives a crash. */
import { type Browser, expect as expectPage, type Page } from 'playwright/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../../src/shared/runs';
import { askFrom, computeOf, launchBrowser, newHome, type Program, startProgram, visit } from './program';

let home: string;
let program: Program;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  home = newHome();
  browser = await launchBrowser();
  program = await startProgram(home, 'open');
  ({ page, complaints } = await visit(browser, program.url));
});
afterAll(async () => {
  await browser?.close();
  await program?.interrupt();
});

const goTo = (panel: string) => page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name: panel }).click();
const newestRun = async (): Promise<Run> => (await askFrom(page)('runs.list', {})).toSorted((a, b) => b.number - a.number)[0];
const runState = () => expect.poll(async () => (await newestRun()).state, { timeout: 120_000, interval: 200 });

/** Fills the form with a run that is tiny but real, and long enough to be stopped. */
async function startTinyRun({ steps, patch }: { steps: number; patch: number }): Promise<void> {
  await goTo('Runs');
  const form = page.getByRole('form', { name: 'New run' });
  await form.getByLabel('Student width').fill('2');
  for (const axis of ['i', 'j', 'k']) await form.getByRole('textbox', { name: new RegExp(`^Patch.*${axis}`) }).fill(String(patch));
  await form.getByLabel('Steps', { exact: true }).fill(String(steps));
  await form.getByText('Optimiser, augmentation, checkpoints').click();
  await form.getByLabel('Checkpoint every').fill('5');
  await form.getByLabel('Validate every').fill(String(steps));
  await form.getByRole('button', { name: 'Start the run' }).click();
}
const stepsBeyond = (step: number) =>
  expect.poll(async () => (await newestRun()).checkpointStep, { timeout: 120_000 }).toBeGreaterThan(step);

describe('a first start', () => {
  test('takes the token out of the address', async () => {
    expect(page.url()).not.toContain('token');
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  test('makes the demo project and shows its forty cases', async () => {
    const list = page.getByRole('region', { name: 'Cases' });
    await expectPage(list.getByText('torso_001')).toBeVisible({ timeout: 170_000 });
    const cases = await askFrom(page)('cases.list', {});
    expect([cases.length, cases.filter(({ split }) => split === 'test').length]).toEqual([40, 15]);
  });

  test('opens a case in slices that show something', async () => {
    await page.getByRole('region', { name: 'Cases' }).getByText('torso_002').click();
    await expectPage(page.locator('.room-progress')).toHaveCount(0, { timeout: 60_000 });
    const shades = await page
      .locator('canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        return new Set(data.filter((_value, i) => i % 4 === 0)).size;
      });
    expect(shades).toBeGreaterThan(20);
  });

  test('moves several cases to another split at once, and back', async () => {
    const list = page.getByRole('region', { name: 'Cases' });
    await list.getByText('torso_004').click({ modifiers: ['Shift'] });
    await expectPage(list.getByText('3 cases picked')).toBeVisible();
    const splitsOfPicked = async () => {
      const cases = await askFrom(page)('cases.list', {});
      return cases.filter(({ name }) => /_00[234]$/.test(name)).map(({ split }) => split);
    };
    const before = await splitsOfPicked();
    await list.getByLabel('Split of the picked cases').selectOption('validation');
    await expect.poll(splitsOfPicked, { timeout: 30_000 }).toEqual(['validation', 'validation', 'validation']);
    await list.getByLabel('Split of the picked cases').selectOption(before[0]);
    await expect.poll(splitsOfPicked, { timeout: 30_000 }).toEqual(before);
  });

  test('says that several cases are of one patient, and warns once that patient is tested on', async () => {
    const patients = async () => new Set((await askFrom(page)('cases.list', {})).slice(1, 4).map(({ patient }) => patient));
    const field = page.getByRole('region', { name: 'Cases' }).getByLabel('Patient');
    await field.fill('P7');
    await field.press('Enter');
    await expect.poll(patients, { timeout: 30_000 }).toEqual(new Set(['P7']));
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await expectPage(inspector.getByLabel('Patient')).toHaveValue('P7');
    await inspector.getByLabel('Split of this case').selectOption('test');
    await expectPage(inspector.getByText('Patient P7 is on both sides: torso_002 is a test case and torso_003 is not.')).toBeVisible();
    await inspector.getByLabel('Split of this case').selectOption('train');
    await expectPage(inspector.getByText('on both sides')).toHaveCount(0);
    await field.fill('');
    await field.blur();
    await expect.poll(patients, { timeout: 30_000 }).toEqual(new Set([null]));
  });
});

describe('training', () => {
  test('starts from the form and reports its steps', async () => {
    await startTinyRun({ steps: 100_000, patch: 16 });
    await stepsBeyond(0);
    expect((await newestRun()).state).toBe('running');
  });

  test('stops at its next step and keeps the checkpoint', async () => {
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await runState().toBe('stopped');
    const { step, checkpointStep } = await newestRun();
    expect([checkpointStep > 0, checkpointStep]).toEqual([true, step]);
  });

  test('goes on from there with one click', async () => {
    const { checkpointStep } = await newestRun();
    await page.getByRole('button', { name: `Resume from step` }).first().click();
    await stepsBeyond(checkpointStep);
  });

  test('survives a compute process that is killed in the middle of a step', async () => {
    process.kill(computeOf(program.child.pid!)!, 'SIGKILL');
    await runState().toMatch(/interrupted|failed/);
    await expectPage(page.getByRole('region', { name: /^Run \d/ }).getByRole('alert')).toContainText('compute process ended');
    const { checkpointStep } = await newestRun();
    await page.getByRole('button', { name: 'Resume from step' }).first().click();
    await stepsBeyond(checkpointStep);
  });

  test('survives a power cut: the project opens again, is sound, and the run goes on', async () => {
    await program.killEverything();
    program = await startProgram(home, 'open');
    await page.context().close();
    ({ page, complaints } = await visit(browser, program.url));
    const { state, checkpointStep } = await newestRun();
    expect([state, checkpointStep > 0]).toEqual(['interrupted', true]);
    await goTo('Project');
    const job = await askFrom(page)('project.check', {});
    await expect.poll(async () => (await askFrom(page)('jobs.get', { job })).state, { timeout: 60_000 }).toBe('done');
    expect((await askFrom(page)('jobs.get', { job })).result).toMatchObject({ report: { ok: true, problems: [] } });
    await goTo('Runs');
    await page.getByRole('button', { name: 'Resume from step' }).first().click();
    await stepsBeyond(checkpointStep);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await runState().toBe('stopped');
  });

  test('comes to its end and leaves a model', async () => {
    await startTinyRun({ steps: 10, patch: 64 }); // few windows per case make the prediction below short
    await runState().toBe('done');
    expect((await askFrom(page)('models.list', {})).some(({ step }) => step === 10)).toBe(true);
  });
});

describe('the student', () => {
  test('labels the test cases and is measured against their references with one click', async () => {
    await page.getByRole('button', { name: 'Predict and evaluate' }).first().click();
    await expect.poll(async () => (await askFrom(page)('evaluations.list', {})).length, { timeout: 500_000 }).toBe(1);
    const [summary] = await askFrom(page)('evaluations.list', {});
    expect([summary.cases.length, summary.cases.every(({ split }) => split === 'test')]).toEqual([15, true]);
  }, 600_000);

  test('is shown worst case first', async () => {
    await goTo('Results');
    const [summary] = await askFrom(page)('evaluations.list', {});
    await expectPage(page.getByText(summary.cases[0].name).first()).toBeVisible();
  });
});

describe('the page', () => {
  test('can reach nothing but the program', async () => {
    const attempts = ['https://example.com/', 'http://127.0.0.1:9/', 'http://localhost:9/'];
    const before = complaints.length;
    const outcomes = await page.evaluate(
      (addresses) =>
        Promise.all(
          addresses.map((address) =>
            fetch(address, { mode: 'no-cors' }).then(
              () => 'reached',
              () => 'refused',
            ),
          ),
        ),
      attempts,
    );
    expect(outcomes).toEqual(['refused', 'refused', 'refused']);
    // These refusals were asked for.
    complaints.splice(before);
  });

  test('went through all of this without an error and without asking for anything its policy forbids', () => {
    expect(complaints).toEqual([]);
  });

  test('is told when the program closes, and the program ends cleanly', async () => {
    expect(await program.interrupt()).toBe(0);
    expect(program.output()).not.toContain('Error');
  });
});

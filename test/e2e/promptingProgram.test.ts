/** Prompting in the whole program: small teachers brought in as files, prompted by mouse and keyboard, and a label that can be taken back. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, expect as expectPage, type Page } from 'playwright/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initialParameters } from '../../src/main/networks/network';
import { samParameters } from '../../src/main/networks/sam/spec';
import type { Case } from '../../src/shared/domain';
import { random } from '../../src/shared/random';
import { builtMain } from '../built';
import { safetensorsFile, samMed3dWeights, samWeights, torchFile } from '../services/teacherFiles';
import { askFrom, launchBrowser, newHome, type Program, startProgram, visit } from './program';

let program: Program;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  const home = newHome();
  const folder = join(home, 'Prompted');
  const made = spawnSync(
    process.execPath,
    [join(builtMain, 'cli.js'), 'demo', 'create', '--project', folder, '--cases', '3', '--labelled', '1', '--test', '1'],
    { env: { ...process.env, UNDERSTUDY_HOME: home }, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`the demo was not made: ${made.stderr}`);
  browser = await launchBrowser();
  program = await startProgram(home, 'open', '--project', folder);
  ({ page, complaints } = await visit(browser, program.url));
  page.setDefaultTimeout(60_000);
  // Begun with no teacher at all: the demo's own leave first.
  const own = await askFrom(page)('teachers.list', {});
  expect(own.map(({ name }) => name).sort()).toEqual([
    'Demo encoder of features',
    'Demo teacher for CT',
    'Demo teacher for PET',
    'Demo teacher for slices',
  ]);
  for (const { id } of own) await askFrom(page)('teachers.remove', { teacher: id });
  // Bodies drawn by the processor would keep the page busy for longer than the teachers take.
  await page.addInitScript(() => {
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: never[]) {
      return kind.startsWith('webgl') ? null : (original as (...all: unknown[]) => unknown).call(this, kind, ...rest);
    } as typeof original;
  });
  await page.reload();
});
afterAll(async () => {
  await browser?.close();
  await program?.interrupt();
});

const soon = <Value>(ask: () => Promise<Value>) => expect.poll(ask, { timeout: 60_000, interval: 300 });
const bar = () => page.locator('.prompt-bar');
const standing = () => bar().locator('.prompt-sentence').textContent();
const unlabelled = async (): Promise<Case> => {
  const found = (await askFrom(page)('cases.list', {})).find(({ split, name }) => split === 'train' && name === chosen);
  if (!found) throw new Error(`no training case ${chosen}`);
  return found;
};
let chosen = '';
/** A teacher of volumes with random weights that looks for seconds: every one of its blocks compares 4,096 tokens. */
const slowTeacher = () =>
  initialParameters(
    {
      parameters: samParameters({
        ...{ axes: 3, channels: 1, imageSide: 128, patch: 8, width: 192, depth: 6, heads: 3, mlpWidth: 768, window: 8 },
        ...{ globalBlocks: [0, 1, 2, 3, 4, 5], promptWidth: 192, maskWidth: 16, decoder: { depth: 2, heads: 8, mlpWidth: 512 } },
        ...{ qualityWidth: 64, masks: 4 },
      }),
    },
    random(1),
  );

async function bringIn(path: string): Promise<void> {
  const ask = askFrom(page);
  const job = await ask('teachers.import', { paths: [path] });
  await soon(async () => (await ask('jobs.get', { job })).state).toBe('done');
  const done = await ask('jobs.get', { job });
  if (done.result?.kind !== 'teachers' || done.result.report.imported.length !== 1) throw new Error(`the import: ${JSON.stringify(done)}`);
  await ask('teachers.accept', { teacher: done.result.report.imported[0].teacher });
}
const clickAt = async (id: string, x: number, y: number) => {
  const view = page.locator(`[data-view="${id}"]`);
  const box = (await view.boundingBox())!;
  await view.click({ position: { x: box.width * x, y: box.height * y } });
};

describe('prompting', () => {
  test('says where to bring a teacher in while there is none', async () => {
    const cases = await askFrom(page)('cases.list', {});
    chosen = cases.find(({ split, label }) => split === 'train' && label === null)!.name;
    await page.getByRole('region', { name: 'Cases' }).getByText(chosen).click();
    await expectPage(page.locator('.room-progress')).toHaveCount(0, { timeout: 60_000 });
    await page.getByRole('button', { name: 'Prompt', exact: true }).click();
    await expectPage(bar().getByText('Bring one in under Teachers.')).toBeVisible();
    await page.keyboard.press('Escape');
  });

  test('a click asks a teacher of volumes, Enter makes it the first label, and undo takes the label back', async () => {
    await bringIn(torchFile('sam_med3d_turbo.pth', samMed3dWeights(), 'model_state_dict'));
    await page.keyboard.press('p');
    await soon(standing).toContain('Click inside');
    await clickAt('axial', 0.45, 0.5);
    await soon(standing).toContain('Confidence');
    await clickAt('coronal', 0.45, 0.5);
    await soon(() => page.getByRole('button', { name: 'Accept', exact: true }).isEnabled()).toBe(true);
    if (process.env.UNDERSTUDY_PICTURES) await page.screenshot({ path: join(process.env.UNDERSTUDY_PICTURES, 'program.png') });
    await page.keyboard.press('Enter');
    await soon(standing).toContain('Saved as revision 1');
    expect((await unlabelled()).label).toMatchObject({ revision: 1, origin: 'prompt' });
    await expectPage(page.locator('[data-view="axial"]').getByText('Reference')).toBeVisible();
    if (process.env.UNDERSTUDY_PICTURES) await page.screenshot({ path: join(process.env.UNDERSTUDY_PICTURES, 'program-accepted.png') });
    await page.keyboard.press('Control+z');
    await soon(async () => (await unlabelled()).label).toBeNull();
    await soon(standing).toContain('The label is as it was before');
    await page.keyboard.press('Control+y');
    await soon(async () => (await unlabelled()).label?.origin).toBe('restore');
  });

  test('a box asks a teacher of slices about the slice it was drawn on', async () => {
    await bringIn(safetensorsFile('sam_vit_b.safetensors', samWeights()));
    const teachers = bar().getByLabel('Teacher', { exact: true });
    await soon(() => teachers.locator('option').count()).toBe(2);
    await teachers.selectOption({ index: 1 });
    await page.keyboard.press('b');
    const box = (await page.locator('[data-view="axial"]').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.35, box.y + box.height * 0.35);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.55, box.y + box.height * 0.6, { steps: 5 });
    await page.mouse.up();
    await soon(standing).toMatch(/Confidence|found nothing/);
    if (process.env.UNDERSTUDY_PICTURES) await page.screenshot({ path: join(process.env.UNDERSTUDY_PICTURES, 'program-box.png') });
    await page.keyboard.press('Escape');
  });

  test('Stop drops what a slow teacher was asked, and nothing of it comes later', async () => {
    await bringIn(safetensorsFile('sam_med3d_slow.safetensors', slowTeacher(), { 'understudy.name': 'Slow teacher' }));
    const teachers = bar().getByLabel('Teacher', { exact: true });
    await soon(() => teachers.locator('option').count()).toBe(3);
    await teachers.selectOption({ label: 'Slow teacher' });
    await page.keyboard.press('p');
    await clickAt('axial', 0.45, 0.5);
    await bar().getByRole('button', { name: 'Stop', exact: true }).click();
    // As it was before that click.
    await soon(standing).toContain('Saved as revision 1');
    await expectPage(bar().getByRole('button', { name: 'Cancel', exact: true })).toBeVisible();
    // Longer than that teacher takes: it answers the next click, and only that one.
    await clickAt('axial', 0.5, 0.45);
    await soon(standing).toMatch(/Confidence|found nothing/);
    await page.keyboard.press('Control+z');
    await soon(standing).toContain('Saved as revision 1');
    await page.keyboard.press('Escape');
  });

  test('a teacher of the library is brought into the project by one button', async () => {
    await page.getByRole('link', { name: 'Teachers' }).click();
    const demo = page.getByRole('row').filter({ hasText: 'Demo teacher for PET' });
    await demo.getByRole('button', { name: 'Use here' }).click();
    await soon(async () => (await askFrom(page)('teachers.list', {})).map(({ name }) => name)).toContain('Demo teacher for PET');
    await expectPage(demo.getByRole('button', { name: 'Use here' })).toHaveCount(0);
    expect(complaints).toEqual([]);
  });
});

/** Prompting a teacher in the comparing room, by mouse and keyboard in a real browser. The teacher is made up: it draws balls around points. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { viewerPage } from './viewer-harness/page';

const viewer = viewerPage({ width: 1280, height: 800 });
const { view, soon, withoutWebgl } = viewer;
const open = (query: string) => viewer.open(`${query}&prompts`);

/** Pictures for a person to look at, where they are asked for: UNDERSTUDY_PICTURES names the folder. */
async function picture(name: string): Promise<void> {
  const folder = process.env.UNDERSTUDY_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const [width, height] of [
    [1280, 800],
    [1920, 1080],
  ]) {
    await viewer.page.setViewportSize({ width, height });
    await viewer.page.waitForTimeout(1500);
    await viewer.page.screenshot({ path: join(folder, `${name}-${width}.png`) });
  }
  await viewer.page.setViewportSize({ width: 1280, height: 800 });
  await viewer.page.waitForTimeout(500);
}

const bar = () => viewer.page.locator('.prompt-bar');
const standing = () => bar().locator('.prompt-sentence').textContent();
const log = () => viewer.page.evaluate(() => window.harness.teacher.log);
const button = (name: string) => viewer.page.getByRole('button', { name, exact: true });

/** A click at a share of a view's width and height. */
async function clickAt(id: string, x: number, y: number, modifiers: 'Shift'[] = []): Promise<void> {
  const box = (await view(id).boundingBox())!;
  await view(id).click({ position: { x: box.width * x, y: box.height * y }, modifiers });
}

/** Pixels of a view in the first structure's blue: the teacher's mask. */
const blue = (id: string) =>
  viewer.page.evaluate((name) => {
    const canvas = document.querySelector<HTMLCanvasElement>(`[data-view="${name}"] canvas`)!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 2] > data[at] + 60 && data[at + 2] > data[at + 1] + 20) count++;
    return count;
  }, id);
/** In mL; not a number while the bar tells of none, as it does until the answer has come. */
const volume = async () => Number(/([\d.]+) mL/.exec((await standing()) ?? '')?.[1] ?? Number.NaN);

describe('in slices', () => {
  beforeEach(withoutWebgl);

  test('a point shows the teacher’s mask in every plane and in the read-out; a point outside shrinks it; undo brings it back', async () => {
    await open('study=torso&sources=1');
    expect(await blue('axial')).toBe(0);
    await viewer.page.keyboard.press('p');
    await soon(standing).toBe('Click inside Liver. With Shift, click where it is not.');
    await clickAt('axial', 0.4, 0.5);
    await soon(() => blue('axial')).toBeGreaterThan(200);
    await soon(() => blue('coronal')).toBeGreaterThan(100);
    await soon(() => blue('sagittal')).toBeGreaterThan(100);
    await soon(() => viewer.page.evaluate(() => window.harness.reading!.structures.some(({ source }) => source === 'preview'))).toBe(true);
    const [whole, wholeMl] = [await blue('axial'), await volume()];
    expect(wholeMl).toBeGreaterThan(100);

    await clickAt('axial', 0.44, 0.5, ['Shift']);
    await soon(volume).toBeLessThan(wholeMl - 5);
    await soon(() => blue('axial')).toBeLessThan(whole);
    expect(await log()).toEqual(['ask bodies +', 'ask bodies +- on preview-1']);

    await viewer.page.keyboard.press('Control+z');
    await soon(volume).toBe(wholeMl);
    // The answer was kept: nobody was asked again.
    expect((await log()).length).toBe(2);
    await viewer.page.keyboard.press('Control+Shift+Z');
    await soon(volume).toBeLessThan(wholeMl);
    await viewer.page.keyboard.press('Control+z');
    await viewer.page.keyboard.press('Control+y');
    await soon(volume).toBeLessThan(wholeMl);
    await picture('points');
  });

  test('Enter accepts into the chosen structure in the chosen way; undo and redo then restore the label', async () => {
    await open('study=torso&sources=1');
    await button('Prompt').click();
    await viewer.page.getByLabel('Structure').selectOption('Kidney R');
    await button('Add').click();
    await clickAt('axial', 0.4, 0.5);
    await soon(() => button('Accept').isEnabled()).toBe(true);
    await viewer.page.keyboard.press('Enter');
    await soon(standing).toContain('Saved as revision 1');
    expect(await log()).toEqual(['ask bodies +', 'accept preview-1 3 add', 'discard preview-1']);
    expect(await blue('axial')).toBe(0);
    await picture('accepted');
    await viewer.page.keyboard.press('Control+z');
    await soon(standing).toContain('The label is as it was before');
    await viewer.page.keyboard.press('Control+y');
    await soon(async () => (await log()).slice(3)).toEqual(['restore 0', 'restore 1']);
  });

  test('Escape drops the prompts and then puts the tool down; the room’s own Escape comes after that', async () => {
    await open('study=torso&sources=1');
    await viewer.page.keyboard.press('p');
    await clickAt('axial', 0.4, 0.5);
    await soon(() => blue('axial')).toBeGreaterThan(200);
    await viewer.page.keyboard.press('Escape');
    await soon(() => blue('axial')).toBe(0);
    expect(await log()).toEqual(['ask bodies +', 'discard preview-1']);
    await viewer.page.keyboard.press('Escape');
    await soon(() => bar().count()).toBe(0);
  });

  test('a box asks a teacher of slices about one slice; a teacher of volumes says that it knows no boxes', async () => {
    await open('study=torso&sources=1');
    await viewer.page.keyboard.press('b');
    const box = (await view('axial').boundingBox())!;
    const drag = async () => {
      await viewer.page.mouse.move(box.x + box.width * 0.34, box.y + box.height * 0.36);
      await viewer.page.mouse.down();
      await viewer.page.mouse.move(box.x + box.width * 0.46, box.y + box.height * 0.62, { steps: 4 });
      await viewer.page.mouse.up();
    };
    await drag();
    await soon(standing).toContain('does not understand boxes');
    await viewer.page.getByLabel('Teacher', { exact: true }).selectOption('Made-up slices');
    await soon(() => blue('axial')).toBeGreaterThan(200);
    expect(await log()).toEqual(['ask slices box']);
    await picture('box');
    const slice = await viewer.page.evaluate(() => window.harness.reading!.index[2]);
    await viewer.page.keyboard.press('ArrowUp');
    await soon(() => viewer.page.evaluate(() => window.harness.reading!.index[2])).toBe(slice + 1);
    await soon(() => blue('axial')).toBe(0);
  });

  test('while the image is read it says so, a newer prompt makes the older answer irrelevant, and a failure keeps the last mask', async () => {
    await open('study=torso&sources=1');
    await viewer.page.keyboard.press('p');
    await viewer.page.evaluate(() => {
      window.harness.teacher.delay = 4000;
    });
    await clickAt('axial', 0.4, 0.5);
    await soon(standing).toContain('Reading the image (once per place)');
    await picture('reading');
    await soon(() => blue('axial')).toBeGreaterThan(200);
    const shown = await volume();
    await viewer.page.evaluate(() => {
      window.harness.teacher.problem = 'The teacher’s weights are gone. Import its file again.';
      window.harness.teacher.delay = 300;
    });
    await clickAt('axial', 0.6, 0.5);
    await bar().getByRole('alert').filter({ hasText: 'weights are gone' }).waitFor();
    await soon(() => blue('axial')).toBeGreaterThan(200);
    await picture('failed');
    await viewer.page.evaluate(() => {
      window.harness.teacher.problem = null;
    });
    await button('Try again').click();
    await soon(volume).toBeGreaterThan(shown + 50);
    // Slow enough for the next point to come first on any machine.
    await viewer.page.evaluate(() => {
      window.harness.teacher.delay = 6000;
    });
    await clickAt('axial', 0.5, 0.4);
    await clickAt('axial', 0.5, 0.6, ['Shift']);
    await soon(async () => (await log()).at(-1)).toBe('discard preview-3');
    await soon(() => button('Accept').isEnabled()).toBe(true);
  });

  test('T turns the polarity, another case takes the prompts away and keeps the tool', async () => {
    await open('study=torso&sources=1');
    await viewer.page.keyboard.press('p');
    await viewer.page.keyboard.press('t');
    await clickAt('axial', 0.4, 0.5);
    await soon(standing).toBe('Now set a point inside as well.');
    // Held Shift is the opposite of what is chosen.
    await clickAt('axial', 0.42, 0.5, ['Shift']);
    await soon(async () => (await log()).at(-1)).toBe('ask bodies -+');
    await viewer.page.evaluate(() => window.harness.show('flat', 1));
    await soon(standing).toContain('Click inside Liver');
    expect(await log()).toContain('discard preview-1');
  });

  test('teachers made for other images stand apart, come with a caution, and none is taken before its terms are read', async () => {
    await open('study=torso&sources=1');
    await viewer.page.keyboard.press('p');
    const teachers = viewer.page.getByLabel('Teacher', { exact: true });
    expect(await teachers.locator('optgroup').evaluateAll((all) => all.map((each) => (each as HTMLOptGroupElement).label))).toEqual([
      'Suit CT',
      'Made for other images',
    ]);
    expect(await teachers.locator('option:disabled').textContent()).toBe('Unread terms (not ready)');
    await teachers.selectOption('Made-up PET');
    await soon(() => bar().locator('.prompt-caution').textContent()).toContain('Made-up PET was made for PET');
    await picture('caution');
  });
});

test('in 3D the mask lies over the body while it is not decided', async () => {
  await open('study=torso&sources=1');
  await viewer.page.keyboard.press('p');
  await view('volume').locator('.compass').waitFor({ timeout: 120_000 });
  await clickAt('axial', 0.6, 0.6);
  await soon(() => blue('axial')).toBeGreaterThan(200);
  await viewer.page.waitForTimeout(4000);
  await picture('body');
});

/** The comparing room driven by mouse and keyboard in a real browser, over made-up studies whose every number is known. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { CursorReading } from '../../src/renderer/viewer/Room';
import { viewerPage } from './viewer-harness/page';

const viewer = viewerPage({ width: 1200, height: 800 });
const { open, view, soon, withoutWebgl } = viewer;
const label = (id: string) => view(id).locator('.view-position').textContent();
const reading = () => viewer.page.evaluate(() => window.harness.reading);
const settled = (isSo: (reading: CursorReading) => boolean) => soon(async () => isSo((await reading())!)).toBe(true);

/** Brightness (0…255) of a view's canvas at a share of its width and height. */
const brightness = (id: string, x: number, y: number) =>
  view(id)
    .locator('canvas')
    .first()
    .evaluate(
      (canvas: HTMLCanvasElement, [u, v]) => {
        const [r, g, b] = canvas.getContext('2d')!.getImageData(canvas.width * u, canvas.height * v, 1, 1).data;
        return (r + g + b) / 3;
      },
      [x, y],
    );

describe('slices', () => {
  beforeEach(withoutWebgl);

  test('the wheel steps through a plane, in every linked view of it and in no other', async () => {
    await open('study=torso&sources=2');
    expect(await label('axial:0')).toBe('Axial 2.5 mm · 45 / 88');
    await view('axial:0').hover();
    await viewer.page.mouse.wheel(0, -100);
    await soon(() => label('axial:0')).toBe('Axial 7.5 mm · 46 / 88');
    expect(await label('axial:1')).toBe('Axial 7.5 mm · 46 / 88');
    expect(await label('all:coronal')).toBe('Coronal 2.5 mm · 33 / 64');
  });

  test('unlinked views step alone', async () => {
    await open('study=torso&sources=2');
    await viewer.page.getByRole('button', { name: 'Linked' }).click();
    await view('axial:1').hover();
    await viewer.page.mouse.wheel(0, 100);
    await soon(() => label('axial:1')).toBe('Axial −2.5 mm · 44 / 88');
    expect(await label('axial:0')).toBe('Axial 2.5 mm · 45 / 88');
  });

  test('keys step by one and by five, to the ends and not beyond', async () => {
    await open('study=torso&sources=2');
    await view('axial:0').focus();
    await viewer.page.keyboard.press('ArrowUp');
    await viewer.page.keyboard.press('PageUp');
    await soon(() => label('axial:0')).toContain('51 / 88');
    await viewer.page.keyboard.press('End');
    await viewer.page.keyboard.press('ArrowUp');
    await soon(() => label('axial:0')).toContain('88 / 88');
    await viewer.page.keyboard.press('Home');
    await soon(() => label('axial:0')).toContain('1 / 88');
  });

  test('a click moves the crosshair in all views, and the read-out names place, values and structures there', async () => {
    await open('study=torso&sources=2');
    // The liver lies on the patient’s right, which is on the left of a radiological view.
    const box = (await view('axial:0').boundingBox())!;
    await viewer.page.mouse.click(box.x + box.width * 0.4, box.y + box.height * 0.48);
    await settled(
      ({ mm, structures }) => mm[0] > 20 && structures.some(({ source, structure }) => source === 'reference' && structure === 1),
    );
    const liver = (await reading())!;
    expect(liver.values.map(({ modality, unit }) => `${modality} ${unit}`)).toEqual(['CT HU', 'PET SUV']);
    expect(Math.abs(liver.values[0].value - 62)).toBeLessThan(14);
    expect(Math.abs(liver.values[1].value - 2.4)).toBeLessThan(0.5);
    // Leaving the views reads out the crosshair, which is now there.
    await viewer.page.mouse.move(5, 5);
    await settled(({ index }) => index.join() === liver.index.join());
    expect(await label('all:coronal')).toContain(`${liver.index[1] + 1} / 64`);
  });

  test('the neurological view turns the body around: the liver is found on the right of the screen, under letters that warn', async () => {
    await open('study=torso&sources=2');
    await viewer.page.evaluate(() => window.harness.face('neurological'));
    await soon(() => view('axial:0').locator('.unusual').count()).toBeGreaterThan(0);
    const box = (await view('axial:0').boundingBox())!;
    await viewer.page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.48);
    await settled(
      ({ mm, structures }) => mm[0] > 20 && structures.some(({ source, structure }) => source === 'reference' && structure === 1),
    );
  });

  test('the spine is bright and the air around the body black', async () => {
    await open('study=flat&sources=0');
    const box = (await view('axial').boundingBox())!;
    expect(await brightness('axial', 8 / box.width, 0.3)).toBe(0);
    await viewer.page.evaluate(() => window.harness.focus([0, -66, 0]));
    await settled(({ values }) => values[0].value > 300);
    const spine = await viewer.page.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-view="axial"] canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, at) => at % 4 === 0 && value === 255).length;
    });
    expect(spine).toBeGreaterThan(200);
  });

  test('Shift and a digit choose a window, a drag with the window tool leaves it, R brings the first one back', async () => {
    await open('study=flat&sources=0');
    const menu = viewer.page.getByLabel('Window of CT');
    await view('axial').hover();
    await viewer.page.keyboard.press('Shift+Digit2');
    await soon(() => menu.inputValue()).toBe('Lung');
    await viewer.page.getByRole('button', { name: 'Window', exact: true }).click();
    const box = (await view('axial').boundingBox())!;
    await viewer.page.mouse.move(box.x + 100, box.y + 100);
    await viewer.page.mouse.down();
    await viewer.page.mouse.move(box.x + 140, box.y + 90, { steps: 4 });
    await viewer.page.mouse.up();
    expect(await menu.inputValue()).toBe('');
    await viewer.page.keyboard.press('r');
    await soon(() => menu.inputValue()).toBe('Soft tissue');
  });

  test('Ctrl and wheel zoom about the pointer: the voxel under it stays', async () => {
    await open('study=torso&sources=2');
    const box = (await view('axial:1').boundingBox())!;
    // Whole pixels: a wheel event knows no fractions of them.
    await viewer.page.mouse.move(Math.round(box.x + box.width * 0.63), Math.round(box.y + box.height * 0.55));
    // The pointer is left of the middle of the body, where the crosshair starts.
    await settled(({ index }) => index[0] < 30);
    const before = (await reading())!.index;
    const scale = () => view('axial:1').locator('.view-scale').textContent();
    const fitted = await scale();
    await viewer.page.keyboard.down('Control');
    for (let notch = 0; notch < 8; notch++) await viewer.page.mouse.wheel(0, -120);
    await viewer.page.keyboard.up('Control');
    await soon(scale).not.toBe(fitted);
    await settled(({ index }) => index.join() === before.join());
  });

  test('Shift and a move carry the crosshair along; a middle drag only moves the picture', async () => {
    await open('study=torso&sources=2');
    const box = (await view('axial:0').boundingBox())!;
    await viewer.page.keyboard.down('Shift');
    await viewer.page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5, { steps: 3 });
    await viewer.page.keyboard.up('Shift');
    await viewer.page.mouse.move(5, 5);
    await settled(({ index }) => index[0] < 30);
    const at = (await reading())!.index;
    await viewer.page.mouse.move(box.x + 100, box.y + 150);
    await viewer.page.mouse.down({ button: 'middle' });
    await viewer.page.mouse.move(box.x + 140, box.y + 170, { steps: 3 });
    await viewer.page.mouse.up({ button: 'middle' });
    await viewer.page.mouse.move(5, 5);
    await settled(({ index }) => index.join() === at.join());
  });

  test('a double click shows one view alone, and Escape brings the others back', async () => {
    await open('study=torso&sources=2');
    await view('all:coronal').dblclick();
    await soon(() => view('axial:0').isVisible()).toBe(false);
    expect((await view('all:coronal').boundingBox())!.width).toBeGreaterThan(1000);
    await viewer.page.keyboard.press('Escape');
    await soon(() => view('axial:0').isVisible()).toBe(true);
  });

  test('a press on the strip of differences goes to that slice', async () => {
    await open('study=torso&sources=2');
    const strip = view('axial:1').locator('.view-strip');
    await soon(() => strip.locator('.band').count()).toBeGreaterThan(0);
    const box = (await strip.boundingBox())!;
    await viewer.page.mouse.click(box.x + box.width / 2, box.y + box.height * (1 - 20.5 / 88));
    await soon(() => label('axial:1')).toContain('21 / 88');
  });
});

describe('masks', () => {
  beforeEach(withoutWebgl);

  /** Pixels of a view that are clearly of a student's line: teal, or blue for the second one. */
  const coloured = (id: string, colour: 'teal' | 'blue') =>
    viewer.page.evaluate(
      ([name, wanted]) => {
        const canvas = document.querySelector<HTMLCanvasElement>(`[data-view="${name}"] canvas`)!;
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
          const [red, green, blue] = data.subarray(at, at + 3);
          const isTeal = green > red + 60 && blue > red + 60;
          const isBlue = blue > green + 40 && blue > red + 40;
          if (wanted === 'teal' ? isTeal : isBlue) count++;
        }
        return count;
      },
      [id, colour],
    );
  const teal = (id: string) => coloured(id, 'teal');

  test('S takes them away and brings them back; hidden structures are not drawn', async () => {
    await open('study=flat&sources=2');
    await soon(() => teal('axial:1')).toBeGreaterThan(300);
    await view('axial:1').hover();
    await viewer.page.keyboard.press('s');
    await soon(() => teal('axial:1')).toBeLessThan(20);
    await viewer.page.keyboard.press('s');
    await soon(() => teal('axial:1')).toBeGreaterThan(300);
    await viewer.page.evaluate(() => window.harness.hide([1, 2, 3, 4, 5, 6, 7, 8]));
    await soon(() => teal('axial:1')).toBeLessThan(20);
  });

  test('of two students have lines of their own, also where both are drawn', async () => {
    await open('study=students&sources=3');
    await soon(() => teal('all:coronal')).toBeGreaterThan(200);
    expect(await coloured('all:coronal', 'blue')).toBeGreaterThan(200);
    expect(await coloured('axial:1', 'blue')).toBe(0);
    expect(await teal('axial:2')).toBe(0);
    expect(
      await view('all:coronal')
        .getByRole('img')
        .evaluateAll((lines) => lines.map((line) => line.ariaLabel)),
    ).toEqual(['white solid line', 'teal solid line', 'blue line of long dashes']);
  });
});

describe('3D', () => {
  /** Pixels with colour in them, in a screenshot of a view: surfaces are coloured, the ground and the body shell are grey. */
  async function coloured(id: string): Promise<number> {
    const png = (await view(id).screenshot()).toString('base64');
    return viewer.page.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, image.width, image.height).data;
      let count = 0;
      for (let at = 0; at < pixels.length; at += 4) {
        const [r, g, b] = pixels.subarray(at, at + 3);
        if (Math.max(r, g, b) - Math.min(r, g, b) > 50) count++;
      }
      return count;
    }, png);
  }

  test('shows the surfaces of a mask, and turns all bodies together', async () => {
    await open('study=torso&sources=2');
    await expect.poll(() => coloured('volume:1'), { timeout: 120_000 }).toBeGreaterThan(3000);
    const letters = () => view('volume:0').locator('.compass text').allTextContents();
    expect((await letters()).at(-1)).toBe('A');
    await view('volume:1').focus();
    await viewer.page.keyboard.press('Numpad7');
    await soon(async () => (await letters()).at(-1)).toBe('S');
    // From a slice the keypad turns them too.
    await view('axial:0').focus();
    await viewer.page.keyboard.press('Shift+Numpad1');
    await soon(async () => (await letters()).at(-1)).toBe('P');
  });

  test('measures the student’s surface against the reference, with a legend', async () => {
    await open('study=torso&sources=2');
    const legend = viewer.page.locator('.distance-legend');
    await legend.waitFor({ timeout: 120_000 });
    expect(await legend.textContent()).toMatch(/−(\d+) mm.*\+\1 mm/);
  });

  test('a browser without WebGL says so in a sentence and shows the slices', async () => {
    await withoutWebgl();
    await open('study=torso&sources=2');
    await soon(() => viewer.page.getByText('This browser offers no WebGL 2').count()).toBeGreaterThan(0);
    expect(await label('axial:0')).toContain('45 / 88');
  });
});

describe('coming and going', () => {
  test('another case takes the place of the first, with its own masks and windows', async () => {
    await open('study=torso&sources=2');
    await viewer.page.evaluate(() => window.harness.show('tilted'));
    await soon(() => label('axial')).toBe('Axial, oblique 2.5 mm · 41 / 80');
    expect(await viewer.page.locator('.view-letter.left').first().textContent()).toBe('RA');
    await viewer.page.evaluate(() => window.harness.show('torso', 2));
    await soon(() => label('axial:0')).toBe('Axial 2.5 mm · 45 / 88');
  });

  test('voxels that cannot be loaded are named in a sentence, and can be tried again', async () => {
    await viewer.page.goto(`${viewer.harness.address}/?study=flat&sources=0`);
    const [file, bytes] = await viewer.page
      .evaluate(async () => (await (await fetch('/study/pet')).json()).subject.channels[0].file as string)
      .then((hash) => [hash, viewer.harness.files.get(hash)!] as const);
    viewer.harness.files.delete(file);
    await viewer.page.evaluate(() => window.harness.show('pet', 0));
    const alert = viewer.page.getByRole('alert').filter({ hasText: 'could not be loaded' });
    await alert.waitFor();
    viewer.harness.files.set(file, bytes);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await settled(({ values }) => values[0]?.modality === 'PET');
    expect(await alert.count()).toBe(0);
  });
});

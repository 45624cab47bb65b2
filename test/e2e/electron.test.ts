/** The real Electron window, wherever its program and a screen exist: same workbench, no way out. */

import { join } from 'node:path';
import { type ElectronApplication, _electron as electron, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findElectron } from '../../src/main/shell/launch/electronBinary.mjs';
import { newHome } from './program';

const root = join(import.meta.dirname, '..', '..');
const program = await findElectron(root);
const why =
  process.env.DISPLAY || process.platform !== 'linux' ? 'the Electron program is not here and could not be fetched' : 'there is no screen';
if (!program)
  console.log(`Skipped the tests of the Electron window: ${why}. \`npx install-electron\` fetches it where the network allows.`);

describe.skipIf(!program)('the Electron window', () => {
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    app = await electron.launch({
      executablePath: program!,
      args: [...asRoot, root],
      env: { ...process.env, UNDERSTUDY_HOME: newHome() } as never,
    });
    page = await app.firstWindow();
  });
  afterAll(() => app?.close());

  test('shows the workbench at app://understudy', async () => {
    expect(page.url()).toMatch(/^app:\/\/understudy\//);
    await page.getByText('Understudy').first().waitFor();
  });

  test('has no Node in the page, and only the bridge of Electron', async () => {
    expect(await page.evaluate(() => [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')])).toEqual([
      'undefined',
      'undefined',
    ]);
    expect(await page.evaluate(() => Object.keys(window.understudy ?? {}).sort())).toEqual(['listen', 'pathOf', 'pickFiles', 'pickFolder']);
  });

  test('opens the demo on its first start, through a compute process of its own', async () => {
    await page.getByText('torso_001').first().waitFor({ timeout: 170_000 });
  });

  test('reaches nothing outside and opens nothing', async () => {
    const outcome = await page.evaluate(() =>
      fetch('https://example.com/', { mode: 'no-cors' }).then(
        () => 'reached',
        () => 'refused',
      ),
    );
    await page.evaluate(() => void window.open('https://example.com/'));
    expect([outcome, app.windows().length]).toEqual(['refused', 1]);
  });
});

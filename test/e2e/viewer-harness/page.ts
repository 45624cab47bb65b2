/** A page with the viewer alone, in a real browser: a fresh one for every test of a file, which fails where the page complained. */
import type { Browser, Locator, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { launchBrowser } from '../program';
import { type Harness, serveViewer } from './serve';

export interface ViewerPage {
  /** That of the test at hand. */
  readonly page: Page;
  readonly harness: Harness;
  /** Shows a study, such as `study=torso&sources=2`, and waits until all of it is there. */
  open(query: string): Promise<void>;
  view(id: string): Locator;
  /** Becomes true in a while: three bodies rendered on the processor can keep a page busy for a second. */
  soon: typeof soon;
  /** Takes WebGL from the page: for the sentence it then says, and so that tests of slices need not wait for bodies drawn by the processor. */
  withoutWebgl(): Promise<void>;
}

const longestWaitMs = 60_000;
const soon = <Value>(ask: () => Promise<Value>) => expect.poll(ask, { timeout: longestWaitMs });

/** To be called once at the top of a file of tests. */
export function viewerPage(viewport: { width: number; height: number }): ViewerPage {
  let harness: Harness;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    harness = await serveViewer();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await harness?.close();
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport });
    page.setDefaultTimeout(longestWaitMs);
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  return {
    get page() {
      return page;
    },
    get harness() {
      return harness;
    },
    async open(query) {
      await page.goto(`${harness.address}/?${query}`);
      await page.waitForFunction(() => window.harness?.reading && !document.querySelector('.room-progress'));
    },
    view: (id) => page.locator(`[data-view="${id}"]`),
    soon,
    async withoutWebgl() {
      await page.addInitScript(() => {
        const original = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: never[]) {
          return kind.startsWith('webgl') ? null : (original as (...all: unknown[]) => unknown).call(this, kind, ...rest);
        } as typeof original;
      });
    },
  };
}

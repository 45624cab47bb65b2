/** The built program as a person starts it, in a home of its own, and a page that looks at it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import type { Ask } from '../../src/shared/contract';
import { builtMain } from '../built';

export const newHome = (): string => mkdtempSync(join(tmpdir(), 'understudy-home-'));

export interface Program {
  url: string;
  child: ChildProcess;
  /** What it printed so far, both streams. */
  output(): string;
  /** Ends it as Ctrl-C does and gives its exit code. */
  interrupt(): Promise<number | null>;
  /** Ends it and its compute process at once, as a power cut does. */
  killEverything(): Promise<void>;
}

/** Starts a command that opens the loopback door; there is no screen, so it only prints the address. */
export async function startProgram(home: string, ...args: string[]): Promise<Program> {
  const { DISPLAY, WAYLAND_DISPLAY, ...rest } = process.env;
  const child = spawn(process.execPath, [join(builtMain, 'cli.js'), ...args], {
    env: { ...rest, UNDERSTUDY_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (part: Buffer) => {
      output += part;
      const address = /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(output);
      if (address) resolve(address[0]);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void exited.then((code) => reject(new Error(`the program ended with ${code} before it opened its door:\n${output}`)));
  });
  return {
    url,
    child,
    output: () => output,
    interrupt() {
      child.kill('SIGINT');
      return exited;
    },
    async killEverything() {
      const compute = computeOf(child.pid!);
      child.kill('SIGKILL');
      if (compute) process.kill(compute, 'SIGKILL');
      await exited;
    },
  };
}

/** Process id of the compute process of a program, or null (Linux only, where CI runs). */
export function computeOf(pid: number): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1];
      if (Number(parent) === pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('compute.js')) return Number(name);
    } catch {
      // ended between listing and reading
    }
  }
  return null;
}

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.UNDERSTUDY_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
      // WebGL on the processor where there is no graphics card.
      ...['--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    ],
  });

/** Opens the address in a fresh profile; `complaints` collects errors of the page and everything its policy refused. */
export async function visit(browser: Browser, url: string): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // The browser notes every answer with status 409, which is how the core says no; pages show its sentence.
    if (message.type() === 'error' && !message.text().includes('409 (Conflict)')) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

/** Questions asked from inside the page, with its cookie and under its policy. */
export const askFrom = (page: Page): Ask =>
  (async (name: string, input: unknown) =>
    page.evaluate(
      async ([question, body]) => {
        const response = await fetch(`/ask/${question}`, { method: 'POST', body });
        const answer = await response.json();
        if (!response.ok) throw new Error(answer.message);
        return answer;
      },
      [name, JSON.stringify(input)] as const,
    )) as Ask;

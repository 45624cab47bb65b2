/** One set of promises through all three doors: the same questions get the same answers through the router, the loopback door and the command line. */
import { execFile } from 'node:child_process';
import { mkdtempSync, truncateSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../../src/main/app';
import { serveLoopback } from '../../src/main/shell/loopback';
import type { Ask, Input, Name } from '../../src/shared/contract';
import type { CheckReport, ImportReport, JobId, JobResult } from '../../src/shared/domain';
import { AppError, isCode } from '../../src/shared/errors';
import { built, builtMain, builtRenderer } from '../built';
import { sharedFolder } from '../folders';
import { writePhantomVolume } from './smallNifti';

/** What every door can do, and what its failures look like. */
interface Door {
  importPaths(paths: string[]): Promise<ImportReport>;
  caseNames(): Promise<string[]>;
  runs(): Promise<unknown[]>;
  check(): Promise<CheckReport>;
  /** Starts a run that differs from the defaults in one setting. */
  train(setting: 'steps' | 'seed', value: number): Promise<unknown>;
  predict(model: string): Promise<unknown>;
  close(): Promise<void>;
}

const files = sharedFolder();
const folderOf = (what: string) => mkdtempSync(join(files, `${what}-`));
const good = join(files, 'thorax.nii');
const broken = join(files, 'torn.nii');
const noModel = '6f2b8f3c-34cf-4c37-9c7e-0d4e1b0b7b0e';

beforeAll(async () => {
  await built();
  await writePhantomVolume(good);
  await cp(good, broken);
  truncateSync(broken, 1_000);
});

const installation = () => ({
  main: builtMain,
  renderer: builtRenderer,
  resources: files,
  version: 'test',
  isDesktop: false,
  home: folderOf('home'),
});

/** A door made of nothing but answers to `POST /ask/<name>`. */
function doorOf(post: (name: Name, body: string) => Promise<Response>, close: () => Promise<void>): Door & { ask: Ask } {
  const ask: Ask = async <K extends Name>(name: K, input: Input<K>) => {
    const response = await post(name, JSON.stringify(input));
    const answer = await response.json();
    if (!response.ok) throw isCode(answer.code) ? new AppError(answer.code, answer.message) : new Error(JSON.stringify(answer));
    return answer;
  };
  const finish = async (id: JobId): Promise<JobResult | null> => {
    for (;;) {
      const job = await ask('jobs.get', { job: id });
      if (job.state === 'failed') throw new AppError(isCode(job.code) ? job.code : 'JOB_FAILED', job.message);
      if (job.state === 'done') return job.result;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    ask,
    importPaths: async (paths) => ((await finish(await ask('import.start', { paths }))) as { report: ImportReport }).report,
    caseNames: async () => (await ask('cases.list', {})).map(({ name }) => name),
    runs: () => ask('runs.list', {}),
    check: async () => ((await finish(await ask('project.check', {}))) as { report: CheckReport }).report,
    train: async (setting, value) => ask('runs.start', { settings: { ...(await ask('runs.defaults', {})), [setting]: value } }),
    predict: async (model) => ask('predict.start', { model: model as never }),
    close,
  };
}

async function throughRouter(): Promise<Door> {
  const workbench = await openWorkbench(installation(), null);
  return inNewProject(
    doorOf(
      (name, body) => workbench.handle(new Request(`app://understudy/ask/${name}`, { method: 'POST', body })),
      () => workbench.close(),
    ),
  );
}

async function throughLoopback(): Promise<Door> {
  const workbench: Workbench = await openWorkbench(installation(), null);
  const loopback = await serveLoopback(workbench, { renderer: builtRenderer });
  const { origin } = new URL(loopback.url);
  const entered = await fetch(loopback.url, { redirect: 'manual' });
  const Cookie = entered.headers.get('set-cookie')!.split(';')[0];
  return inNewProject(
    doorOf(
      (name, body) => fetch(`${origin}/ask/${name}`, { method: 'POST', body, headers: { Cookie, Origin: origin } }),
      async () => {
        await loopback.close();
        await workbench.close();
      },
    ),
  );
}

async function inNewProject(door: Door & { ask: Ask }): Promise<Door> {
  await door.ask('project.create', { folder: join(folderOf('project'), 'Study'), name: 'Study' });
  return door;
}

async function throughCommandLine(): Promise<Door> {
  const folder = join(folderOf('project'), 'Study');
  const env = { ...process.env, UNDERSTUDY_HOME: folderOf('home') };
  const run = (...args: string[]) =>
    new Promise<never>((resolve, reject) => {
      execFile(process.execPath, [join(builtMain, 'cli.js'), ...args, '--project', folder, '--json'], { env }, (_error, stdout, stderr) => {
        const answer = JSON.parse(stdout.trim().split('\n').at(-1) || `{"error":${JSON.stringify(stderr)}}`);
        if (answer.error) reject(new AppError(answer.error.code, answer.error.message));
        else resolve(answer as never);
      });
    });
  return {
    importPaths: (paths) => run('import', ...paths),
    caseNames: async () => ((await run('cases')) as { cases: { name: string }[] }).cases.map(({ name }) => name),
    runs: async () => ((await run('runs')) as { runs: unknown[] }).runs,
    check: () => run('check'),
    train: (setting, value) => run('train', `--${setting}`, String(value)),
    predict: (model) => run('predict', '--model', model),
    close: async () => undefined,
  };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no failure',
    (error) => error.code ?? String(error),
  );

describe.each([
  ['the router', throughRouter],
  ['the loopback door', throughLoopback],
  ['the command line', throughCommandLine],
])('through %s', (_name, open) => {
  let door: Door;
  let report: ImportReport;
  beforeAll(async () => {
    door = await open();
    report = await door.importPaths([good, broken]);
  });
  afterAll(() => door?.close());

  test('an import says what came in and what was refused, with the same sentence', () => {
    expect(report).toEqual({
      imported: [{ case: 'thorax', channels: 1, labelled: false, files: [good], warnings: [expect.stringContaining('thorax.nii')] }],
      refused: [{ file: broken, code: expect.stringMatching(/^FILE_/), sentence: expect.stringContaining('torn.nii') }],
    });
  });

  test('what was imported is listed', async () => {
    expect(await door.caseNames()).toEqual(['thorax']);
  });

  test('the same file again is refused as a duplicate', async () => {
    const again = await door.importPaths([good]);
    expect([again.imported, again.refused.map(({ code }) => code)]).toEqual([[], ['DUPLICATE_CASE']]);
  });

  test('a run without labels is refused', async () => {
    expect(await codeOf(door.train('seed', 1))).toBe('RUN_NEEDS_LABELS');
  });

  test('a setting out of range is bad input', async () => {
    expect(await codeOf(door.train('steps', 0))).toBe('BAD_INPUT');
  });

  test('a refused run leaves no trace', async () => {
    expect(await door.runs()).toEqual([]);
  });

  test('a model that is not there is not found', async () => {
    expect(await codeOf(door.predict(noModel))).toBe('NOT_FOUND');
  });

  test('the project is sound afterwards', async () => {
    expect(await door.check()).toMatchObject({ ok: true, problems: [] });
  });
});

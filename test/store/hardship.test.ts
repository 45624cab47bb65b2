/** What happens to a project when its program is killed, when another wants it, when the disk is full, and when it is read-only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { storeBytes } from '../../src/main/files/durable';
import { checkStore } from '../../src/main/store/check';
import { appendEvent, listEvents } from '../../src/main/store/events';
import { rememberFile } from '../../src/main/store/files';
import { getProject } from '../../src/main/store/project';
import { createStore, openStore } from '../../src/main/store/store';
import { temporaryFolder } from '../folders';
import { canMount, mounted } from './disks';
import { fillSample } from './sample';

const project = { name: 'P', isDemo: false };

/** Another program that writes to the project as fast as it can; resolves when it has finished `writes` of them. */
async function startWriter(folder: string, writes: number): Promise<{ child: ChildProcess; lastReported: () => number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writerProcess.mjs'), folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let last = 0;
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the writer ended with ${code ?? signal}`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line !== 'open') last = Number(line);
      if (last >= writes) resolve();
    });
  });
  return { child, lastReported: () => last };
}
async function killHard(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a killed program', () => {
  test('loses nothing it had reported, and leaves a project that checks clean', async () => {
    const folder = temporaryFolder();
    (await createStore(folder, project)).close();
    for (let round = 0; round < 3; round++) {
      const { child, lastReported } = await startWriter(folder, 5 + 3 * round);
      await killHard(child);
      const reported = lastReported();
      const store = await openStore(folder);
      const written = Number(listEvents(store.read, 1)[0].sentence.split(' ')[1]);
      expect(written - reported).toBeOneOf([0, 1]); // killed between the commit and the report at worst
      expect(await checkStore(store)).toMatchObject({ ok: true, problems: [] });
      expect(readdirSync(store.files, { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual([]);
      store.close();
    }
  });

  test('gives its lock back, and while it lives it is named in the refusal', async () => {
    const folder = temporaryFolder();
    (await createStore(folder, project)).close();
    const { child } = await startWriter(folder, 1);
    await expect(openStore(folder)).rejects.toMatchObject({
      code: 'PROJECT_LOCKED',
      message: expect.stringContaining(`process ${child.pid}`),
    });
    await killHard(child);
    (await openStore(folder)).close();
  });
});

describe.runIf(canMount)('a full disk', () => {
  test('gives a sentence, and loses nothing that was saved', async () => {
    const { folder, remount } = mounted('size=1500k');
    const store = await createStore(folder, project);
    await fillSample(store);
    const saved: string[] = [];
    const fillUp = async () => {
      for (let n = 0; ; n++) {
        const file = await storeBytes(store.files, new Uint8Array(50_000).fill(n));
        store.write((db) => {
          rememberFile(db, file);
          appendEvent(db, 'project', `file ${n}`);
        });
        saved.push(`file ${n}`);
      }
    };
    await expect(fillUp()).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining(folder) });
    // What is left would not hold a file; now the database has to do without space too.
    const growLog = () => {
      for (;;) store.write((db) => appendEvent(db, 'project', 'x'.repeat(20_000)));
    };
    expect(growLog).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
    store.close();

    remount('size=6m');
    const again = await openStore(folder);
    expect(listEvents(again.read, 1000).map((entry) => entry.sentence)).toEqual(expect.arrayContaining(saved));
    expect(saved.length).toBeGreaterThan(3);
    expect(await checkStore(again)).toMatchObject({ ok: true, problems: [] });
    again.close();
  });

  test('makes a new project impossible with a sentence, and leaves no half of one', async () => {
    const { folder } = mounted('size=40k');
    await expect(createStore(join(folder, 'new'), project)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(readdirSync(join(folder, 'new'))).not.toContain('project.sqlite');
  });
});

describe.runIf(canMount)('a read-only folder', () => {
  test('is refused with a sentence, for an old project and for a new one; writable again, all is there', async () => {
    const { folder, remount } = mounted('size=4m');
    const store = await createStore(folder, project);
    await fillSample(store);
    store.close();
    remount('ro');
    await expect(openStore(folder)).rejects.toMatchObject({ code: 'FOLDER_NOT_WRITABLE', message: expect.stringContaining('read-only') });
    await expect(createStore(join(folder, 'a', 'new'), project)).rejects.toMatchObject({ code: 'FOLDER_NOT_WRITABLE' });
    remount('rw');
    const again = await openStore(folder);
    expect(getProject(again.read, folder).counts.cases).toBe(1);
    expect(await checkStore(again)).toMatchObject({ ok: true });
    again.close();
  });
});

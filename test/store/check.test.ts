/** `check` finds what a disk, a person or a crash may have done to a project. */
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { addressOf, storeBytes } from '../../src/main/files/durable';
import { checkStore } from '../../src/main/store/check';
import { createStore, openStore } from '../../src/main/store/store';
import { temporaryFolder } from '../folders';
import { fillSample } from './sample';

async function sampleStore() {
  const store = await createStore(temporaryFolder(), { name: 'P', isDemo: false });
  return { store, sample: await fillSample(store) };
}

test('a sound project has no problems', async () => {
  const { store } = await sampleStore();
  expect(await checkStore(store)).toEqual({ ok: true, rows: 14, files: 3, bytes: 190, problems: [], notes: [] });
  store.close();
});

test('a file that is gone, cut short or changed is named', async () => {
  const { store, sample } = await sampleStore();
  rmSync(addressOf(store.files, sample.image.hash));
  appendFileSync(addressOf(store.files, sample.mask.hash), 'x');
  writeFileSync(addressOf(store.files, sample.original.hash), 'original 1');
  const { ok, problems } = await checkStore(store);
  expect(ok).toBe(false);
  expect(problems).toHaveLength(3);
  expect(problems).toEqual(
    expect.arrayContaining([
      `The stored file ${sample.image.hash} is gone.`,
      `The stored file ${sample.mask.hash} should have 60 bytes, but has 61.`,
      expect.stringContaining(`The content of the stored file ${sample.original.hash} has changed`),
    ]),
  );
  store.close();
});

test('a volume whose size is not what its grid demands is named', async () => {
  const { store, sample } = await sampleStore();
  store.write((db) => db.run("UPDATE cases SET sizeVoxels = '[3,4,6]' WHERE id = ?", [sample.ids.case]));
  expect((await checkStore(store)).problems).toEqual([
    'Case Müller, channel 0: 3×4×6 voxels need 144 bytes, but 120 are stored.',
    'Case Müller, label revision 1: 3×4×6 voxels need 72 bytes, but 60 are stored.',
    `Case Müller, prediction ${sample.ids.prediction}: 3×4×6 voxels need 72 bytes, but 60 are stored.`,
  ]);
  store.close();
});

test('a reference to a row that is not there is named', async () => {
  const { store, sample } = await sampleStore();
  const { folder } = store;
  store.close();
  const database = new Database(join(folder, 'project.sqlite'));
  database.pragma('foreign_keys = OFF');
  database.prepare('DELETE FROM models WHERE id = ?').run(sample.ids.model);
  database.close();
  const again = await openStore(folder);
  expect((await checkStore(again)).problems).toEqual(['Row 1 of predictions refers to a missing row of models.']);
  again.close();
});

test('files that no row needs are reported, and left alone', async () => {
  const { store } = await sampleStore();
  const orphan = await storeBytes(store.files, new Uint8Array(1_000_000));
  expect(await checkStore(store)).toMatchObject({ ok: true, notes: ['Nothing refers to 1 stored file (1.0 MB); this does no harm.'] });
  expect(readdirSync(store.files, { recursive: true }).some((name) => String(name).includes(orphan.hash))).toBe(true);
  store.close();
});

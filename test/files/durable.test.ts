/** Files that are there whole or not at all, and stored once however often they come. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addressOf, adoptFile, hashFile, makeFolder, storeBytes, storeFile, storePieces, writeDurably } from '../../src/main/files/durable';
import { temporaryFolder } from '../folders';

const everything = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

test('a write that fails half way leaves what was there and nothing else', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'Ä', 'weights');
  await writeDurably(path, new TextEncoder().encode('first'));
  const half = writeDurably(path, async (file) => {
    await file.write('sec');
    throw new Error('pulled the plug');
  });
  await expect(half).rejects.toThrow('pulled the plug');
  expect(readFileSync(path, 'utf8')).toBe('first');
  expect(everything(folder)).toHaveLength(1);
});

test('the same content is stored once, as bytes or from a file, under the SHA-256 it has', async () => {
  const folder = temporaryFolder();
  const store = join(folder, 'files');
  writeFileSync(join(folder, 'source'), 'abc');
  const one = await storeBytes(store, new TextEncoder().encode('abc'));
  const two = await storeFile(store, join(folder, 'source'));
  expect(two).toEqual(one);
  expect(one).toEqual({ hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', bytes: 3 });
  expect(everything(store)).toHaveLength(1);
  expect(await hashFile(addressOf(store, one.hash))).toBe(one.hash);
});

test('storing a file that is not there leaves no trace', async () => {
  const store = join(temporaryFolder(), 'files');
  await expect(storeFile(store, '/nowhere/at/all')).rejects.toThrow('ENOENT');
  expect(everything(store)).toEqual([]);
});

test('a folder is made with all above it, and one that is there is left alone', async () => {
  const folder = join(temporaryFolder(), 'a', 'b', 'c');
  await makeFolder(folder);
  writeFileSync(join(folder, 'x'), '');
  await makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
  expect(existsSync(join(folder, 'x'))).toBe(true);
});

test('a file in the way of a folder is said as it is', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'd'));
  writeFileSync(join(folder, 'd', 'file'), '');
  await expect(makeFolder(join(folder, 'd', 'file', 'sub'))).rejects.toThrow('a file is in its place');
});

test('a file on the same disk is taken into the store without a copy, and only once', async () => {
  const folder = temporaryFolder();
  const [store, source] = [join(folder, 'files'), join(folder, 'source')];
  writeFileSync(source, 'abc');
  const hash = await hashFile(source);
  expect(await adoptFile(store, source, hash)).toEqual({ hash, bytes: 3 });
  expect(await adoptFile(store, source, hash)).toEqual({ hash, bytes: 3 });
  expect(everything(store)).toHaveLength(1);
  expect(statSync(addressOf(store, hash)).ino).toBe(statSync(source).ino);
});

test('pieces that fail half way leave nothing behind', async () => {
  const store = join(temporaryFolder(), 'files');
  async function* pieces() {
    yield new TextEncoder().encode('half');
    throw new Error('stopped');
  }
  await expect(storePieces(store, pieces)).rejects.toThrow('stopped');
  expect(everything(store)).toHaveLength(0);
});

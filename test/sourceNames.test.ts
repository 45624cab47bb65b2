import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What an import may call a file: its path without the extension. */
const named = (file: string) => file.replace(/\.tsx?$/, '');

test('no two source files differ in case only, as half of all machines cannot tell them apart', () => {
  const files = execFileSync('git', ['ls-files', 'src', 'test'], { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file));
  const twins = Map.groupBy(files, (file) => named(file).toLowerCase());
  expect([...twins.values()].filter((group) => group.length > 1)).toEqual([]);
});

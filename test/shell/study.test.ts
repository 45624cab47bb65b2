/** Studies on the command line: from a file, the same file again, refused files, and what is written. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../folders';
import { prepareTrainable, startTrainable } from '../services/trainable';
import { runProgram } from './runProgram';

prepareTrainable();
/** Two students are trained and scored, and every command starts the program anew. */
vi.setConfig({ testTimeout: 300_000 });

const study = (...args: string[]) => runProgram(['study', ...args], { env: { UNDERSTUDY_HOME: temporaryFolder() } });

const plan = {
  name: 'Widths',
  seeds: [7],
  settings: { device: 'cpu', patch: [16, 16, 16], steps: 4, warmupSteps: 2, width: 2, validationCases: 0 },
  configurations: [
    { name: 'Two', method: 'supervised' },
    { name: 'Three', method: 'supervised', settings: { width: 3 } },
  ],
};

test('a study is run from a file, found again by the same file, and written as a table and a page', async () => {
  const folder = join(temporaryFolder(), 'Projekt');
  await (await startTrainable(folder)).close();
  const file = (name: string, changes: object) => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, JSON.stringify({ ...plan, ...changes }));
    return path;
  };
  const at = ['--project', folder];

  const mistyped = await study('run', '--config', file('mistyped.json', { budget: [5] }), ...at);
  expect([mistyped.code, mistyped.out]).toEqual([2, '']);
  expect(mistyped.err).toContain('budget');
  expect((await study('run', ...at)).code).toBe(2);

  const first = await study('run', '--config', file('plan.json', {}), ...at, '--json');
  expect([first.code, JSON.parse(first.out).study]).toMatchObject([0, { name: 'Widths', state: 'done', budgets: [3] }]);
  expect(first.err).toMatch(/\d+ % {2}Study Widths/);
  expect(JSON.parse(first.out).study.configurations.map(({ settings }: { settings: { width: number } }) => settings.width)).toEqual([2, 3]);

  const again = await study('run', '--config', file('same.json', {}), ...at);
  expect(again.code).toBe(0);
  expect(again.out).toContain('Study 1 (Widths) is done: 2 of 2 students trained and scored.');
  expect(again.out).toContain('cannot tell apart');
  const other = await study('run', '--config', file('other.json', { seeds: [8] }), ...at, '--json');
  expect([other.code, JSON.parse(other.out).error.code]).toEqual([1, 'STUDY_EXISTS']);
  expect(JSON.parse((await study('list', ...at, '--json')).out).studies).toHaveLength(1);

  const [table, page] = [join(temporaryFolder(), 'scores.csv'), join(temporaryFolder(), 'study.html')];
  expect((await study('report', '1', '--out', table, ...at)).code).toBe(0);
  expect(readFileSync(table, 'utf8').split('\r\n')).toHaveLength(1 + 2 * 2 + 1); // heading, two students by two cases, the end
  expect((await study('report', 'Widths', '--out', page, ...at)).code).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain('Paired differences to Two');
  expect((await study('report', '2', '--out', page, ...at)).code).toBe(2);
});

/** The command line as scripts meet it: exit codes, what goes to which stream, and help. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { built, builtMain } from '../built';
import { sharedFolder, temporaryFolder } from '../folders';
import { samMed3dWeights, torchFile } from '../services/teacherFiles';
import { runProgram } from './runProgram';
import { writePhantomVolume } from './smallNifti';

const root = join(import.meta.dirname, '..', '..');
const volume = join(sharedFolder(), 'thorax.nii');
beforeAll(async () => {
  await built();
  await writePhantomVolume(volume);
});

const run = (args: string[], { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string> } = {}) =>
  runProgram(args, { cwd, env: { UNDERSTUDY_HOME: temporaryFolder(), INIT_CWD: cwd, ...env } });

describe('bad use ends with 2', () => {
  test.each<[string, string[]]>([
    ['no command', []],
    ['an unknown command', ['distil']],
    ['an unknown option', ['cases', '--folder', 'x']],
    ['a missing argument', ['import']],
    ['an option without its value', ['train', '--steps']],
    ['a number that is none', ['train', '--steps', 'many']],
    ['a folder that is no project', ['cases', '--project', '/nowhere']],
    ['no project named, and none here', ['cases']],
    ['an export without a place', ['export', 'masks']],
    ['a prompt of nobody', ['prompt', '--case', 'a', '--structure', '1']],
  ])('%s', async (_what, args) => {
    const { code, out, err } = await run(args, { cwd: tmpdir() });
    expect([code, out]).toEqual([2, '']);
    expect(err.trim()).not.toBe('');
  });
});

test('a mistyped command is answered with the one that was meant', async () => {
  expect((await run(['evalute'])).err).toContain('Did you mean evaluate?');
});

describe('help ends with 0 and names the options', () => {
  test.each<[string[], string]>([
    [['--help'], 'Commands:'],
    [['demo', '--help'], 'create'],
    [['demo', 'create', '--help'], '--labelled'],
    [['demo', 'run', '--help'], '--steps'],
    [['import', '--help'], '<path...>'],
    [['cases', '--help'], '--json'],
    [['runs', '--help'], '--json'],
    [['train', '--help'], '--resume'],
    [['predict', '--help'], '--again'],
    [['evaluate', '--help'], '--model'],
    [['export', '--help'], '--canonical'],
    [['teachers', '--help'], 'accept'],
    [['teachers', 'import', '--help'], '--family'],
    [['labels', '--help'], 'complete'],
    [['prompt', '--help'], '--accept'],
    [['labels', '--help'], '--restore'],
    [['structures', '--help'], '--add'],
    [['check', '--help'], '--project'],
    [['serve', '--help'], '--port'],
  ])('%j', async (args, expected) => {
    const { code, out } = await run(args);
    expect([code, out.includes(expected)]).toEqual([0, true]);
  });
});

test('every command of the program is in docs/cli.md', async () => {
  const { out } = await run(['--help']);
  const commands = [...out.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name).filter((name) => name !== 'help' && name !== 'demo');
  const page = readFileSync(join(root, 'docs', 'cli.md'), 'utf8');
  expect(commands.length).toBeGreaterThan(8);
  expect(commands.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
});

describe('an import', () => {
  test('makes the project, says on standard output what came in, and keeps its progress to standard error', async () => {
    const project = join(temporaryFolder(), 'Liver study');
    const { code, out, err } = await run(['import', volume, '--project', project]);
    expect([code, out.split('\n')[0], err.includes('Importing')]).toEqual([0, 'thorax: 1 channel', true]);
    expect((await run(['cases', '--project', project])).out).toContain('24 × 24 × 24');
  });

  test('of nothing but refused files ends with 1', async () => {
    const folder = temporaryFolder();
    const { code, out } = await run(['import', join(folder, 'absent.nii'), '--project', join(folder, 'P'), '--json']);
    expect([code, JSON.parse(out).imported ?? JSON.parse(out).error]).toEqual([1, expect.anything()]);
  });

  test('takes paths relative to where the person stands, not to where npm runs it', async () => {
    const folder = temporaryFolder();
    await writePhantomVolume(join(folder, 'here.nii'));
    const { code, out } = await run(['import', 'here.nii', '--project', 'P', '--json'], { env: { INIT_CWD: folder } });
    expect([code, JSON.parse(out).imported[0].case]).toEqual([0, 'here']);
    expect((await run(['cases', '--json'], { env: { INIT_CWD: join(folder, 'P') } })).code).toBe(0);
  });
});

test('a click on a case without any label becomes its first one, and can be taken back', async () => {
  const project = join(temporaryFolder(), 'P');
  const home = temporaryFolder();
  const json = async (...args: string[]) => {
    const { code, out, err } = await run([...args, '--project', project, '--json'], { env: { UNDERSTUDY_HOME: home } });
    return code === 0 ? JSON.parse(out) : [code, JSON.parse(out || '{}').error?.message ?? err];
  };
  await json('import', volume);
  expect(await json('teachers', 'import', torchFile('sam_med3d_turbo.pth', samMed3dWeights()))).toMatchObject({ refused: [] });
  expect((await json('structures', '--add', 'nodule')).structures).toMatchObject([{ index: 1, name: 'nodule' }]);
  const [{ name }] = (await json('teachers', 'list')).teachers;
  const asked = [
    'prompt',
    '--teacher',
    name,
    '--case',
    'thorax',
    '--structure',
    'nodule',
    '--point',
    '-2,0,1',
    '--point',
    '9,9,9,negative',
  ];
  expect(await json(...asked)).toEqual([1, expect.stringContaining('has not been accepted')]);
  await json('teachers', 'accept', name);
  expect(await json(...asked)).toMatchObject({ preview: { embedding: 'made', structure: 1 }, label: null });
  const { preview, label } = await json(...asked, '--accept', '--how', 'add');
  expect([preview.embedding, label.revision, label.voxels[1] ?? 0]).toEqual(['found', 1, preview.voxels]);
  expect(label.state).toBe('draft');
  expect(await json('cases', 'patient', 'thorax', '--is', 'P7')).toMatchObject({ patient: 'P7' });
  expect((await json('cases')).cases).toMatchObject([{ name: 'thorax', patient: 'P7' }]);
  expect(await json('labels', 'complete', 'thorax')).toMatchObject({ state: 'complete' });
  expect((await json('labels', 'thorax')).revisions).toMatchObject([{ revision: 1, state: 'complete' }]);
  await json('labels', 'draft', 'thorax');
  expect((await json('cases')).cases).toMatchObject([{ label: { state: 'draft' } }]);
  expect((await json('labels', 'thorax', '--restore', '0')).revisions).toMatchObject([
    { revision: 2, origin: 'restore' },
    { revision: 1, origin: 'prompt' },
  ]);
  expect((await json('cases')).cases).toMatchObject([{ name: 'thorax', label: null }]);
  expect(await json(...asked.slice(0, 7), '--point', '1,2')).toEqual([2, expect.stringContaining('should be x,y,z in millimetres')]);
}, 300_000);

test('a teacher of the library comes into another project by its name, and leaves the library by it', async () => {
  const [home, folder] = [temporaryFolder(), temporaryFolder()];
  const json = async (project: string, ...args: string[]) => {
    const { code, out } = await run([...args, '--project', join(folder, project), '--json'], { env: { UNDERSTUDY_HOME: home } });
    return code === 0 ? JSON.parse(out) : [code, JSON.parse(out || '{}').error?.code];
  };
  await json('A', 'teachers', 'import', torchFile('sam_med3d_turbo.pth', samMed3dWeights()));
  const [{ name }] = (await json('A', 'teachers', 'list')).teachers;
  await json('B', 'import', volume);
  // Beside those that come with the program.
  const ofLibrary = async (project: string) =>
    (await json(project, 'teachers', 'list')).library.filter(({ from }: { from: string }) => from === 'library');
  expect(await ofLibrary('B')).toMatchObject([{ name, here: null }]);
  expect((await json('B', 'teachers', 'use', name.toUpperCase())).imported).toMatchObject([{ name }]);
  expect((await json('B', 'teachers', 'list')).teachers).toMatchObject([{ name, checks: [{ agrees: true }] }]);
  await json('B', 'teachers', 'forget', name);
  expect(await ofLibrary('B')).toEqual([]);
  expect(await json('A', 'teachers', 'use', name)).toEqual([2, 'NOT_FOUND']);
}, 300_000);

test('a failure with --json is an object too, on standard output', async () => {
  const { code, out } = await run(['check', '--project', '/nowhere', '--json']);
  expect([code, JSON.parse(out)]).toEqual([2, { error: { code: 'NOT_A_PROJECT', message: expect.stringContaining('/nowhere') } }]);
});

test('a project that is open elsewhere is refused with a sentence and 1', async () => {
  const project = join(temporaryFolder(), 'P');
  await run(['import', volume, '--project', project]);
  const served = spawn(process.execPath, [join(builtMain, 'cli.js'), 'serve', '--project', project, '--json']);
  await new Promise((resolve) => served.stdout.once('data', resolve));
  const { code, err } = await run(['cases', '--project', project]);
  served.kill('SIGINT');
  const ended = await new Promise((resolve) => served.once('exit', resolve));
  expect([code, err.includes('already open in another Understudy'), ended]).toEqual([1, true, 0]);
});

/** What a compute process prints: everything reaches the terminal but the complaints of drivers while devices are tried. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startCompute } from '../../src/main/compute/host';
import { temporaryFolder } from '../folders';

/** A process that prints as it is told and then ends its job as it is told. */
const program = `
process.on('message', ({ kind, job, name }) => {
  if (kind !== 'start') return;
  process.stderr.write(name === 'testDevice' ? 'Warning: no Vulkan\\n' : 'a line of a run\\n');
  if (ENDING === 'dies') process.kill(process.pid, 'SIGKILL');
  else if (ENDING === 'breaks') process.send({ kind: 'failed', job, code: null, message: 'a bug' });
  else process.send({ kind: 'done', job, result: null });
});
process.on('disconnect', () => process.exit());
`;

function compute(ending: 'ends well' | 'breaks' | 'dies') {
  const entry = join(temporaryFolder(), 'child.mjs');
  writeFileSync(entry, program.replaceAll('ENDING', `'${ending}'`));
  let printed = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  onTestFinished(() => spy.mockRestore());
  const host = startCompute(entry);
  onTestFinished(() => host.close());
  return { run: (name: 'testDevice' | 'predict') => host.run(name, {} as never), printed: () => printed };
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 200));

test('a trial that ends well leaves nothing on the terminal', async () => {
  const { run, printed } = compute('ends well');
  await run('testDevice');
  await settle();
  expect(printed()).toBe('');
});

test('a trial that breaks shows what was printed', async () => {
  const { run, printed } = compute('breaks');
  await expect(run('testDevice')).rejects.toThrow('a bug');
  await vi.waitFor(() => expect(printed()).toBe('Warning: no Vulkan\n'));
});

test('a process that dies in a trial shows what it printed', async () => {
  const { run, printed } = compute('dies');
  await expect(run('testDevice')).rejects.toThrow();
  await vi.waitFor(() => expect(printed()).toBe('Warning: no Vulkan\n'));
});

test('what a run prints is shown', async () => {
  const { run, printed } = compute('ends well');
  await run('predict');
  await vi.waitFor(() => expect(printed()).toBe('a line of a run\n'));
});

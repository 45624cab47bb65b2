/** What is slow to open stays open, and of what is unused longest as much goes as the budget asks. */
import { expect, test } from 'vitest';
import { keptOpen } from '../../src/main/compute/teachers/keptOpen';

function shelf(budget: number) {
  const log: string[] = [];
  const kept = keptOpen<{ name: string; size: number }>({
    budget: () => budget,
    sizeOf: ({ size }) => size,
    close: async ({ name }) => void log.push(`${name} closed`),
  });
  const use = (name: string, size = 10) =>
    kept.get(name, async () => {
      log.push(`${name} opened`);
      return { name, size };
    });
  return { use, log };
}

test('two that take turns are opened once', async () => {
  const { use, log } = shelf(20);
  for (const name of ['CT', 'PET', 'CT', 'PET']) await use(name);
  expect(log).toEqual(['CT opened', 'PET opened']);
});

test('a third makes the one go that was used longest ago', async () => {
  const { use, log } = shelf(20);
  for (const name of ['a', 'b', 'a', 'c', 'b']) await use(name);
  expect(log).toEqual(['a opened', 'b opened', 'c opened', 'b closed', 'b opened', 'a closed']);
});

test('one that takes more than the budget stays alone', async () => {
  const { use, log } = shelf(20);
  await use('small');
  await use('huge', 100);
  await use('huge', 100);
  expect(log).toEqual(['small opened', 'huge opened', 'small closed']);
});

/** Thousands of damaged weights files: each is read as it says or refused in a sentence, never anything else. */
import { expect, test } from 'vitest';
import { temporaryFolder } from '../folders';
import { readDamaged } from './checkpointMutations';

test('no damaged file crashes a reader, keeps it busy or slips through as something else', async () => {
  const { accepted, refused, sins, slowestMs, risenMegabytes } = await readDamaged(temporaryFolder(), 1, 2000);
  expect(sins).toEqual([]);
  // Both outcomes must occur often, or the damage tests nothing.
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(1000);
  expect(slowestMs).toBeLessThan(2000);
  expect(risenMegabytes).toBeLessThan(500);
});

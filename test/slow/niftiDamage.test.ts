/** The long version of test/imaging/niftiDamage.test.ts: many thousands of damaged files, other ones on every day. */
import { expect, test } from 'vitest';
import { temporaryFolder } from '../folders';
import { readDamaged } from '../imaging/niftiMutations';

test('no damaged file of many thousands crashes the reader or slips through as something else', { timeout: 900_000 }, async () => {
  const seed = Math.floor(Date.now() / 86_400_000);
  const { sins } = await readDamaged(temporaryFolder(), seed, 30_000);
  expect(sins, `seed ${seed}`).toEqual([]);
});

/** Hundreds of damaged NIfTI files: each is read as it says or refused in a sentence, never anything else. */
import { expect, test } from 'vitest';
import { temporaryFolder } from '../folders';
import { readDamaged } from './niftiMutations';

test('no damaged file crashes the reader or slips through as something else', async () => {
  const { accepted, refused, sins } = await readDamaged(temporaryFolder(), 1, 500);
  expect(sins).toEqual([]);
  // Both outcomes must occur often, or the damage tests nothing.
  expect(accepted).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(200);
});

/** The long version of test/checkpoints/checkpointDamage.test.ts: many thousands of damaged files, other ones on every day. */
import { expect, test } from 'vitest';
import { readDamaged } from '../checkpoints/checkpointMutations';
import { temporaryFolder } from '../folders';

test('no damaged weights file of many thousands crashes a reader, keeps it busy or slips through as something else', async () => {
  const seed = Math.floor(Date.now() / 86_400_000);
  const { accepted, refused, sins, slowestMs, risenMegabytes } = await readDamaged(temporaryFolder(), seed, 100_000);
  console.log(
    `seed ${seed}: ${accepted} accepted, ${refused} refused; slowest ${Math.round(slowestMs)} ms, memory +${Math.round(risenMegabytes)} MB`,
  );
  expect(sins, `seed ${seed}`).toEqual([]);
  expect(slowestMs).toBeLessThan(2000);
  expect(risenMegabytes).toBeLessThan(500);
});

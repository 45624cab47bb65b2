/** Features that tell regions apart are cheap, others dear; and places of a mask keep to their features. */
import { expect, test } from 'vitest';
import { constant, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { Session } from '../../src/main/engine/session';
import { type Tensor, tensor } from '../../src/main/engine/tensor';
import { regionLoss } from '../../src/main/methods/losses/regions';
import { byBlocks } from '../../src/main/networks/sam/maskDecoder';
import type { SamSpec } from '../../src/main/networks/sam/spec';

async function computed(value: Value): Promise<Tensor> {
  const session = await Session.create(encodeModel(buildModel({ name: 'test', inputs: [], outputs: { value }, form: 'cpu' })), {
    device: 'cpu',
    threads: 1,
  });
  const { value: came } = await session.run({});
  await session.release();
  return came;
}
const loss = async (features: number[], regions: number[][]) =>
  Number(
    (await computed(regionLoss(constant(tensor([1, 4, 1], features)), constant(tensor([1, regions.length, 4], regions.flat()))))).data[0],
  );

test('two regions with means far apart cost next to nothing, with the same mean as much as a coin', async () => {
  const regions = [
    [1, 1, 0, 0],
    [0, 0, 1, 1],
  ];
  expect(await loss([-4, -4, 4, 4], regions)).toBeLessThan(1e-6);
  expect(await loss([1, -1, 1, -1], regions)).toBeCloseTo(Math.log(2), 6);
});

test('every region counts the same, places in none do not count, nor do regions without places', async () => {
  // Means 0 and 2: a place at 0 is as far as e⁴ from being the other's, one at 1 is between both.
  const uneven = [
    [1, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 0],
  ];
  const own = (x: number) => Math.log(1 + Math.exp((x - 0) ** 2 - (x - 2) ** 2));
  expect(await loss([1, -1, 2, 77], uneven)).toBeCloseTo((own(1) + own(-1)) / 4 + Math.log(1 + Math.exp(-4)) / 2, 5);
});

test('a map is put in the order of blocks: each token’s places together, halves within halves', async () => {
  const spec = { axes: 2, imageSide: 8, patch: 4 } as SamSpec;
  const side = 8;
  const map = tensor(
    [1, side, side],
    Array.from({ length: side * side }, (_, n) => n),
  );
  const { data } = await computed(byBlocks(spec, constant(map)));
  const wanted: number[] = [];
  const halves = [0, 1];
  for (const tokenRow of halves) for (const tokenColumn of halves) for (const r1 of halves) for (const c1 of halves) for (const r2 of halves) for (const c2 of halves) wanted.push(side * (4 * tokenRow + 2 * r1 + r2) + 4 * tokenColumn + 2 * c1 + c2); // biome-ignore format: six halvings
  expect([...data]).toEqual(wanted);
});

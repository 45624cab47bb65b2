import { describe, expect, test } from 'vitest';
import { drawBatch, pickCase } from '../../../src/main/methods/training/batches';
import type { Prepared } from '../../../src/main/methods/training/prepare';

const settings = {
  seed: 3,
  batch: 2,
  patch: [16, 16, 16] as [number, number, number],
  foreground: 1,
  flips: true,
  intensity: 0.5,
  deformation: 0.5,
};

/** One study of 32³ with a single small structure in a corner. */
function study(): Prepared {
  const grid = { size: [32, 32, 32] as const, affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
  const image = Float32Array.from({ length: 32 ** 3 }, (_, v) => Math.sin(v));
  const classes = new Uint8Array(32 ** 3);
  const place = 4 + 32 * (5 + 32 * 6);
  classes[place] = 1;
  return {
    grid,
    size: grid.size,
    spacingMm: [1, 1, 1],
    channels: [image],
    outside: [0],
    classes,
    places: [Int32Array.of(place)],
    bytes: 0,
  };
}
const draw = (step: number, over: Partial<typeof settings> = {}) =>
  drawBatch(step, 1, async () => study(), 1, [0, 1], { ...settings, ...over });

describe('a training batch', () => {
  test('depends on seed and step alone', async () => {
    expect(await draw(7)).toEqual(await draw(7));
    expect((await draw(8)).image).not.toEqual((await draw(7)).image);
    expect((await draw(7, { seed: 4 })).image).not.toEqual((await draw(7)).image);
  });

  test('centred on foreground contains the structure, however small', async () => {
    for (let step = 1; step <= 20; step++) {
      const { label } = await draw(step, { deformation: 0 });
      for (const n of [0, 1]) expect(label.subarray(n * 16 ** 3, (n + 1) * 16 ** 3).includes(1)).toBe(true);
    }
  });
});

test('every case comes once per pass, in another order each pass', () => {
  const pass = (p: number) => Array.from({ length: 5 }, (_, at) => pickCase(1, 5 * p + at, 5));
  for (const p of [0, 1, 2, 3]) expect([...pass(p)].sort()).toEqual([0, 1, 2, 3, 4]);
  expect(new Set([0, 1, 2, 3].map((p) => pass(p).join())).size).toBeGreaterThan(1);
});

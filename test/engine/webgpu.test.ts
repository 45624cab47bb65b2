/** The second law on a GPU: results and gradients through WebGPU, here by Chromium's software Vulkan. One process may use WebGPU once. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { everyCase } from './cases';
import { inBatches, strays } from './laws';

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const loaders = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib/aarch64-linux-gnu/libvulkan.so.1'];
const isPresent = existsSync(driver) && loaders.some(existsSync);

/** Seconds after which no further cases are started: each shape compiles shaders of its own, slowly. */
const budget = 20;

/** Graphics languages promise no more for sine and cosine than an error of 2⁻¹¹ (WGSL, "Accuracy of built-in functions"). */
const toleranceOf = (op: string): number => (op === 'sin' || op === 'cos' ? 2 ** -11 : 2e-5);

const byOp = Map.groupBy(
  // Devices refuse what is empty.
  everyCase.filter(({ shapes }) => !shapes.flat().includes(0)),
  ({ op }) => op,
);
/** The n-th case of every op, for each n in turn, so that every op comes before any comes twice. */
const inTurn = Array.from({ length: Math.max(...[...byOp.values()].map((cases) => cases.length)) }, (_, n) =>
  [...byOp.values()].flatMap((cases) => cases.slice(n, n + 1)),
).flat();

test.runIf(isPresent)(
  'on WebGPU through software Vulkan, every op and as many cases of it as time allows give what their definitions say',
  async () => {
    process.env.VK_DRIVER_FILES = driver;
    const start = performance.now();
    const wrong: string[] = [];
    let count = 0;
    for (const batch of inBatches(inTurn, 8)) {
      if (count >= byOp.size && performance.now() - start > budget * 1000) break;
      for (const [tolerance, cases] of Map.groupBy(batch, ({ op }) => toleranceOf(op))) {
        wrong.push(...(await strays(cases, 'webgpu', 'gpu', tolerance)));
      }
      count += batch.length;
    }
    console.log(`${count} cases ran on WebGPU.`);
    expect(wrong).toEqual([]);
  },
  // Shaders are compiled and run on the processor here: minutes, where others keep it busy.
  600_000,
);

test.skipIf(isPresent)('WebGPU is not tested: install the Debian packages chromium and libvulkan1', () => {
  expect(process.env.CI, 'a continuous integration machine should have them').toBeUndefined();
});

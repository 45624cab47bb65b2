/** The second law on a GPU: results and gradients through WebGPU, here by Chromium's software Vulkan. One process may use WebGPU once. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { everyCase } from './cases';
import { deviceErrors } from './laws';

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const loaders = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib/aarch64-linux-gnu/libvulkan.so.1'];
const isPresent = existsSync(driver) && loaders.some(existsSync);

// Overlapping pooling is trained on CPUs only: WebGPU does not tell where a maximum was. Each shape compiles shaders of its own,
// slowly: of each op, a few cases spread evenly over its list.
const names = new Set(everyCase.map(({ name }) => name.replace(/ [\d[].*/, '')));
const chosen = [...names].flatMap((name) => {
  const all = everyCase.filter(
    (op) => op.name.startsWith(name) && op.shapes.every((dims) => !dims.includes(0)) && !op.name.includes('overlapping'),
  );
  const count = name === 'conv stride' ? 10 : 1;
  return all.filter((_, i) => Math.floor((i * count) / all.length) !== Math.floor(((i - 1) * count) / all.length));
});
const cases = [...new Set(chosen)];

describe.runIf(isPresent)('on WebGPU through software Vulkan', () => {
  let errors: Map<string, number>;
  beforeAll(async () => {
    process.env.VK_DRIVER_FILES = driver;
    errors = await deviceErrors(cases, 'webgpu', 'gpu');
    // Shaders are compiled and run on the processor here: minutes, where others keep it busy.
  }, 400_000);
  test.each(cases)('$name gives what its definition says', ({ name }) => {
    expect(errors.get(name)).toBeLessThan(2e-5);
  });
});

test.skipIf(isPresent)('WebGPU is not tested: install the Debian packages chromium and libvulkan1', () => {
  expect(process.env.CI, 'a continuous integration machine should have them').toBeUndefined();
});

/** Devices put to the test, in a process of their own as WebGPU wants it: here the processor, software Vulkan, and those the machine cannot have. */
import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeDevice, testDevice } from '../../src/main/compute/devices';
import type { DeviceTrial } from '../../src/main/compute/jobData';
import type { JobContext } from '../../src/main/compute/protocol';
import { fastest } from '../../src/main/services/devices';
import type { Device, TrainSettings } from '../../src/shared/runs';

const context: JobContext<'testDevice'> = { report: () => undefined, stopped: false, breathe: () => Promise.resolve() };
const tryOne = (device: Device, precision: TrainSettings['precision'] = 'full') =>
  testDevice({ device, threads: 1, program: '9.9.9', precision }, context);

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const hasVulkan = existsSync(driver) && existsSync('/usr/lib/x86_64-linux-gnu/libvulkan.so.1');

let processor: DeviceTrial;
beforeAll(async () => {
  processor = await tryOne('cpu');
});

test('the processor is ready, and says how fast it is and what it runs', () => {
  expect(processor).toMatchObject({ device: 'cpu', state: 'ready', versions: { program: '9.9.9', node: process.versions.node } });
  expect(processor.gigaflopsPerSecond).toBeGreaterThan(0.01);
  expect(describeDevice('cpu', 2, '9.9.9')).toMatch(/^CPU .+, 2 threads, .+, onnxruntime [\d.]+, Understudy 9\.9\.9, Node [\d.]+$/);
});

test('a trial in 16 bits holds the same step to the same numbers, as nearly as 16 bits can', async () => {
  const mixed = await tryOne('cpu', 'mixed');
  expect(mixed).toMatchObject({ state: 'ready', sentence: expect.stringMatching(/largest difference \d\.\de-[2345]\)/) });
});

test.skipIf(platform() !== 'linux')('what the machine cannot have is refused with what to do', async () => {
  expect(await tryOne('dml')).toMatchObject({ state: 'refused', sentence: 'DirectML exists on Windows only; use another device here.' });
  expect(await tryOne('coreml')).toMatchObject({ state: 'refused', sentence: 'Core ML exists on macOS only; use another device here.' });
});

describe.runIf(hasVulkan)('with software Vulkan', () => {
  test('a whole training step on WebGPU gives the processor’s numbers, so it is ready, but never chosen before the processor', {
    timeout: 400_000,
  }, async () => {
    process.env.VK_DRIVER_FILES = driver;
    const webgpu = await tryOne('webgpu');
    expect(webgpu).toMatchObject({ device: 'webgpu', state: 'ready', name: 'WebGPU' });
    const mixed = await tryOne('webgpu', 'mixed');
    expect(mixed).toMatchObject({
      state: 'refused',
      sentence: expect.stringMatching(/^It cannot compute in 16 bits\. The runtime said: .*f16.*[^.]\.$/),
    });
    expect(fastest([processor, webgpu])).toBe('cpu');
    expect(fastest([webgpu, processor])).toBe('cpu');
  });
});

test('the fastest ready device is chosen, and the processor where none is', () => {
  const report = (device: Device, state: DeviceTrial['state'], gigaflopsPerSecond: number | null) => ({
    ...processor,
    device,
    state,
    gigaflopsPerSecond,
  });
  expect(fastest([report('cpu', 'ready', 90), report('cuda', 'ready', 4000), report('webgpu', 'wrong', null)])).toBe('cuda');
  expect(fastest([report('cpu', 'refused', null)])).toBe('cpu');
});

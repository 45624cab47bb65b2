/** Which device a run gets, by what each did when it was tried; drivers that this machine lacks are spoken for by their reports. */
import { describe, expect, test } from 'vitest';
import type { Compute } from '../../src/main/compute/host';
import type { DeviceTrial } from '../../src/main/compute/jobData';
import type { Spec } from '../../src/main/compute/protocol';
import { deviceList } from '../../src/main/services/devices';
import { appError } from '../../src/shared/errors';
import type { Device, TrainSettings } from '../../src/shared/runs';

const versions = { onnxruntime: '1', program: '1', node: '24', electron: null, system: 'x', processor: 'x', cores: 2 };
type Precision = TrainSettings['precision'];

/** A machine whose devices answer with these speeds: 0 is a wrong answer, `dies` a driver that takes the process with it, nothing a refusal. */
function machine(speeds: Partial<Record<Device, Partial<Record<Precision, number | 'dies'>>>>) {
  const tried: string[] = [];
  const answer = ({ device, precision }: Spec<'testDevice'>): DeviceTrial => {
    tried.push(`${device} ${precision}`);
    const speed = speeds[device]?.[precision];
    if (speed === 'dies') throw appError('COMPUTE_DIED', 'the driver crashed');
    const state = speed === undefined ? 'refused' : speed === 0 ? 'wrong' : 'ready';
    return { device, name: device, state, sentence: `${device} ${precision}: ${state}.`, gigaflopsPerSecond: speed || null, versions };
  };
  const run = async (_name: string, spec: Spec<'testDevice'>) => ({ state: 'done', result: answer(spec) });
  return { list: deviceList({ run } as unknown as Compute, '1'), tried };
}
const wanted = (device: TrainSettings['device'], precision: Precision = 'mixed') => ({ device, precision });
const refused = (why: string) => ({ code: 'PRECISION_UNAVAILABLE', message: expect.stringContaining(why) });

describe('mixed precision', () => {
  test('is offered where a device passed both trials, and the fastest such device is chosen for it', async () => {
    const { list, tried } = machine({ cpu: { full: 50 }, webgpu: { full: 900, mixed: 0 }, cuda: { full: 800, mixed: 1500 } });
    const offered = (await list.all()).filter(({ mixedPrecision }) => mixedPrecision.offered).map(({ device }) => device);
    expect(offered).toEqual(['cuda']);
    expect(tried).not.toContain('cpu mixed');
    expect(tried).not.toContain('dml mixed');
    expect(await list.choose(wanted('auto'))).toBe('cuda');
    expect(await list.choose(wanted('auto', 'full'))).toBe('webgpu');
    expect(list.guess(wanted('auto'))).toBe('cuda');
    await expect(list.choose(wanted('webgpu'))).rejects.toMatchObject(refused('webgpu mixed: wrong.'));
    expect(() => list.guess(wanted('webgpu'))).toThrow('webgpu mixed: wrong.');
  });

  test('is refused on the processor, and on a machine that has nothing else', async () => {
    const { list } = machine({ cpu: { full: 50 } });
    await expect(list.choose(wanted('cpu'))).rejects.toMatchObject(refused('slower'));
    await expect(list.choose(wanted('auto'))).rejects.toMatchObject(refused('none of its devices'));
  });

  test('whose trial ends the process costs a device no more than mixed precision', async () => {
    const { list } = machine({ cpu: { full: 50 }, webgpu: { full: 900, mixed: 'dies' } });
    const webgpu = (await list.all()).find(({ device }) => device === 'webgpu');
    expect(webgpu).toMatchObject({ state: 'ready', gigaflopsPerSecond: 900, mixedPrecision: { offered: false } });
    expect(webgpu?.mixedPrecision.sentence).toMatch(/^Its driver ended the process/);
  });
});

test('before anything was tried, a guess knows nothing of mixed precision, and the processor stands for the fastest', () => {
  const { list, tried } = machine({ cpu: { full: 50 } });
  expect(list.guess(wanted('auto', 'full'))).toBe('cpu');
  expect(list.guess(wanted('cuda'))).toBeNull();
  expect(list.speedUp('cuda', 'cpu')).toBeNull();
  expect(list.speedUp('cpu', 'cpu')).toBe(1);
  expect(tried).toEqual([]);
});

test('one device is as many times as fast as another as it was measured to be', async () => {
  const { list } = machine({ cpu: { full: 50 }, cuda: { full: 800, mixed: 1500 } });
  await list.all();
  expect(list.speedUp('cuda', 'cpu')).toBe(16);
});

/** Devices of this machine, each tried once since the program was started, and the choice of one for a run. */
import { availableParallelism } from 'node:os';
import { AppError, fail } from '../../shared/errors';
import { type Device, type DeviceReport, devices, type TrainSettings } from '../../shared/runs';
import type { Compute } from '../compute/host';
import type { DeviceTrial } from '../compute/jobData';

type Wanted = Pick<TrainSettings, 'device' | 'precision'>;

export interface DeviceList {
  /** Reports of all devices. Tries them, one after the other, where that has not been done or is wanted again. */
  all(again?: boolean): Promise<DeviceReport[]>;
  /** What is known already; empty before anything was tried. */
  readonly known: readonly DeviceReport[];
  /**
   * The device a run should use: the wanted one, or the fastest that offers the precision.
   * @throws DEVICE_UNAVAILABLE where the wanted one is not ready, PRECISION_UNAVAILABLE where it does not offer mixed precision
   */
  choose(settings: Wanted): Promise<Device>;
  /**
   * The same from what is known, trying nothing: until devices have been tried, the processor stands for the fastest, and null for one that
   * may offer mixed precision. @throws PRECISION_UNAVAILABLE
   */
  guess(settings: Wanted): Device | null;
  /** How many times as fast one device is as another; null where that has not been measured. */
  speedUp(device: Device, over: Device): number | null;
}

export function deviceList(compute: Compute, program: string): DeviceList {
  let known: readonly DeviceReport[] = [];
  let trying: Promise<DeviceReport[]> | null = null;

  async function tryAll(): Promise<DeviceReport[]> {
    const reports: DeviceReport[] = [];
    for (const device of devices) reports.push(await tryOne(compute, device, program, reports[0]));
    known = reports;
    return reports;
  }
  const all = (again = false): Promise<DeviceReport[]> => {
    if (known.length > 0 && !again) return Promise.resolve([...known]);
    trying ??= tryAll().finally(() => {
      trying = null;
    });
    return trying;
  };
  return {
    all,
    get known() {
      return known;
    },
    async choose({ device: wanted, precision }) {
      if (wanted === 'cpu' && precision === 'full') return 'cpu';
      if (wanted === 'cpu') return fail('PRECISION_UNAVAILABLE', 'cpu', neverOnCpu.sentence);
      const reports = await all();
      if (wanted === 'auto') return fastest(offering(reports, precision));
      const report = reports.find(({ device }) => device === wanted);
      if (report?.state !== 'ready') return fail('DEVICE_UNAVAILABLE', wanted, report?.sentence ?? 'it is not known.');
      refusePrecision(report, precision);
      return wanted;
    },
    guess({ device: wanted, precision }) {
      if (precision === 'full') return wanted === 'auto' ? fastest(known) : wanted;
      if (wanted === 'cpu') return fail('PRECISION_UNAVAILABLE', 'cpu', neverOnCpu.sentence);
      if (wanted === 'auto' && known.length > 0) return fastest(offering(known, precision));
      const report = known.find(({ device }) => device === wanted);
      if (!report) return null;
      refusePrecision(report, precision);
      return report.device;
    },
    speedUp(device, over) {
      if (device === over) return 1;
      const [one, other] = [device, over].map((name) => known.find((report) => report.device === name)?.gigaflopsPerSecond);
      return one && other ? one / other : null;
    },
  };
}

type Offer = DeviceReport['mixedPrecision'];
const neverOnCpu: Offer = { offered: false, sentence: 'A training step was measured 1.6 times slower in 16 bits on a processor.' };

/** @throws PRECISION_UNAVAILABLE where a device does not offer a precision */
function refusePrecision({ device, mixedPrecision }: DeviceReport, precision: TrainSettings['precision']): void {
  if (precision === 'mixed' && !mixedPrecision.offered) fail('PRECISION_UNAVAILABLE', device, mixedPrecision.sentence);
}

/** The ready devices that offer a precision. @throws PRECISION_UNAVAILABLE where there is none */
function offering(reports: readonly DeviceReport[], precision: TrainSettings['precision']): readonly DeviceReport[] {
  if (precision === 'full') return reports;
  const able = reports.filter(({ state, mixedPrecision }) => state === 'ready' && mixedPrecision.offered);
  return able.length > 0 ? able : fail('PRECISION_UNAVAILABLE', 'this machine', 'none of its devices passed the trial in 16 bits.');
}

/** The ready device of the highest measured speed; the processor where nothing is ready. */
export function fastest(reports: readonly DeviceTrial[]): Device {
  const ready = reports.filter(({ state }) => state === 'ready');
  return ready.reduce<DeviceTrial | null>((best, one) => (best && speed(best) >= speed(one) ? best : one), null)?.device ?? 'cpu';
}
const speed = ({ gigaflopsPerSecond }: DeviceTrial) => gigaflopsPerSecond ?? 0;

/** One device, in full precision and then, where that went well, in mixed. */
async function tryOne(compute: Compute, device: Device, program: string, known: DeviceTrial | undefined): Promise<DeviceReport> {
  const trial = await tryAt('full', compute, device, program, known);
  return { ...trial, mixedPrecision: await mixedOn(trial, () => tryAt('mixed', compute, device, program, trial)) };
}

async function mixedOn({ device, state }: DeviceTrial, tryMixed: () => Promise<DeviceTrial>): Promise<Offer> {
  if (device === 'cpu') return neverOnCpu;
  if (state !== 'ready') return { offered: false, sentence: 'The device itself cannot be used.' };
  const mixed = await tryMixed();
  return { offered: mixed.state === 'ready', sentence: mixed.sentence };
}

/** A driver may take the whole process with it: then that is the report. */
async function tryAt(
  precision: TrainSettings['precision'],
  compute: Compute,
  device: Device,
  program: string,
  known: DeviceTrial | undefined,
): Promise<DeviceTrial> {
  try {
    const outcome = await compute.run('testDevice', { device, threads: availableParallelism(), program, precision });
    if (outcome.state === 'stopped') throw new Error('testDevice: stopped, though nobody can stop it');
    return outcome.result;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'COMPUTE_DIED' || !known) throw error;
    const sentence = 'Its driver ended the process that tried it: update the driver, or use another device.';
    return { ...known, device, name: device, state: 'refused', sentence, gigaflopsPerSecond: null };
  }
}

/** Devices of this machine, each tried once since the program was started, and the choice of one for a run. */
import { availableParallelism } from 'node:os';
import { type Device, type DeviceReport, devices, type TrainSettings } from '../../shared/domain';
import { AppError, fail } from '../../shared/errors';
import type { Compute } from '../compute/host';

export interface DeviceList {
  /** Reports of all devices. Tries them, one after the other, where that has not been done or is wanted again. */
  all(again?: boolean): Promise<DeviceReport[]>;
  /** What is known already; empty before anything was tried. */
  readonly known: readonly DeviceReport[];
  /** The device a run should use. @throws DEVICE_UNAVAILABLE where the wanted one is not ready */
  choose(wanted: TrainSettings['device']): Promise<Device>;
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
    async choose(wanted) {
      if (wanted === 'cpu') return 'cpu';
      const reports = await all();
      if (wanted === 'auto') return fastest(reports);
      const report = reports.find(({ device }) => device === wanted);
      return report?.state === 'ready' ? wanted : fail('DEVICE_UNAVAILABLE', wanted, report?.sentence ?? 'it is not known.');
    },
  };
}

/** The ready device of the highest measured speed; the processor where nothing is ready. */
export function fastest(reports: readonly DeviceReport[]): Device {
  const ready = reports.filter(({ state }) => state === 'ready');
  return ready.reduce<DeviceReport | null>((best, one) => (best && speed(best) >= speed(one) ? best : one), null)?.device ?? 'cpu';
}
const speed = ({ gigaflopsPerSecond }: DeviceReport) => gigaflopsPerSecond ?? 0;

/** A driver may take the whole process with it: then that is the report. */
async function tryOne(compute: Compute, device: Device, program: string, known: DeviceReport | undefined): Promise<DeviceReport> {
  try {
    const outcome = await compute.run('testDevice', { device, threads: availableParallelism(), program });
    if (outcome.state === 'stopped') throw new Error('testDevice: stopped, though nobody can stop it');
    return outcome.result;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'COMPUTE_DIED' || !known) throw error;
    const sentence = 'Its driver ended the process that tried it: update the driver, or use another device.';
    return { ...known, device, name: device, state: 'refused', sentence, gigaflopsPerSecond: null };
  }
}

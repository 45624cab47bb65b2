/** From intensities in HU, SUV or arbitrary units to the numbers a network sees. */
import type { Normalisation, Statistics, Unit } from '../../../shared/domain';
import type { Voxels } from '../../../shared/volume';

/** Voxels looked at per case when a normalisation is fitted; more would not move the percentiles. */
const samplesPerCase = 20_000;

/** Every n-th foreground value of a channel, at most `samplesPerCase`, in the channel's unit. */
export function foregroundSample(voxels: Voxels, label: Uint8Array): Float32Array {
  let inside = 0;
  for (let v = 0; v < label.length; v++) if (label[v] > 0) inside++;
  const every = Math.max(1, Math.ceil(inside / samplesPerCase));
  const sample = new Float32Array(Math.ceil(inside / every));
  let seen = 0;
  for (let v = 0; v < label.length; v++) if (label[v] > 0 && seen++ % every === 0) sample[(seen - 1) / every] = voxels[v];
  return sample;
}

/**
 * Fits one channel's normalisation to the labelled training cases, after nnU-Net (Isensee et al. 2021, "intensity normalisation"):
 * where the unit means the same on every scanner (HU, SUV) the 0.5 and 99.5 percentiles, mean and standard deviation of the
 * foreground of the whole training set; otherwise each case is normalised by itself.
 * @param samples one foreground sample per labelled case
 */
export function fitNormalisation(modality: Normalisation['modality'], unit: Unit, samples: Float32Array[]): Normalisation {
  const all = Float32Array.from(samples.flatMap((sample) => [...sample])).sort();
  if ((unit !== 'HU' && unit !== 'SUV') || all.length === 0) return { modality, scope: 'case', low: 0, high: 0, mean: 0, std: 1 };
  const at = (share: number) => all[Math.min(all.length - 1, Math.floor(share * all.length))];
  const [low, high] = [at(0.005), at(0.995)];
  let [sum, squares] = [0, 0];
  for (const value of all) {
    const clipped = Math.min(high, Math.max(low, value));
    sum += clipped;
    squares += clipped * clipped;
  }
  const mean = sum / all.length;
  const std = Math.sqrt(Math.max(0, squares / all.length - mean * mean));
  return { modality, scope: 'training set', low, high, mean, std: std || 1 };
}

/** The four numbers to use for one case. */
export function resolve(normalisation: Normalisation, { p005, p995, mean, std }: Statistics): Normalisation {
  return normalisation.scope === 'case' ? { ...normalisation, low: p005, high: p995, mean, std: std || 1 } : normalisation;
}

/** Clips, centres and scales `voxels` into a new array. */
export function normalise(voxels: Voxels, { low, high, mean, std }: Normalisation): Float32Array {
  const out = new Float32Array(voxels.length);
  const scale = 1 / std;
  for (let v = 0; v < voxels.length; v++) {
    const value = voxels[v];
    out[v] = ((value < low ? low : value > high ? high : value) - mean) * scale;
  }
  return out;
}

/** What the emptiest place of a channel looks like after normalisation; fills whatever lies outside a volume. */
export const emptiness = ({ low, mean, std }: Normalisation): number => (low - mean) / std;

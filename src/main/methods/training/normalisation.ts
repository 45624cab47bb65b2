/** From intensities in HU, SUV or arbitrary units to the numbers a network sees. */
import type { Modality, Normalisation, Statistics, Unit } from '../../../shared/domain';
import type { Voxels } from '../../../shared/volume';

/** Values looked at per structure and case when a normalisation is fitted; more would not move the quantiles. */
const samplesPerStructure = 2000;
/** Shares of the foreground below each knot. */
const shares = [0.005, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.995];
/** Ends of the network's input: a uniform distribution between them has variance 1. */
const reach = Math.sqrt(3);

/** Intensities of one case, the same number from every structure (all of a small one), in the channel's unit. */
export function foregroundSample(voxels: Voxels, label: Uint8Array): Float32Array {
  const totals = new Uint32Array(256);
  for (const value of label) totals[value]++;
  const every = Array.from(totals, (total) => Math.max(1, Math.ceil(total / samplesPerStructure)));
  const seen = new Uint32Array(256);
  const sample: number[] = [];
  for (let v = 0; v < label.length; v++) {
    const structure = label[v];
    if (structure > 0 && seen[structure]++ % every[structure] === 0) sample.push(voxels[v]);
  }
  return Float32Array.from(sample);
}

/**
 * Fits one channel's normalisation to the labelled training cases.
 *
 * Where the unit means the same on every scanner (HU, SUV) intensities are equalised: quantiles of the foreground, every structure
 * counting the same, are spread evenly (landmark standardisation after Nyúl & Udupa 1999, with the training set as one reference).
 * Clipping and z-scoring instead, as nnU-Net does, leaves a liver and a spleen 0.1 apart on a scale that air and bone stretch to ±3,
 * and a short training then misses structures altogether; docs/studies/regime.md has the comparison.
 * In other units each case is centred and scaled by itself.
 * @param samples one foreground sample per labelled case
 */
export function fitNormalisation(modality: Modality, unit: Unit, samples: readonly Float32Array[]): Normalisation {
  const all = Float32Array.from(samples.flatMap((sample) => [...sample])).sort();
  if ((unit !== 'HU' && unit !== 'SUV') || all.length === 0) return { modality, scope: 'case', knots: [], values: [] };
  const knots: number[] = [];
  const values: number[] = [];
  for (const [at, share] of shares.entries()) {
    const knot = all[Math.min(all.length - 1, Math.floor(share * all.length))];
    if (knot === knots.at(-1)) continue; // many equal intensities: one knot for all of them
    knots.push(knot);
    values.push(reach * ((2 * at) / (shares.length - 1) - 1));
  }
  return { modality, scope: 'training set', knots, values };
}

/** The knots to use for one case. */
export function resolve(normalisation: Normalisation, { p005, p995, mean, std }: Statistics): Normalisation {
  if (normalisation.scope === 'training set') return normalisation;
  const scale = std || 1;
  return { ...normalisation, knots: [p005, p995], values: [(p005 - mean) / scale, (p995 - mean) / scale] };
}

/** Maps `voxels` through the knots into a new array. */
export function normalise(voxels: Voxels, { knots, values }: Normalisation): Float32Array {
  const out = new Float32Array(voxels.length);
  const last = knots.length - 1;
  const slopes = knots.map((knot, at) => (at < last ? (values[at + 1] - values[at]) / (knots[at + 1] - knot) : 0));
  for (let v = 0; v < voxels.length; v++) {
    const intensity = voxels[v];
    if (intensity <= knots[0]) out[v] = values[0];
    else if (intensity >= knots[last]) out[v] = values[last];
    else {
      let at = 0;
      while (intensity >= knots[at + 1]) at++;
      out[v] = values[at] + slopes[at] * (intensity - knots[at]);
    }
  }
  return out;
}

/** What the emptiest place of a channel looks like after normalisation; fills whatever lies outside a volume. */
export const emptiness = ({ values }: Normalisation): number => values[0];

/** What two teachers agree on: how well their masks overlap, which samples to learn from, and one mask out of two. */
import type { MuduoChoices, MuduoFilter } from '../../../shared/methods';

/** Sums over two soft masks of 0 … 1: Σab, and Σa + Σb − Σab. */
export function softOverlap(a: Float32Array, b: Float32Array): { intersection: number; union: number } {
  let [intersection, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    intersection += a[i] * b[i];
    sum += a[i] + b[i];
  }
  return { intersection, union: sum - intersection };
}

/** Intersection over union of two soft masks, 0 … 1. Only masks of zeros and ones reach 1; two that are empty have 0. */
export function softIou(a: Float32Array, b: Float32Array): number {
  const { intersection, union } = softOverlap(a, b);
  return intersection / (union + 1e-8);
}

/** The overlap of a sample in which there is nothing to agree on. It ranks behind every other. */
export const absent = -1;

/** Whether a structure is learned where it is `absent`, when nothing better is at hand (MuDuo's code), or never. */
export type AbsentRule = MuduoChoices['absent'];

/**
 * MuDuo's adaptive filter: the better half of the samples, at least one, best first; of equals the first.
 * @param overlaps of one structure, per sample
 */
export function betterHalf(overlaps: readonly number[], rule: AbsentRule): number[] {
  const ranked = overlaps.map((_, sample) => sample).sort((a, b) => overlaps[b] - overlaps[a] || a - b);
  const half = ranked.slice(0, Math.max(1, Math.floor(overlaps.length / 2)));
  return rule === 'taught' ? half : half.filter((sample) => overlaps[sample] !== absent);
}

/** The samples of one structure to learn from. A threshold is one on the agreement, which an absent structure does not have. */
export function keptSamples(overlaps: readonly number[], filter: MuduoFilter, rule: AbsentRule): number[] {
  if (filter === 'betterHalf') return betterHalf(overlaps, rule);
  const least = filter === 'none' ? 0 : filter.agreementAtLeast;
  return overlaps.flatMap((overlap, sample) => (overlap >= least || (filter === 'none' && rule === 'taught') ? [sample] : []));
}

/**
 * How much each sample counts for each structure: 1/(samples kept · structures) where kept, else 0. A structure kept nowhere leaves its share
 * to nobody, so the pull of the others does not depend on it.
 * @param overlaps [samples][structures]
 * @returns [samples, structures]
 */
export function keptWeights(overlaps: readonly (readonly number[])[], filter: MuduoFilter, rule: AbsentRule): Float32Array {
  const structures = overlaps[0].length;
  const weights = new Float32Array(overlaps.length * structures);
  for (let c = 0; c < structures; c++) {
    const ofStructure = overlaps.map((sample) => sample[c]);
    const kept = keptSamples(ofStructure, filter, rule);
    for (const sample of kept) weights[sample * structures + c] = 1 / (kept.length * structures);
  }
  return weights;
}

/** Where α·a + (1 − α)·b is above ½, written into `mask` as zeros and ones. */
export function fuseInto(mask: Uint8Array, a: Float32Array, b: Float32Array, alpha: number): void {
  for (let i = 0; i < mask.length; i++) mask[i] = Number(alpha * a[i] + (1 - alpha) * b[i] > 0.5);
}

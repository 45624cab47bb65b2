/** Decides what a student looks like before its first step: channels, normalisation, classes; and refuses what cannot be trained. */
import type { StudentSpec } from '../../../shared/domain';
import { fail } from '../../../shared/errors';
import type { TrainSettings } from '../../../shared/runs';
import { classTable, fitChannels, readStored, type StoredStudy } from './prepare';

/**
 * Describes the student a run will train.
 * @param structures label values to learn, in the order of the output channels
 * @throws RUN_NEEDS_LABELS, RUN_CHANNELS_DIFFER
 */
export async function planStudent(
  training: readonly StoredStudy[],
  structures: readonly number[],
  settings: TrainSettings,
): Promise<StudentSpec> {
  const labelled = training.filter(({ label }) => label !== null);
  if (labelled.length === 0) fail('RUN_NEEDS_LABELS', 0);
  requireSameChannels(training);
  return {
    network: 'unet3d',
    widths: widthsFrom(settings.width),
    channels: await fitChannels(labelled),
    structures: [...structures],
    spacingMm: settings.spacingMm,
    patch: settings.patch,
  };
}

/** Share of every class among the voxels of the labelled cases, background first. An absent class counts as one voxel. */
export async function classShares(training: readonly StoredStudy[], structures: readonly number[]): Promise<number[]> {
  const table = classTable(structures);
  const counts = new Array<number>(structures.length + 1).fill(1);
  for (const { label } of training) {
    if (label) for (const value of (await readStored(label)).voxels) counts[table[value]]++;
  }
  const total = counts.reduce((sum, count) => sum + count);
  return counts.map((count) => count / total);
}

/**
 * Weight of a voxel of every class in the cross-entropy at step t of T: its share to the power −balance, scaled so that the mean
 * over all voxels is 1. The balance fades to nothing over three quarters of the run. Without it a structure of a thousand voxels is given
 * up early in a short run and never found again; kept to the end it buys every structure a rim of false voxels (docs/studies/regime.md).
 */
export function classWeights(shares: readonly number[], balance: number, t: number, steps: number): Float32Array {
  const now = balance * Math.max(0, 1 - t / (0.75 * steps));
  const raw = shares.map((share) => share ** -now);
  const mean = raw.reduce((sum, weight, at) => sum + weight * shares[at], 0);
  return Float32Array.from(raw, (weight) => weight / mean);
}

/** Five levels, each twice as wide as the one above. */
export const widthsFrom = (width: number): number[] => [1, 2, 4, 8, 16].map((factor) => factor * width);

/** @throws RUN_CHANNELS_DIFFER naming the first study whose channels differ from the first one's */
function requireSameChannels(studies: readonly StoredStudy[]): void {
  const wanted = studies.map(({ channels }) => channels.map(({ modality, unit }) => `${modality} (${unit})`).join(', '));
  const odd = wanted.findIndex((names) => names !== wanted[0]);
  if (odd > 0) fail('RUN_CHANNELS_DIFFER', studies[odd].name, wanted[0], wanted[odd]);
}

/** @throws RUN_CHANNELS_DIFFER if a study does not have the modalities a student was trained on */
export function requireChannels(study: StoredStudy, channels: readonly { modality: string }[]): void {
  const [wanted, came] = [channels, study.channels].map((list) => list.map(({ modality }) => modality).join(', '));
  if (wanted !== came) fail('RUN_CHANNELS_DIFFER', study.name, wanted, came);
}

/** Class number → class number of the mirrored structure, background first; structures without a partner map to themselves. */
export function mirrorTable(structures: readonly { index: number; mirror: number | null }[]): number[] {
  const classOf = new Map(structures.map(({ index }, at) => [index, at + 1]));
  return [0, ...structures.map(({ index, mirror }, at) => (mirror === null ? at + 1 : (classOf.get(mirror) ?? classOf.get(index)!)))];
}

/** Intensity statistics of a volume: exact range, mean, spread and percentiles, also of fifty million voxels in well under a second. */
import type { Statistics } from '../../shared/domain';
import type { Voxels } from '../../shared/volume';

const shares = [0.005, 0.05, 0.5, 0.95, 0.995] as const;

/** Over all voxels. Percentiles interpolate between neighbours in rank, as numpy's default does. Throws a plain error without voxels. */
export function statisticsOf(voxels: Voxels): Statistics {
  if (voxels.length === 0) throw new Error('statisticsOf: no voxels');
  const ranked = voxels instanceof Float32Array ? rankedFloats(voxels) : rankedIntegers(voxels);
  const { mean, std } = voxels instanceof Float32Array ? moments(voxels) : ranked;
  const [p005, p05, p50, p95, p995] = shares.map((share) => {
    const rank = share * (voxels.length - 1);
    const below = ranked.at(Math.floor(rank));
    return below + (rank - Math.floor(rank)) * (ranked.at(Math.ceil(rank)) - below);
  });
  return { min: ranked.at(0), max: ranked.at(voxels.length - 1), mean, std, p005, p05, p50, p95, p995 };
}

/** Ranks every wanted percentile may ask for, in order. */
const wantedRanks = (count: number): number[] =>
  [...new Set([0, count - 1, ...shares.flatMap((share) => [Math.floor(share * (count - 1)), Math.ceil(share * (count - 1))])])].sort(
    (a, b) => a - b,
  );

/** Counts every value of a type of at most 16 bits. */
function rankedIntegers(voxels: Exclude<Voxels, Float32Array>) {
  const bias = voxels instanceof Int16Array ? 32_768 : 0;
  const counts = new Uint32Array(voxels instanceof Uint8Array ? 256 : 65_536);
  for (let n = 0; n < voxels.length; n++) counts[voxels[n] + bias]++;
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin++) sum += counts[bin] * (bin - bias);
  const mean = sum / voxels.length;
  let squares = 0;
  for (let bin = 0; bin < counts.length; bin++) squares += counts[bin] * (bin - bias - mean) ** 2;
  const at = (rank: number) => {
    let seen = 0;
    for (let bin = 0; ; bin++) {
      seen += counts[bin];
      if (seen > rank) return bin - bias;
    }
  };
  return { at, mean, std: Math.sqrt(squares / voxels.length) };
}

/**
 * Exact order statistics of floats without sorting: their bits, made monotonic, are counted by the upper 16,
 * then the few buckets that hold a wanted rank are counted by the lower 16.
 */
function rankedFloats(voxels: Float32Array) {
  const bits = new Uint32Array(voxels.buffer, voxels.byteOffset, voxels.length);
  const keyOf = (word: number) => (word & 0x8000_0000 ? ~word : word | 0x8000_0000) >>> 0;
  const upper = new Uint32Array(65_536);
  for (let n = 0; n < bits.length; n++) upper[keyOf(bits[n]) >>> 16]++;
  const buckets = new Map<number, { before: number; counts: Uint32Array; ranks: number[] }>();
  let [seen, bucket] = [0, 0];
  for (const rank of wantedRanks(voxels.length)) {
    while (seen + upper[bucket] <= rank) seen += upper[bucket++];
    const entry = buckets.get(bucket) ?? { before: seen, counts: new Uint32Array(65_536), ranks: [] };
    entry.ranks.push(rank);
    buckets.set(bucket, entry);
  }
  const lower: (Uint32Array | undefined)[] = Array(65_536);
  for (const [key, { counts }] of buckets) lower[key] = counts;
  for (let n = 0; n < bits.length; n++) {
    const key = keyOf(bits[n]);
    const counts = lower[key >>> 16];
    if (counts) counts[key & 0xffff]++;
  }
  const values = new Map<number, number>();
  const word = new Uint32Array(1);
  const value = new Float32Array(word.buffer);
  for (const [key, { before, counts, ranks }] of buckets) {
    let [passed, low] = [before, 0];
    for (const rank of ranks) {
      while (passed + counts[low] <= rank) passed += counts[low++];
      const whole = ((key << 16) | low) >>> 0;
      word[0] = whole & 0x8000_0000 ? whole & 0x7fff_ffff : ~whole;
      values.set(rank, value[0]);
    }
  }
  return { at: (rank: number) => values.get(rank) as number, mean: 0, std: 0 };
}

function moments(voxels: Float32Array): { mean: number; std: number } {
  let sum = 0;
  for (let n = 0; n < voxels.length; n++) sum += voxels[n];
  const mean = sum / voxels.length;
  let squares = 0;
  for (let n = 0; n < voxels.length; n++) squares += (voxels[n] - mean) ** 2;
  return { mean, std: Math.sqrt(squares / voxels.length) };
}

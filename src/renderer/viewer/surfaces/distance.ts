/** Signed distance to the surface of a mask, in millimetres: negative inside, positive outside. */
import { type Grid, type Index3, spacingMm } from '../../../shared/geometry';
import { eachLine } from './lines';
import type { Box3 } from './occupancy';

const far = 1e20;

/** Squared distances along one line: lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012). `step` is the sample spacing. */
function transformLine(f: Float64Array, n: number, step: number, out: Float64Array, apex: Int32Array, cross: Float64Array): void {
  let k = 0;
  apex[0] = 0;
  cross[0] = -far;
  cross[1] = far;
  const square = step * step;
  for (let q = 1; q < n; q++) {
    let s: number;
    do {
      const r = apex[k];
      s = (f[q] / square + q * q - (f[r] / square + r * r)) / (2 * q - 2 * r);
    } while (s <= cross[k] && --k >= 0);
    k++;
    apex[k] = q;
    cross[k] = s;
    cross[k + 1] = far;
  }
  k = 0;
  for (let q = 0; q < n; q++) {
    while (cross[k + 1] < q) k++;
    out[q] = square * (q - apex[k]) ** 2 + f[apex[k]];
  }
}

/** Squared distance in mm² from every sample to the nearest one that is set; `far` where none is. */
export function squaredDistance(set: Uint8Array, size: Index3, spacing: readonly number[]): Float64Array {
  const values = Float64Array.from(set, (isSet) => (isSet ? 0 : far));
  const longest = Math.max(...size);
  const [line, out, cross] = [new Float64Array(longest), new Float64Array(longest), new Float64Array(longest + 1)];
  const apex = new Int32Array(longest);
  for (let axis = 0; axis < 3; axis++) {
    eachLine(size, axis, (start, stride, count) => {
      for (let n = 0; n < count; n++) line[n] = values[start + n * stride];
      transformLine(line, count, spacing[axis], out, apex, cross);
      for (let n = 0; n < count; n++) values[start + n * stride] = out[n];
    });
  }
  return values;
}

/** A signed distance on a cut lattice; sample (x, y, z) lies at voxel `first + step·(x, y, z)`. */
export interface DistanceField {
  readonly size: Index3;
  readonly values: Float32Array;
  readonly first: readonly [number, number, number];
  readonly step: number;
}

/**
 * Distance to the boundary of a structure within a box. The boundary lies halfway between inside and outside voxels, so half the
 * smallest voxel side is taken off the distance between centres (exact across that side, at most half a voxel off along others).
 * Boxes of more than `mostSamples` voxels are sampled every few voxels.
 */
export function signedDistance(labels: Uint8Array, grid: Grid, structure: number, box: Box3, mostSamples = 3_000_000): DistanceField {
  const extent = box.low.map((from, axis) => box.high[axis] - from + 1);
  const step = Math.max(1, Math.ceil(Math.cbrt(extent.reduce((a, b) => a * b) / mostSamples)));
  const size = extent.map((count) => Math.ceil(count / step)) as unknown as Index3;
  const inside = new Uint8Array(size[0] * size[1] * size[2]);
  let at = 0;
  for (let z = 0; z < size[2]; z++) {
    for (let y = 0; y < size[1]; y++) {
      let from = box.low[0] + grid.size[0] * (box.low[1] + y * step + grid.size[1] * (box.low[2] + z * step));
      for (let x = 0; x < size[0]; x++, from += step) inside[at++] = labels[from] === structure ? 1 : 0;
    }
  }
  const spacing = spacingMm(grid).map((mm) => mm * step);
  const outside = inside.map((isIn) => 1 - isIn);
  const [toInside, toOutside] = [squaredDistance(inside, size, spacing), squaredDistance(outside, size, spacing)];
  const half = Math.min(...spacing) / 2;
  const values = Float32Array.from(inside, (isIn, n) => (isIn ? half - Math.sqrt(toOutside[n]) : Math.sqrt(toInside[n]) - half));
  return { size, values, first: box.low, step };
}

/** Trilinear value at a (fractional) voxel index; outside the lattice, that of its edge. */
export function valueAt({ size, values, first, step }: DistanceField, voxel: readonly [number, number, number]): number {
  const p = voxel.map((v, axis) => Math.min(size[axis] - 1, Math.max(0, (v - first[axis]) / step)));
  const base = p.map((v, axis) => Math.min(Math.floor(v), Math.max(0, size[axis] - 2)));
  const t = p.map((v, axis) => v - base[axis]);
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    const bits = [c & 1, (c >> 1) & 1, (c >> 2) & 1];
    const weight = bits.reduce((product, bit, axis) => product * (bit ? t[axis] : 1 - t[axis]), 1);
    if (weight === 0) continue;
    const [x, y, z] = bits.map((bit, axis) => Math.min(size[axis] - 1, base[axis] + bit));
    sum += weight * values[x + size[0] * (y + size[1] * z)];
  }
  return sum;
}

/** The smallest round range, in mm, that holds all but the most extreme 2 % of distances; beyond 20 mm colours saturate. */
export function legendRange(distances: readonly Float32Array[]): number {
  const sizes = distances.flatMap((each) => Array.from(each, Math.abs)).filter(Number.isFinite);
  sizes.sort((a, b) => a - b);
  const most = sizes[Math.floor(0.98 * (sizes.length - 1))] ?? 0;
  return [2, 4, 6, 10].find((range) => range >= most) ?? 20;
}

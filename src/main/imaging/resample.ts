/** Puts volumes onto other lattices: a grid of another spacing over the same body, and the values on it. */
import { type Affine, type Grid, invert, spacingMm, voxelCount } from '../../shared/geometry';
import type { Volume, Voxels } from '../../shared/volume';

type Triple = readonly [number, number, number];

/**
 * A grid over the same body with (about) another voxel size.
 * `extent` keeps the outer faces of the lattice: ⌊n·z/wanted + ½⌋ voxels (at least 1), so the real spacing is the extent over that count, not exactly the wanted one.
 * This is what training and prediction use, as going there and back does not drift. `origin` keeps the centre of the first voxel and the exact spacing.
 */
export function spacedGrid(grid: Grid, wantedMm: Triple, align: 'extent' | 'origin' = 'extent'): Grid {
  const now = spacingMm(grid);
  const size = grid.size.map((n, axis) =>
    align === 'extent'
      ? Math.max(1, Math.floor((n * now[axis]) / wantedMm[axis] + 0.5 + hair))
      : Math.floor(((n - 1) * now[axis]) / wantedMm[axis] + hair) + 1,
  ) as unknown as Grid['size'];
  const scale = size.map((n, axis) => (align === 'extent' ? grid.size[axis] / n : wantedMm[axis] / now[axis]));
  const affine = [...grid.affine];
  for (let row = 0; row < 3; row++) {
    for (let axis = 0; axis < 3; axis++) {
      const step = grid.affine[row * 4 + axis];
      affine[row * 4 + axis] = step * scale[axis];
      if (align === 'extent') affine[row * 4 + 3] += step * (0.5 * scale[axis] - 0.5);
    }
  }
  return { size, affine };
}

/**
 * A volume's values on another grid. Points outside the source take the value of its nearest edge.
 * @param how  'linear' for intensities, answered as float32; 'nearest' for labels, answered in their own type: ties go to the higher index, values never mix.
 */
export function resample<V extends Volume>(
  volume: V,
  grid: Grid,
  how: 'linear' | 'nearest',
): { grid: Grid; voxels: V['voxels'] | Float32Array } {
  const map = multiply(invert(volume.grid.affine), grid.affine);
  const isAligned = [1, 2, 4, 6, 8, 9].every((n) => Math.abs(map[n]) * Math.max(...grid.size) < 1e-6);
  const from = { ...volume, voxels: volume.voxels };
  const count = voxelCount(grid);
  if (how === 'nearest') {
    const out = new (volume.voxels.constructor as new (length: number) => V['voxels'])(count);
    if (isAligned) nearestAligned(from, grid, map, out);
    else
      eachPoint(grid, map, (n, x, y, z) => {
        out[n] = volume.voxels[indexAt(volume.grid.size, nearest(x), nearest(y), nearest(z))];
      });
    return { grid, voxels: out };
  }
  const out = new Float32Array(count);
  if (isAligned) linearAligned(from, grid, map, out);
  else
    eachPoint(grid, map, (n, x, y, z) => {
      out[n] = linearAt(from, x, y, z);
    });
  return { grid, voxels: out };
}

// Affines often come from float32 files: a tie, or a whole count, that rounding moved a hair below still counts as one.
const hair = 1e-5;
const nearest = (x: number) => Math.floor(x + 0.5 + hair);
const clamp = (x: number, n: number) => Math.min(n - 1, Math.max(0, x));
const indexAt = ([ni, nj, nk]: Grid['size'], i: number, j: number, k: number) => clamp(i, ni) + ni * (clamp(j, nj) + nj * clamp(k, nk));

function multiply(a: Affine, b: Affine): number[] {
  return Array.from({ length: 16 }, (_, n) => {
    const [row, column] = [Math.floor(n / 4), n % 4];
    return a[row * 4] * b[column] + a[row * 4 + 1] * b[4 + column] + a[row * 4 + 2] * b[8 + column] + a[row * 4 + 3] * b[12 + column];
  });
}

/** Calls with each target voxel's number and its fractional source index. */
function eachPoint({ size: [ni, nj, nk] }: Grid, m: readonly number[], visit: (n: number, x: number, y: number, z: number) => void): void {
  for (let k = 0, n = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      const x = m[1] * j + m[2] * k + m[3];
      const y = m[5] * j + m[6] * k + m[7];
      const z = m[9] * j + m[10] * k + m[11];
      for (let i = 0; i < ni; i++, n++) visit(n, x + m[0] * i, y + m[4] * i, z + m[8] * i);
    }
  }
}

function linearAt({ grid: { size }, voxels }: Volume, x: number, y: number, z: number): number {
  const [cx, cy, cz] = [clamp(x, size[0]), clamp(y, size[1]), clamp(z, size[2])];
  const [i, j, k] = [Math.floor(cx), Math.floor(cy), Math.floor(cz)];
  const [u, v, w] = [cx - i, cy - j, cz - k];
  const at = (di: number, dj: number, dk: number) => voxels[indexAt(size, i + di, j + dj, k + dk)];
  const low = (1 - v) * ((1 - u) * at(0, 0, 0) + u * at(1, 0, 0)) + v * ((1 - u) * at(0, 1, 0) + u * at(1, 1, 0));
  const high = (1 - v) * ((1 - u) * at(0, 0, 1) + u * at(1, 0, 1)) + v * ((1 - u) * at(0, 1, 1) + u * at(1, 1, 1));
  return (1 - w) * low + w * high;
}

/** For each target index along one axis: its two source indices and the weight of the second. */
function table(count: number, step: number, offset: number, length: number) {
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  const weight = new Float64Array(count);
  const near = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    const x = clamp(step * n + offset, length);
    low[n] = Math.floor(x);
    high[n] = Math.min(length - 1, low[n] + 1);
    weight[n] = x - low[n];
    near[n] = clamp(nearest(step * n + offset), length);
  }
  return { low, high, weight, near };
}

const tables = ({ size }: Grid, target: Grid, m: readonly number[]) =>
  [0, 1, 2].map((axis) => table(target.size[axis], m[axis * 5], m[axis * 4 + 3], size[axis]));

function nearestAligned({ grid, voxels }: Volume, target: Grid, map: readonly number[], out: Voxels): void {
  const [ti, tj, tk] = tables(grid, target, map);
  const [si, sj] = grid.size;
  let n = 0;
  for (const k of tk.near) for (const j of tj.near) for (const i of ti.near) out[n++] = voxels[i + si * (j + sj * k)];
}

function linearAligned({ grid, voxels }: Volume, target: Grid, map: readonly number[], out: Float32Array): void {
  const [ti, tj, tk] = tables(grid, target, map);
  const [si, sj] = grid.size;
  const [ni, nj, nk] = target.size;
  const row = new Float64Array(si);
  for (let k = 0, n = 0; k < nk; k++) {
    const [k0, k1, w] = [tk.low[k] * sj, tk.high[k] * sj, tk.weight[k]];
    for (let j = 0; j < nj; j++) {
      const v = tj.weight[j];
      const [a, b, c, d] = [k0 + tj.low[j], k0 + tj.high[j], k1 + tj.low[j], k1 + tj.high[j]].map((r) => r * si);
      for (let i = 0; i < si; i++) {
        row[i] = (1 - w) * ((1 - v) * voxels[a + i] + v * voxels[b + i]) + w * ((1 - v) * voxels[c + i] + v * voxels[d + i]);
      }
      for (let i = 0; i < ni; i++, n++) out[n] = row[ti.low[i]] + ti.weight[i] * (row[ti.high[i]] - row[ti.low[i]]);
    }
  }
}

/** Brings volumes to the closest canonical RAS+ axes by swapping and flipping axes only, and exactly back again. */
import { type Affine, type Grid, type Index3, invert, voxelCount } from '../../shared/geometry';
import type { Voxels } from '../../shared/volume';

type Axis = 0 | 1 | 2;
type AxisTriple = readonly [Axis, Axis, Axis];

/** Which stored axis becomes each canonical axis, and whether it runs the other way. */
export interface AxisMap {
  from: AxisTriple;
  isFlipped: readonly [boolean, boolean, boolean];
}

/**
 * The axis map from a grid to its closest canonical RAS+ grid, as nibabel's `as_closest_canonical` chooses it:
 * the axes of the nearest rotation, each stored axis in turn taking the free direction it points along most.
 */
export function canonicalMap(affine: Affine): AxisMap {
  const r = nearestRotation(affine);
  const from: Axis[] = [0, 1, 2];
  const isFlipped = [false, false, false];
  const taken = [false, false, false];
  for (const stored of [0, 1, 2] as const) {
    let best = -1;
    for (let axis = 0; axis < 3; axis++) {
      if (!taken[axis] && (best < 0 || Math.abs(r[axis * 3 + stored]) > Math.abs(r[best * 3 + stored]))) best = axis;
    }
    taken[best] = true;
    from[best] = stored;
    isFlipped[best] = r[best * 3 + stored] < 0;
  }
  return { from: from as unknown as AxisTriple, isFlipped: isFlipped as unknown as AxisMap['isFlipped'] };
}

/** The grid after applying an axis map: the same voxels at the same places, counted along other axes. */
export function mapGrid({ size, affine }: Grid, { from, isFlipped }: AxisMap): Grid {
  const mapped = [...affine];
  for (let row = 0; row < 3; row++) {
    let offset = affine[row * 4 + 3];
    for (let axis = 0; axis < 3; axis++) {
      const step = affine[row * 4 + from[axis]];
      mapped[row * 4 + axis] = isFlipped[axis] ? -step : step;
      if (isFlipped[axis]) offset += step * (size[from[axis]] - 1);
    }
    // −0 would print and hash differently from 0.
    for (let axis = 0; axis < 3; axis++) mapped[row * 4 + axis] += 0;
    mapped[row * 4 + 3] = offset + 0;
  }
  return { size: [size[from[0]], size[from[1]], size[from[2]]], affine: mapped };
}

/** The canonical RAS+ grid of a stored grid. */
export const canonicalGrid = (grid: Grid): Grid => mapGrid(grid, canonicalMap(grid.affine));

/** The map that undoes another. */
export function inverseMap({ from, isFlipped }: AxisMap): AxisMap {
  const back: Axis[] = [0, 1, 2];
  const flips = [false, false, false];
  for (const axis of [0, 1, 2] as const) {
    back[from[axis]] = axis;
    flips[from[axis]] = isFlipped[axis];
  }
  return { from: back as unknown as AxisTriple, isFlipped: flips as unknown as AxisMap['isFlipped'] };
}

/** A volume on canonical axes. Voxels are shared, not copied, when the axes are canonical already. */
export function toCanonical<V extends Voxels>(volume: { grid: Grid; voxels: V }): { grid: Grid; voxels: V } {
  const map = canonicalMap(volume.grid.affine);
  return { grid: mapGrid(volume.grid, map), voxels: mapVoxels(volume.voxels, volume.grid.size, map) };
}

/**
 * Takes a canonical volume back to the grid it was stored on. The answer carries `source` itself, so its affine is exact.
 * Throws a plain error if the volume does not lie on the canonical form of `source`.
 */
export function fromCanonical<V extends Voxels>(volume: { grid: Grid; voxels: V }, source: Grid): { grid: Grid; voxels: V } {
  const map = canonicalMap(source.affine);
  const expected = mapGrid(source, map).size;
  if (expected.some((n, axis) => n !== volume.grid.size[axis])) {
    throw new Error(`fromCanonical: the volume has ${volume.grid.size.join('×')} voxels, its source needs ${expected.join('×')}`);
  }
  return { grid: source, voxels: mapVoxels(volume.voxels, volume.grid.size, inverseMap(map)) };
}

/** Direction of increasing index of each axis, for example `LPS`. */
export function orientationOf(affine: Affine): string {
  const { from, isFlipped } = canonicalMap(affine);
  const letters = ['', '', ''];
  for (const axis of [0, 1, 2] as const) letters[from[axis]] = ['RL', 'AP', 'SI'][axis][isFlipped[axis] ? 1 : 0];
  return letters.join('');
}

/** Reorders voxels by an axis map; `size` counts them before. */
export function mapVoxels<V extends Voxels>(voxels: V, size: Index3, { from, isFlipped }: AxisMap): V {
  if (from.every((axis, n) => axis === n) && !isFlipped.some(Boolean)) return voxels;
  const strides = [1, size[0], size[0] * size[1]];
  const [ni, nj, nk] = from.map((axis) => size[axis]);
  const [si, sj, sk] = from.map((axis, n) => (isFlipped[n] ? -strides[axis] : strides[axis]));
  const start = from.reduce<number>((sum, axis, n) => sum + (isFlipped[n] ? strides[axis] * (size[axis] - 1) : 0), 0);
  const out = new (voxels.constructor as new (length: number) => V)(voxelCount({ size }));
  // When rows run across the stored rows, work in blocks so that every fetched cache line is used up.
  const block = Math.abs(si) === 1 ? ni : 32;
  for (let k = 0; k < nk; k++) {
    for (let i0 = 0; i0 < ni; i0 += block) {
      const i1 = Math.min(ni, i0 + block);
      for (let j = 0; j < nj; j++) {
        const to = ni * (j + nj * k);
        let source = start + sk * k + sj * j + si * i0;
        if (si === 1) {
          out.set(voxels.subarray(source, source + i1 - i0) as V, to + i0);
          continue;
        }
        for (let i = i0; i < i1; i++, source += si) out[to + i] = voxels[source];
      }
    }
  }
  return out;
}

/** Row-major 3×3 rotation (or reflection) nearest to an affine's axes, spacing divided out: Newton's iteration to the polar factor. */
function nearestRotation(a: Affine): number[] {
  const lengths = [0, 1, 2].map((c) => Math.hypot(a[c], a[4 + c], a[8 + c]) || 1);
  let r = [0, 1, 2].flatMap((row) => [0, 1, 2].map((c) => a[row * 4 + c] / lengths[c]));
  for (let round = 0; round < 60; round++) {
    const inverse = invert([r[0], r[1], r[2], 0, r[3], r[4], r[5], 0, r[6], r[7], r[8], 0, 0, 0, 0, 1]);
    const next = r.map((x, n) => (x + inverse[(n % 3) * 4 + Math.floor(n / 3)]) / 2);
    const change = Math.max(...next.map((x, n) => Math.abs(x - r[n])));
    r = next;
    if (change < 1e-14) break;
  }
  return r;
}

/** Where voxels lie in the body: grids, affines and the step between voxel indices and millimetres. */

/** A voxel index, i fastest. Not a position in millimetres. */
export type Index3 = readonly [i: number, j: number, k: number];

/** A point in millimetres, RAS+: x to the patient's right→**R**ight positive, y to anterior, z to superior. */
export type PointMm = readonly [x: number, y: number, z: number];

/** Row-major 4×4 matrix (16 numbers) from voxel index (i, j, k, 1) to RAS+ millimetres. The last row is 0 0 0 1. */
export type Affine = readonly number[];

/** A voxel lattice and its place in the body. `size` counts voxels along i, j, k; voxel (i,j,k) is at `i + size[0]·(j + size[1]·k)`. */
export interface Grid {
  readonly size: Index3;
  readonly affine: Affine;
}

/** Number of voxels of a grid. */
export const voxelCount = ({ size: [i, j, k] }: Pick<Grid, 'size'>): number => i * j * k;

/** Length in millimetres of one step along i, j and k. */
export function spacingMm({ affine: a }: Pick<Grid, 'affine'>): [number, number, number] {
  return [Math.hypot(a[0], a[4], a[8]), Math.hypot(a[1], a[5], a[9]), Math.hypot(a[2], a[6], a[10])];
}

/** Volume of one voxel in millilitres (cm³). */
export function voxelMl({ affine: a }: Pick<Grid, 'affine'>): number {
  const det = a[0] * (a[5] * a[10] - a[6] * a[9]) - a[1] * (a[4] * a[10] - a[6] * a[8]) + a[2] * (a[4] * a[9] - a[5] * a[8]);
  return Math.abs(det) / 1000;
}

/** Position of a (possibly fractional) voxel index in millimetres, RAS+. */
export function toMm({ affine: a }: Pick<Grid, 'affine'>, [i, j, k]: Index3): PointMm {
  return [a[0] * i + a[1] * j + a[2] * k + a[3], a[4] * i + a[5] * j + a[6] * k + a[7], a[8] * i + a[9] * j + a[10] * k + a[11]];
}

/** Inverse of a grid's affine. Throws a plain error if the matrix is singular: such a grid must have been refused at import. */
export function invert(a: Affine): Affine {
  const [m00, m01, m02, tx, m10, m11, m12, ty, m20, m21, m22, tz] = a;
  const c00 = m11 * m22 - m12 * m21;
  const c10 = m12 * m20 - m10 * m22;
  const c20 = m10 * m21 - m11 * m20;
  const det = m00 * c00 + m01 * c10 + m02 * c20;
  if (!Number.isFinite(1 / det)) throw new Error(`invert: the affine ${a.join(' ')} is singular`);
  const r = [
    [c00 / det, (m02 * m21 - m01 * m22) / det, (m01 * m12 - m02 * m11) / det],
    [c10 / det, (m00 * m22 - m02 * m20) / det, (m02 * m10 - m00 * m12) / det],
    [c20 / det, (m01 * m20 - m00 * m21) / det, (m00 * m11 - m01 * m10) / det],
  ];
  return [...r.flatMap((row) => [...row, -(row[0] * tx + row[1] * ty + row[2] * tz)]), 0, 0, 0, 1];
}

/** Fractional voxel index of a point in millimetres. */
export const toIndex = (grid: Pick<Grid, 'affine'>, point: PointMm): PointMm => toMm({ affine: invert(grid.affine) }, point);

/** The grid in words, for messages: `64×64×80 voxels of 5×5×5 mm at (−157.5, −157.5, 0)`. */
export function describeGrid(grid: Grid): string {
  const number = (x: number) => String(Math.round(x * 1000) / 1000).replace('-', '−');
  const at = [grid.affine[3], grid.affine[7], grid.affine[11]].map(number).join(', ');
  return `${grid.size.join('×')} voxels of ${spacingMm(grid).map(number).join('×')} mm at (${at})`;
}

/** True if both grids have the same size and every affine entry agrees to `toleranceMm` at the far corner of the lattice. */
export function sameGrid(a: Grid, b: Grid, toleranceMm = 0.01): boolean {
  if (a.size.some((n, axis) => n !== b.size[axis])) return false;
  const [i, j, k] = a.size;
  const corners: Index3[] = [
    [0, 0, 0],
    [i, 0, 0],
    [0, j, 0],
    [0, 0, k],
  ];
  return corners.every((corner) => {
    const [p, q] = [toMm(a, corner), toMm(b, corner)];
    return p.every((x, axis) => Math.abs(x - q[axis]) <= toleranceMm);
  });
}

/** The NIfTI qform: rotation as a quaternion, spacing and handedness apart. Formulas of the NIfTI-1 standard (nifti1.h, method 2). */
import { type Affine, spacingMm } from '../../shared/geometry';

export interface Quaternion {
  /** Vector part; the scalar part is the non-negative root that makes the length 1. */
  b: number;
  c: number;
  d: number;
  /** −1 if the third axis runs against the right-handed frame, else 1. */
  qfac: 1 | -1;
}

/** The quaternion of an affine's axes, or null if they are not orthogonal to 1e-4: a qform cannot hold shear. */
export function quaternionOf(affine: Affine): Quaternion | null {
  const spacing = spacingMm({ affine });
  const r = [0, 1, 2].flatMap((row) => [0, 1, 2].map((c) => affine[row * 4 + c] / spacing[c]));
  const dot = (p: number, q: number) => r[p] * r[q] + r[3 + p] * r[3 + q] + r[6 + p] * r[6 + q];
  if (![dot(0, 1), dot(0, 2), dot(1, 2)].every((x) => Math.abs(x) < 1e-4)) return null;
  const det = r[0] * (r[4] * r[8] - r[5] * r[7]) - r[1] * (r[3] * r[8] - r[5] * r[6]) + r[2] * (r[3] * r[7] - r[4] * r[6]);
  const qfac = det < 0 ? -1 : 1;
  for (const row of [2, 5, 8]) r[row] *= qfac;
  const [r11, r12, r13, r21, r22, r23, r31, r32, r33] = r;
  // Squares of 2a, 2b, 2c, 2d; divide by the largest, which is never near zero.
  const squares = [1 + r11 + r22 + r33, 1 + r11 - r22 - r33, 1 - r11 + r22 - r33, 1 - r11 - r22 + r33];
  const largest = squares.indexOf(Math.max(...squares));
  const root = Math.sqrt(Math.max(0, squares[largest]));
  const f = 0.5 / root;
  const [a, b, c, d] = [
    [root / 2, (r32 - r23) * f, (r13 - r31) * f, (r21 - r12) * f],
    [(r32 - r23) * f, root / 2, (r12 + r21) * f, (r13 + r31) * f],
    [(r13 - r31) * f, (r12 + r21) * f, root / 2, (r23 + r32) * f],
    [(r21 - r12) * f, (r13 + r31) * f, (r23 + r32) * f, root / 2],
  ][largest];
  const sign = a < 0 ? -1 : 1;
  return { b: b * sign, c: c * sign, d: d * sign, qfac };
}

/** The affine of a qform: rotation from (b, c, d), columns times the spacing, the third also times `qfac`, then the offset. */
export function affineOfQuaternion(
  { b, c, d, qfac }: Quaternion,
  spacing: readonly [number, number, number],
  offset: readonly [number, number, number],
): Affine {
  const squares = b * b + c * c + d * d;
  // Rounding may push the length a little over 1; then the scalar part is 0 and the rest is brought back to length 1.
  const shrink = squares > 1 ? 1 / Math.sqrt(squares) : 1;
  const [x, y, z] = [b * shrink, c * shrink, d * shrink];
  const a = Math.sqrt(Math.max(0, 1 - squares));
  const [s, t, u] = [spacing[0], spacing[1], spacing[2] * qfac];
  return [
    [(a * a + x * x - y * y - z * z) * s, 2 * (x * y - a * z) * t, 2 * (x * z + a * y) * u, offset[0]],
    [2 * (x * y + a * z) * s, (a * a + y * y - x * x - z * z) * t, 2 * (y * z - a * x) * u, offset[1]],
    [2 * (x * z - a * y) * s, 2 * (y * z + a * x) * t, (a * a + z * z - x * x - y * y) * u, offset[2]],
    [0, 0, 0, 1],
  ].flat();
}

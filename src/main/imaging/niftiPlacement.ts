/** Where a NIfTI file says its voxels lie: sform first, else qform, else the voxel size alone; doubts become warnings or refusals. */
import { fail } from '../../shared/errors';
import { type Affine, type Grid, sameGrid, spacingMm } from '../../shared/geometry';
import type { Fields } from './niftiHeader';
import { affineOfQuaternion } from './quaternion';

type Triple = readonly [number, number, number];
const show = (numbers: readonly number[], between = ' ') => numbers.map((x) => String(Math.round(x * 1e4) / 1e4)).join(between);
/** Voxel edges outside this range are mistakes, not medicine, mm. */
const [shortest, longest] = [1e-3, 1000];

/** @throws FILE_INVALID for a singular, infinite or absurd placement */
export function placeVoxels(
  fields: Fields,
  size: Grid['size'],
  file: string,
): { affine: Affine; form: 'sform' | 'qform' | 'none'; warnings: string[] } {
  const warnings: string[] = [];
  const placements = {
    sform: fields.sformCode > 0 ? [...fields.srow, 0, 0, 0, 1] : null,
    qform: fields.qformCode > 0 ? qform(fields, file, fields.sformCode > 0) : null,
  };
  const form = placements.sform ? 'sform' : placements.qform ? 'qform' : 'none';
  let affine = placements.sform ?? placements.qform ?? centred(fields, size, file);
  if (form === 'none')
    warnings.push('The file does not say how the patient lies (no sform, no qform); the usual radiological order was assumed.');
  // Metres and micrometres are rare but legal; everything here is in millimetres.
  const unit = { 1: 1000, 3: 0.001 }[fields.xyztUnits & 7];
  if (unit) {
    affine = affine.map((x, n) => (n < 12 ? x * unit : x));
    warnings.push(`Its lengths are in ${unit === 1000 ? 'metres' : 'micrometres'}; they were converted to millimetres.`);
  }
  doubt(affine, form, file);
  const other = placements.sform && placements.qform ? placements.qform.map((x, n) => (unit && n < 12 ? x * unit : x)) : null;
  if (other?.every(Number.isFinite) && !sameGrid({ size, affine }, { size, affine: other }, 0.1 * Math.max(1, ...spacingMm({ affine })))) {
    warnings.push(
      `Its sform and qform place it differently; the sform was used (origin ${show([affine[3], affine[7], affine[11]], ', ')} mm).`,
    );
  }
  return { affine, form, warnings };
}

function qform({ pixdim, quatern, qoffset }: Fields, file: string, isSpare: boolean): Affine | null {
  const length = Math.hypot(...quatern);
  const isBroken = !Number.isFinite(length) || length > 1.001 || !isPositive(pixdim.slice(1, 4)) || !qoffset.every(Number.isFinite);
  if (isBroken && isSpare) return null;
  if (!Number.isFinite(length) || length > 1.001) fail('FILE_INVALID', file, 'the qform rotation', 'a unit quaternion', show(quatern));
  return affineOfQuaternion(
    { b: quatern[0], c: quatern[1], d: quatern[2], qfac: pixdim[0] < 0 ? -1 : 1 },
    spacing(pixdim, file),
    qoffset as unknown as Triple,
  );
}

/** Nothing but a voxel size: axes as radiologists look at them (i to the left), centred, as nibabel does. */
function centred({ pixdim }: Fields, size: Grid['size'], file: string): Affine {
  const [x, y, z] = spacing(pixdim, file);
  const [ox, oy, oz] = [x, y, z].map((step, axis) => (-step * (size[axis] - 1)) / 2);
  return [-x, 0, 0, -ox, 0, y, 0, oy, 0, 0, z, oz, 0, 0, 0, 1];
}

const isPositive = (steps: readonly number[]) => steps.every((x) => x > 0 && Number.isFinite(x));

function spacing(pixdim: readonly number[], file: string): Triple {
  const steps = pixdim.slice(1, 4);
  if (!isPositive(steps)) fail('FILE_INVALID', file, 'the voxel size (pixdim)', 'positive along every axis', `${show(steps, '×')} mm`);
  return steps as unknown as Triple;
}

function doubt(a: Affine, form: string, file: string): void {
  const name = form === 'none' ? 'the voxel size (pixdim)' : `the ${form}`;
  const rows = [0, 4, 8].map((row) => show(a.slice(row, row + 4))).join(' | ');
  if (!a.every(Number.isFinite)) fail('FILE_INVALID', file, name, 'made of finite numbers', rows);
  const steps = spacingMm({ affine: a });
  if (steps.some((x) => x < shortest || x > longest)) {
    fail('FILE_INVALID', file, `the voxel size of ${name}`, `between ${shortest} and ${longest} mm`, `${show(steps, '×')} mm`);
  }
  const det = a[0] * (a[5] * a[10] - a[6] * a[9]) - a[1] * (a[4] * a[10] - a[6] * a[8]) + a[2] * (a[4] * a[9] - a[5] * a[8]);
  // The volume of a voxel against that of a brick with its edges: 1 at right angles, 0 when flattened.
  if (Math.abs(det) < 1e-3 * steps[0] * steps[1] * steps[2]) {
    fail('FILE_INVALID', file, name, 'three independent directions', `flat (${rows})`);
  }
}

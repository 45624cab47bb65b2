/** The three slice planes of a canonical grid: which voxel axes they span, which way they face, and what their edges are called. */
import { type Grid, type Index3, spacingMm, toMm } from '../../shared/geometry';

export const planes = ['axial', 'coronal', 'sagittal'] as const;
export type Plane = (typeof planes)[number];
/** Radiological: the patient's right is on the left of the screen. Neurological: on the right. */
export type Convention = 'radiological' | 'neurological';
export type Axis = 0 | 1 | 2;

/** How a plane lies on the screen. `u` runs along voxel axis `across`, `v` along `up`; v always grows upwards. */
export interface PlaneAxes {
  through: Axis;
  across: Axis;
  up: Axis;
  /** True when u grows to the left of the screen. */
  mirrored: boolean;
}

/** Axes of a plane of a RAS+ grid. The nose of a sagittal slice points left, as in 3D Slicer, whatever the convention. */
export function planeAxes(plane: Plane, convention: Convention): PlaneAxes {
  const mirrored = convention === 'radiological';
  if (plane === 'axial') return { through: 2, across: 0, up: 1, mirrored };
  if (plane === 'coronal') return { through: 1, across: 0, up: 2, mirrored };
  return { through: 0, across: 1, up: 2, mirrored: true };
}

const letters = [
  ['R', 'L'],
  ['A', 'P'],
  ['S', 'I'],
] as const;

/** sin 10°: a direction that leans further than this towards a second body axis gets a second letter. */
const lean = Math.sin((10 * Math.PI) / 180);

/** Name of a direction in RAS+ millimetres: `L`, or `LA` when it is mostly left and clearly leans to anterior. */
export function directionName([x, y, z]: readonly [number, number, number]): string {
  const length = Math.hypot(x, y, z);
  return [x, y, z]
    .map((part, axis) => ({ size: Math.abs(part) / length, letter: letters[axis][part < 0 ? 1 : 0] }))
    .sort((a, b) => b.size - a.size)
    .slice(0, 2)
    .filter(({ size }, rank) => rank === 0 || size > lean)
    .map(({ letter }) => letter)
    .join('');
}

const axisDirection = ({ affine: a }: Pick<Grid, 'affine'>, axis: Axis, sign: 1 | -1): [number, number, number] => [
  sign * a[axis],
  sign * a[4 + axis],
  sign * a[8 + axis],
];

/** Orientation letters at the edge midpoints of a plane. */
export function edgeLetters(grid: Pick<Grid, 'affine'>, { across, up, mirrored }: PlaneAxes) {
  const right = mirrored ? -1 : 1;
  const left = mirrored ? 1 : -1;
  return {
    left: directionName(axisDirection(grid, across, left)),
    right: directionName(axisDirection(grid, across, right)),
    top: directionName(axisDirection(grid, up, 1)),
    bottom: directionName(axisDirection(grid, up, -1)),
  };
}

/** True when the voxel axes are turned away from the body axes by more than about half a degree. */
export function isOblique({ affine: a }: Pick<Grid, 'affine'>): boolean {
  return ([0, 1, 2] as const).some((axis) => {
    const direction = axisDirection({ affine: a }, axis, 1);
    const length = Math.hypot(...direction);
    return direction.some((part, row) => row !== axis && Math.abs(part) / length > 0.01);
  });
}

/** Millimetres, with a true minus sign: `−18.0`. */
export const mmText = (mm: number): string => (Math.abs(mm) < 0.05 ? '0.0' : mm.toFixed(1).replace('-', '−'));

const title = { axial: 'Axial', coronal: 'Coronal', sagittal: 'Sagittal' } as const;

/** What stands under a slice: `Axial 131.0 mm · 27 / 80`. The position is the RAS+ coordinate along the plane's normal, at the crosshair. */
export function sliceLabel(grid: Grid, plane: Plane, slice: number, crosshair: Index3): string {
  const axis = { sagittal: 0, coronal: 1, axial: 2 }[plane] as Axis;
  const at = crosshair.map((index, each) => (each === axis ? slice : index)) as unknown as Index3;
  const name = isOblique(grid) ? `${title[plane]}, oblique` : title[plane];
  return `${name} ${mmText(toMm(grid, at)[axis])} mm · ${slice + 1} / ${grid.size[axis]}`;
}

/** Size of a plane in voxels (u, v) and the millimetres between them. */
export function planeExtent(grid: Grid, { across, up }: PlaneAxes) {
  const spacing = spacingMm(grid);
  return { width: grid.size[across], height: grid.size[up], spacingU: spacing[across], spacingV: spacing[up] };
}

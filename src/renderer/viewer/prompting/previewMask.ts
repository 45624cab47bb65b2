/** A teacher's mask on its box, seen from the case: outlines of a slice of it, what a voxel is, and the grid of the box. */
import { type Grid, type Index3, toMm } from '../../../shared/geometry';
import { extractLabels, type PlaneOf } from '../extract';
import { type Plane, planeAxes } from '../planes';
import { Recent } from '../recent';
import { contoursOf } from '../sliceOutlines';
import type { PromptAnswer } from './service';

type Mask = Pick<PromptAnswer, 'id' | 'box' | 'mask'>;

/** The slice of the box that lies in a slice of the case, and where it begins there; null beside the box. */
export function sliceOfMask(
  { box, mask }: Mask,
  plane: Plane,
  slice: number,
): { labels: PlaneOf<Uint8Array>; u: number; v: number } | null {
  const axes = planeAxes(plane, 'radiological');
  const within = slice - box.origin[axes.through];
  if (within < 0 || within >= box.size[axes.through]) return null;
  return { labels: extractLabels(mask, box.size, axes, within), u: box.origin[axes.across], v: box.origin[axes.up] };
}

const paths = new Recent<Path2D | null>(120);

/** Outline of the mask in a slice, in voxels of the plane; null where there is none. */
export function outlineOfMask(answer: Mask, plane: Plane, slice: number): Path2D | null {
  return paths.get(`${answer.id}/${plane}/${slice}`, () => {
    const found = sliceOfMask(answer, plane, slice);
    const path = found && contoursOf(found.labels).get(1);
    if (!found || !path) return null;
    const placed = new Path2D();
    placed.addPath(path, { e: found.u, f: found.v });
    return placed;
  });
}

export function isInMask({ box, mask }: Mask, index: Index3): boolean {
  const [i, j, k] = index.map((value, axis) => value - box.origin[axis]);
  const [width, height, depth] = box.size;
  return i >= 0 && j >= 0 && k >= 0 && i < width && j < height && k < depth && mask[i + width * (j + height * k)] !== 0;
}

/** The box as a grid of its own. */
export function gridOfBox({ affine: a }: Pick<Grid, 'affine'>, { origin, size }: PromptAnswer['box']): Grid {
  const [x, y, z] = toMm({ affine: a }, origin);
  return { size, affine: [a[0], a[1], a[2], x, a[4], a[5], a[6], y, a[8], a[9], a[10], z, 0, 0, 0, 1] };
}

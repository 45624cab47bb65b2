/** Looking at cases as a run goes on: when, at which crops of a case, and how opinions about crops become one label map. Nothing learns from it. */
import { type Grid, type Index3, voxelCount } from '../../../shared/geometry';
import { boxAround } from '../../imaging/teacherCrop';

/** Steps after which cases are looked at: so many, evenly spread, the last one being the end of the run. */
export const momentSteps = (steps: number, count: number): number[] => [
  ...new Set(Array.from({ length: Math.min(count, steps) }, (_, n) => Math.round(((n + 1) * steps) / Math.min(count, steps)))),
];

/** A crop by its first voxel, which may lie outside the case, and the structures that somebody is asked about in it. */
export interface Look {
  origin: Index3;
  structures: number[];
}

/**
 * Crops around the structures of a label map: each lies in the middle of its crop, as far as the case reaches, and a structure that a crop
 * holds whole gets none of its own.
 */
export function looksAt({ grid, voxels }: { grid: Grid; voxels: Uint8Array }, structures: readonly number[], patch: Index3): Look[] {
  let open = structures.flatMap((structure) => {
    const box = boxAround({ grid, voxels }, structure);
    return box ? [{ structure, box }] : [];
  });
  const looks: Look[] = [];
  while (open.length > 0) {
    const [{ structure: first, box }] = open;
    const origin = patch.map((side, axis) => startOf(side, grid.size[axis], (box.from[axis] + box.to[axis]) / 2)) as unknown as Index3;
    const isHeld = (held: typeof box) =>
      patch.every((side, axis) => held.from[axis] >= origin[axis] && held.to[axis] <= origin[axis] + side);
    const answered = open.filter(({ structure, box: held }) => structure === first || isHeld(held));
    looks.push({ origin, structures: answered.map(({ structure }) => structure) });
    open = open.filter((one) => !answered.includes(one));
  }
  return looks;
}

/** Where a crop begins along one axis: within the case, or around all of it where it is the smaller one. */
const startOf = (side: number, size: number, middle: number): number =>
  size <= side ? Math.floor((size - side) / 2) : Math.min(size - side, Math.max(0, Math.round(middle - side / 2)));

/** One label map out of probabilities of structures in crops. Where two are above ½, the more probable one is there. */
export function maskFromCrops({ size }: Pick<Grid, 'size'>) {
  const voxels = new Uint8Array(voxelCount({ size }));
  const surest = new Float32Array(voxels.length).fill(0.5);
  return {
    voxels,
    /** @param probabilities of `structure` in a crop of `patch` voxels from `origin`, i fastest */
    add(structure: number, probabilities: Float32Array, origin: Index3, patch: Index3): void {
      forEachWithin({ size }, origin, patch, (at, n) => {
        if (probabilities[at] <= surest[n]) return;
        surest[n] = probabilities[at];
        voxels[n] = structure;
      });
    },
  };
}

/** The voxels of a crop that lie in the case, by their place in the crop and in the case. */
export function forEachWithin(
  { size }: Pick<Grid, 'size'>,
  origin: Index3,
  patch: Index3,
  visit: (inCrop: number, inCase: number) => void,
): void {
  for (let k = 0, at = 0; k < patch[2]; k++) {
    for (let j = 0; j < patch[1]; j++) {
      for (let i = 0; i < patch[0]; i++, at++) {
        const [x, y, z] = [origin[0] + i, origin[1] + j, origin[2] + k];
        if (x < 0 || y < 0 || z < 0 || x >= size[0] || y >= size[1] || z >= size[2]) continue;
        visit(at, x + size[0] * (y + size[1] * z));
      }
    }
  }
}

/** Writes a mask into a label map. */
import type { Index3 } from '../../shared/geometry';
import type { Acceptance, VoxelBox } from '../../shared/prompts';
import type { LabelMap } from '../../shared/volume';

export interface LabelEdit {
  /** Value that the mask's voxels take. */
  structure: number;
  how: Acceptance;
  /** Whether voxels of other structures inside the mask stay theirs. */
  others: 'keep' | 'overwrite';
  /** Where `replace` clears the structure; it holds the mask. */
  seen: VoxelBox;
  /** The voxels of `box`, i fastest: 1 in the mask, 0 beside it. */
  mask: { box: VoxelBox; voxels: Uint8Array };
}

/** Changes a label map in place. Outside `seen` nothing changes. */
export function editLabel(label: LabelMap, { structure, how, others, seen, mask }: LabelEdit): void {
  const { grid, voxels } = label;
  if (how === 'replace') {
    eachRow(grid.size, seen, (row, count) => {
      for (let n = row; n < row + count; n++) if (voxels[n] === structure) voxels[n] = 0;
    });
  }
  let at = 0;
  eachRow(grid.size, mask.box, (row, count) => {
    for (let n = row; n < row + count; n++, at++) {
      if (mask.voxels[at] === 0) continue;
      if (how === 'subtract') {
        if (voxels[n] === structure) voxels[n] = 0;
      } else if (others === 'overwrite' || voxels[n] === 0) voxels[n] = structure;
    }
  });
}

/** Calls with the first voxel and the length of every row of a box. Throws if the box reaches out of the grid. */
export function eachRow(size: Index3, { origin, size: sides }: VoxelBox, visit: (first: number, count: number) => void): void {
  if (sides.includes(0)) return;
  if (origin.some((at, axis) => at < 0 || at + sides[axis] > size[axis])) {
    throw new Error(`eachRow: the box ${sides.join('×')} at ${origin.join(', ')} reaches out of ${size.join('×')} voxels`);
  }
  for (let k = origin[2]; k < origin[2] + sides[2]; k++) {
    for (let j = origin[1]; j < origin[1] + sides[1]; j++) visit(origin[0] + size[0] * (j + size[1] * k), sides[0]);
  }
}

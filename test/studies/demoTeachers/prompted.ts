/** A prompted teacher and somebody who knows the truth: three clicks on a structure, each where the mask so far is most wrong. */
import type { PromptView } from '../../../src/main/compute/jobData';
import type { Promptable } from '../../../src/main/compute/teachers/promptable';
import { viewOf } from '../../../src/main/compute/teachers/view';
import { squaredDistances } from '../../../src/main/imaging/distance';
import type { Torso } from '../../../src/main/imaging/phantom/torso';
import { type Grid, type Index3, spacingMm, toMm } from '../../../src/shared/geometry';
import type { VoxelBox } from '../../../src/shared/prompts';
import { type HuWindow, ranges } from '../../../src/shared/teachers';
import type { Sight } from './sight';

/** What the teacher found after each click, over the voxels it looked at. */
export interface Prompted {
  seen: VoxelBox;
  truth: Uint8Array;
  masks: Uint8Array[];
  /** The teacher's own guesses of each mask's overlap with what is meant (intersection over union), 0 where it was not asked. */
  guesses: number[];
}

/**
 * Clicks on a structure of a case: first in its depth, then on the deepest voxel that is missed or too much. All clicks so far and the last mask go
 * into each prompt, as in the workbench. A teacher of slices is shown the slice that holds most of the structure.
 */
export async function threeClicks(
  teacher: Promptable,
  { ct, pet, label }: Torso,
  { modality, huWindow }: Sight,
  structure: number,
): Promise<Prompted> {
  const volume = modality === 'CT' ? ct : pet;
  const { grid } = volume;
  const whole = Uint8Array.from(label.voxels, (value) => Number(value === structure));
  const asked = teacher.spec.axes === 2 ? fullestSlice(whole, grid, modality) : aroundDepth(whole, grid, huWindow);
  const view = viewOf(grid, asked, teacher.spec, { name: 'The teacher', unit: modality === 'CT' ? 'HU' : 'other' });
  const { seen } = view;
  const seenGrid: Grid = { size: seen.size, affine: grid.affine };
  const truth = cut(whole, grid.size, seen);
  const embedding = await teacher.embed(view.image(volume));
  const points: { place: readonly number[]; label: number }[] = [];
  const masks: Uint8Array[] = [];
  const guesses: number[] = [];
  let quality = 0;
  let found: Uint8Array = new Uint8Array(truth.length);
  let logits: Float32Array | null = null;
  for (let click = 0; click < 3; click++) {
    const wrong = [1, 0].map((value) => Uint8Array.from(truth, (inside, n) => Number(inside === value && found[n] !== value)));
    const places = wrong.map((mask) => deepest(mask, seen.size, seenGrid));
    const depths = wrong.map((mask, n) => (places[n] < 0 ? 0 : depthOf(mask, seen.size, seenGrid)[places[n]]));
    const isPositive = depths[0] >= depths[1];
    const at = places[isPositive ? 0 : 1];
    if (at >= 0) {
      const inSeen = indexOf(at, seen.size);
      const mm = toMm(grid, inSeen.map((n, axis) => n + seen.origin[axis]) as unknown as Index3);
      points.push({ place: view.place(mm), label: isPositive ? 1 : 0 });
      const [answer] = await teacher.decode(embedding, [{ points: [...points], box: null, mask: logits }]);
      ({ logits, quality } = answer);
      found = Uint8Array.from(view.answer(logits), (logit) => Number(logit > 0));
    }
    masks.push(found);
    guesses.push(quality);
  }
  return { seen, truth, masks, guesses };
}

/** A cube around the deepest voxel. */
function aroundDepth(mask: Uint8Array, grid: Grid, huWindow: HuWindow | null): PromptView {
  const centre = toMm(grid, indexOf(deepest(mask, grid.size, grid), grid.size));
  return { kind: 'volume', huWindow, centre, spacingMm: spacingMm(grid)[0] };
}
/** The axial slice that shows most of it, in a usual window. */
function fullestSlice(mask: Uint8Array, { size: [ni, nj, nk] }: Grid, modality: 'CT' | 'PET'): PromptView {
  const shown = (k: number) => mask.subarray(k * ni * nj, (k + 1) * ni * nj).reduce((sum, inside) => sum + inside, 0);
  const areas = Array.from({ length: nk }, (_, k) => shown(k));
  const index = areas.indexOf(Math.max(...areas));
  const [low, high] = modality === 'CT' ? ranges.softTissue : [0, 8];
  return { kind: 'slice', plane: { axis: 2, index }, window: { low, high }, colours: 'imagenet', fit: 'inside' };
}

/** The part of a case that lies in a box. */
export function cut(voxels: Uint8Array, size: Index3, { origin, size: [ni, nj, nk] }: VoxelBox): Uint8Array {
  const part = new Uint8Array(ni * nj * nk);
  for (let k = 0; k < nk; k++) {
    for (let j = 0; j < nj; j++) {
      const from = origin[0] + size[0] * (origin[1] + j + size[1] * (origin[2] + k));
      part.set(voxels.subarray(from, from + ni), ni * (j + nj * k));
    }
  }
  return part;
}

const indexOf = (at: number, [ni, nj]: Index3): Index3 => [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))];

function depthOf(mask: Uint8Array, size: Index3, grid: Grid): Float32Array {
  const outside = Uint8Array.from(mask, (value) => 1 - value);
  return squaredDistances(outside, size, spacingMm(grid));
}

/** The voxel of a mask farthest from all that is outside it; −1 where the mask is empty. */
function deepest(mask: Uint8Array, size: Index3, grid: Grid): number {
  if (!mask.includes(1)) return -1;
  const depth = depthOf(mask, size, grid);
  let best = -1;
  for (let n = 0; n < mask.length; n++) if (mask[n] === 1 && (best < 0 || depth[n] > depth[best])) best = n;
  return best;
}

/** Clicks on a structure, picked from its mask: what stands for a person's in front of a network that is asked by points. */
import { sizeOf } from '../../engine/tensor';

/** Where a label map holds `value`. */
export interface Structure {
  labels: Uint8Array;
  /** Of the map, slowest axis first; any number of axes. */
  sides: readonly number[];
  value: number;
}
export interface ClickOptions {
  count: number;
  /**
   * `spread`: the voxel nearest to the centre of mass, then always the one farthest from those picked (Gonzalez 1985).
   * `firstVoxels`: the first in the order of the array, neighbours at one end; a single click is then the centre of mass rounded down,
   * be it outside (MuDuo's code).
   */
  picking: 'spread' | 'firstVoxels';
  /**
   * Where there are fewer voxels than clicks, the last is given again: as what it is, or as `negative`, beside the structure (MuDuo's code).
   * Where there are none, clicks are no points at all, or negative ones at the origin.
   */
  filling: 'repeated' | 'negative';
}
export interface Clicks {
  /** [count, axes] in voxels, in the order of the map's axes. */
  places: Float32Array;
  /** 1 on the structure, 0 beside it, −1 no point at all. */
  labels: Int32Array;
  /** Whether there is a structure to click on. */
  isPresent: boolean;
}

/** Picks clicks. The same mask gives the same clicks. */
export function clicksOn(structure: Structure, { count, picking, filling }: ClickOptions): Clicks {
  const voxels = voxelsOf(structure);
  const axes = structure.sides.length;
  const isPresent = voxels.length > 0;
  const places = new Float32Array(count * axes);
  const labels = new Int32Array(count);
  const picked = isPresent ? pick(voxels, structure.sides, count, picking) : [];
  for (let k = 0; k < count; k++) {
    places.set(picked[Math.min(k, picked.length - 1)] ?? [], k * axes);
    const filled = filling === 'negative' ? 0 : isPresent ? 1 : -1;
    labels[k] = k < picked.length ? 1 : filled;
  }
  return { places, labels, isPresent };
}

function pick(voxels: Int32Array, sides: readonly number[], count: number, picking: ClickOptions['picking']): number[][] {
  if (picking === 'spread') return spread(voxels, sides, Math.min(count, voxels.length));
  if (count === 1) return [centreOf(voxels, sides).map(Math.floor)];
  return Array.from(voxels.subarray(0, count), (voxel) => placeOf(voxel, sides));
}

/** Voxel numbers in the order of the array. */
function voxelsOf({ labels, sides, value }: Structure): Int32Array {
  if (labels.length !== sizeOf(sides)) throw new Error(`clicks: ${labels.length} labels, expected ${sizeOf(sides)}`);
  let found = 0;
  for (const label of labels) if (label === value) found++;
  const voxels = new Int32Array(found);
  for (let i = 0, at = 0; at < found; i++) if (labels[i] === value) voxels[at++] = i;
  return voxels;
}

function placeOf(voxel: number, sides: readonly number[]): number[] {
  const place = Array<number>(sides.length);
  for (let axis = sides.length - 1, rest = voxel; axis >= 0; axis--) {
    place[axis] = rest % sides[axis];
    rest = Math.floor(rest / sides[axis]);
  }
  return place;
}

function centreOf(voxels: Int32Array, sides: readonly number[]): number[] {
  const sum = sides.map(() => 0);
  let step = 1;
  for (let axis = sides.length - 1; axis >= 0; axis--) {
    for (const voxel of voxels) sum[axis] += Math.floor(voxel / step) % sides[axis];
    step *= sides[axis];
  }
  return sum.map((total) => total / voxels.length);
}

/** Farthest points. Of voxels equally far the first in the array is taken. */
function spread(voxels: Int32Array, sides: readonly number[], count: number): number[][] {
  const fromCentre = squaredDistances(voxels, sides, centreOf(voxels, sides));
  const picked = [placeOf(voxels[fromCentre.reduce((best, far, v) => (far < fromCentre[best] ? v : best), 0)], sides)];
  const nearest = squaredDistances(voxels, sides, picked[0]);
  while (picked.length < count) {
    const farthest = nearest.reduce((best, far, v) => (far > nearest[best] ? v : best), 0);
    picked.push(placeOf(voxels[farthest], sides));
    const distances = squaredDistances(voxels, sides, picked[picked.length - 1]);
    for (let v = 0; v < nearest.length; v++) nearest[v] = Math.min(nearest[v], distances[v]);
  }
  return picked;
}

function squaredDistances(voxels: Int32Array, sides: readonly number[], from: readonly number[]): Float64Array {
  const distances = new Float64Array(voxels.length);
  let step = 1;
  for (let axis = sides.length - 1; axis >= 0; axis--) {
    for (let v = 0; v < voxels.length; v++) distances[v] += ((Math.floor(voxels[v] / step) % sides[axis]) - from[axis]) ** 2;
    step *= sides[axis];
  }
  return distances;
}

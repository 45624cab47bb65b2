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
   * `core`: the same within the core of the structure, so that clicks lie neither on its rim nor on voxels astray from it.
   * `firstVoxels`: the first in the order of the array, neighbours at one end; a single click is then the centre of mass rounded down,
   * be it outside (MuDuo's code).
   */
  picking: 'spread' | 'core' | 'firstVoxels';
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
  const along = placesOf(picking === 'core' ? coreOf(structure, count) : voxelsOf(structure), structure.sides);
  const axes = along.length;
  const isPresent = along[0].length > 0;
  const places = new Float32Array(count * axes);
  const labels = new Int32Array(count);
  const picked = isPresent ? pick(along, count, picking) : [];
  for (let k = 0; k < count; k++) {
    places.set(picked[Math.min(k, picked.length - 1)] ?? [], k * axes);
    const filled = filling === 'negative' ? 0 : isPresent ? 1 : -1;
    labels[k] = k < picked.length ? 1 : filled;
  }
  return { places, labels, isPresent };
}

/** All voxels of a structure as places in the flattened map, in its order. */
function voxelsOf({ labels, sides, value }: Structure): Int32Array {
  if (labels.length !== sizeOf(sides)) throw new Error(`clicks: ${labels.length} labels, expected ${sizeOf(sides)}`);
  let count = 0;
  for (const label of labels) if (label === value) count++;
  const voxels = new Int32Array(count);
  for (let i = 0, at = 0; at < count; i++) if (labels[i] === value) voxels[at++] = i;
  return voxels;
}

/** Places along each axis of some voxels, in their order. */
type Along = readonly Int32Array[];

const placesOf = (voxels: Int32Array, sides: readonly number[]): Along =>
  stridesOf(sides).map((stride, axis) => voxels.map((voxel) => Math.floor(voxel / stride) % sides[axis]));
const stridesOf = (sides: readonly number[]): number[] => sides.map((_, axis) => sizeOf(sides.slice(axis + 1)));

/** Peeling a structure ends before less than this share of its voxels is left. */
const leastCore = 0.1;

/** What is left of a structure when its outermost voxels are taken away again and again, as long as enough is left. A border of the map is no rim. */
function coreOf(structure: Structure, count: number): Int32Array {
  let core = voxelsOf(structure);
  const inside = new Uint8Array(structure.labels.length);
  for (const voxel of core) inside[voxel] = 1;
  const least = Math.max(count, leastCore * core.length);
  for (;;) {
    const inner = withoutRim(core, inside, structure.sides);
    if (inner.length < least || inner.length === core.length) return core;
    for (const voxel of core) inside[voxel] = 0;
    for (const voxel of inner) inside[voxel] = 1;
    core = inner;
  }
}

/** Those of the voxels that have neighbours along every axis that are `inside`, too. */
function withoutRim(voxels: Int32Array, inside: Uint8Array, sides: readonly number[]): Int32Array {
  const strides = stridesOf(sides);
  return voxels.filter((voxel) => {
    for (let axis = 0; axis < sides.length; axis++) {
      const stride = strides[axis];
      const at = Math.floor(voxel / stride) % sides[axis];
      if ((at > 0 && !inside[voxel - stride]) || (at < sides[axis] - 1 && !inside[voxel + stride])) return false;
    }
    return true;
  });
}

function pick(along: Along, count: number, picking: ClickOptions['picking']): number[][] {
  const most = Math.min(count, along[0].length);
  if (picking !== 'firstVoxels') return spread(along, most);
  if (count === 1) return [centreOf(along).map(Math.floor)];
  return Array.from({ length: most }, (_, voxel) => placeOf(along, voxel));
}

const placeOf = (along: Along, voxel: number): number[] => along.map((places) => places[voxel]);
const centreOf = (along: Along): number[] => along.map((places) => places.reduce((sum, place) => sum + place, 0) / places.length);

/** Farthest points. Of voxels equally far the first in the array is taken. */
function spread(along: Along, count: number): number[][] {
  const fromCentre = squaredDistances(along, centreOf(along));
  let chosen = 0;
  for (let v = 1; v < fromCentre.length; v++) if (fromCentre[v] < fromCentre[chosen]) chosen = v;
  const picked = [placeOf(along, chosen)];
  const nearest = squaredDistances(along, picked[0]);
  while (picked.length < count) {
    chosen = 0;
    for (let v = 1; v < nearest.length; v++) if (nearest[v] > nearest[chosen]) chosen = v;
    const place = placeOf(along, chosen);
    picked.push(place);
    const distances = squaredDistances(along, place);
    for (let v = 0; v < nearest.length; v++) if (distances[v] < nearest[v]) nearest[v] = distances[v];
  }
  return picked;
}

function squaredDistances(along: Along, from: readonly number[]): Float64Array {
  const distances = new Float64Array(along[0].length);
  for (const [axis, places] of along.entries()) {
    for (let v = 0; v < places.length; v++) {
      const away = places[v] - from[axis];
      distances[v] += away * away;
    }
  }
  return distances;
}

/**
 * Scenes for teachers of volumes: random crops of bodies, in any of the eight mirrorings, with the intensities of one scanner. Half of them lie around
 * something, as crops around a click do, and so reach over the border of what was scanned: there is nothing but zeros.
 */

import { type AssortedBody, assortedSide } from '../../../src/main/imaging/phantom/assorted';
import { standardise } from '../../../src/main/imaging/teacherCrop';
import type { Scene } from '../../../src/main/methods/practice/rounds';
import type { Random } from '../../../src/shared/random';
import type { Sight } from './sight';

/** Objects that show less than this in a crop are not asked about. */
const fewestVoxels = 250;
/** More objects than these of one crop are not asked about. */
const mostObjects = 4;

/** @param side of the crop, in voxels */
export function volumeScene(bodies: readonly AssortedBody[], { modality, huWindow }: Sight, side: number, stream: Random): Scene {
  for (;;) {
    const body = bodies[stream.integer(bodies.length)];
    const scan = modality === 'CT' ? body.ct : body.pet;
    const around = stream.uniform() < 0.5 ? placeIn(body, stream) : null;
    const cut = [0, 1, 2].map((axis) => ({
      from: around ? around[axis] - side / 2 : stream.integer(assortedSide - side + 1),
      isFlipped: stream.uniform() < 0.5,
    }));
    const image = new Float32Array(side ** 3);
    const objects = new Uint8Array(side ** 3);
    const counts = new Uint32Array(256);
    eachVoxel(cut, side, (at, voxel) => {
      if (voxel < 0) return;
      image[at] = scan[voxel];
      objects[at] = body.objects[voxel];
      counts[body.objects[voxel]]++;
    });
    const shown = [...counts.keys()].filter((object) => object > 0 && counts[object] >= fewestVoxels);
    if (shown.length === 0) continue;
    standardise(image, huWindow);
    const asked = Array.from({ length: Math.min(mostObjects, shown.length) }, () => draw(shown, counts, stream));
    return { image, objects: asked.map((object) => maskOf(objects, object)), shown: objects };
  }
}

/** Some voxel of some object, each object as likely as the next; null in a body without objects. */
function placeIn({ objects }: AssortedBody, stream: Random): readonly [number, number, number] | null {
  const present = [...new Set(objects)].filter((object) => object > 0);
  if (present.length === 0) return null;
  const wanted = present[stream.integer(present.length)];
  for (;;) {
    const at = stream.integer(objects.length);
    if (objects[at] === wanted)
      return [at % assortedSide, Math.floor(at / assortedSide) % assortedSide, Math.floor(at / assortedSide ** 2)];
  }
}

/** Takes one of the objects out, large ones more often: four times the voxels, twice as likely. */
function draw(shown: number[], counts: Uint32Array, stream: Random): number {
  const weights = shown.map((object) => Math.sqrt(counts[object]));
  let left = stream.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  let chosen = 0;
  while (chosen < shown.length - 1 && left >= weights[chosen]) left -= weights[chosen++];
  return shown.splice(chosen, 1)[0];
}

export function maskOf(objects: Uint8Array, object: number): Uint8Array {
  const mask = new Uint8Array(objects.length);
  for (let n = 0; n < mask.length; n++) if (objects[n] === object) mask[n] = 1;
  return mask;
}

/** Visits a crop in the order in which volume teachers take it, [i, j, k] with k fastest, and says where each voxel lies in its body, i fastest; −1 is beyond it. */
function eachVoxel(cut: readonly { from: number; isFlipped: boolean }[], side: number, visit: (at: number, voxel: number) => void): void {
  const [first, step] = [
    cut.map(({ from, isFlipped }) => (isFlipped ? from + side - 1 : from)),
    cut.map(({ isFlipped }) => (isFlipped ? -1 : 1)),
  ];
  const isBeyond = (place: number) => place < 0 || place >= assortedSide;
  for (let i = 0, at = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const [x, y] = [first[0] + step[0] * i, first[1] + step[1] * j];
      const row = isBeyond(x) || isBeyond(y) ? null : x + assortedSide * y;
      for (let k = 0; k < side; k++, at++) {
        const z = first[2] + step[2] * k;
        visit(at, row === null || isBeyond(z) ? -1 : row + assortedSide ** 2 * z);
      }
    }
  }
}

/** Scenes for teachers of volumes: random crops of bodies, in any of the eight mirrorings, with the intensities of one scanner. */

import { type AssortedBody, assortedSide } from '../../../src/main/imaging/phantom/assorted';
import { standardise } from '../../../src/main/imaging/teacherCrop';
import type { Scene } from '../../../src/main/methods/practice/rounds';
import type { Random } from '../../../src/shared/random';
import { ranges } from '../../../src/shared/teachers';

/** Objects that show less than this in a crop are not asked about. */
const fewestVoxels = 250;
/** More objects than these of one crop are not asked about. */
const mostObjects = 4;

/** @param side of the crop, in voxels */
export function volumeScene(bodies: readonly AssortedBody[], modality: 'CT' | 'PET', side: number, stream: Random): Scene {
  for (;;) {
    const body = bodies[stream.integer(bodies.length)];
    const scan = modality === 'CT' ? body.ct : body.pet;
    const cut = [0, 1, 2].map(() => ({ from: stream.integer(assortedSide - side + 1), isFlipped: stream.uniform() < 0.5 }));
    const image = new Float32Array(side ** 3);
    const objects = new Uint8Array(side ** 3);
    const counts = new Uint32Array(256);
    eachVoxel(cut, side, (at, voxel) => {
      image[at] = scan[voxel];
      objects[at] = body.objects[voxel];
      counts[body.objects[voxel]]++;
    });
    const shown = [...counts.keys()].filter((object) => object > 0 && counts[object] >= fewestVoxels);
    if (shown.length === 0) continue;
    standardise(image, modality === 'CT' ? ranges.softTissue : null);
    const asked = Array.from({ length: Math.min(mostObjects, shown.length) }, () => draw(shown, counts, stream));
    return { image, objects: asked.map((object) => maskOf(objects, object)), shown: objects };
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

/** Visits a crop in the order in which volume teachers take it, [i, j, k] with k fastest, and says where each voxel lies in its body, i fastest. */
function eachVoxel(cut: readonly { from: number; isFlipped: boolean }[], side: number, visit: (at: number, voxel: number) => void): void {
  const [first, step] = [
    cut.map(({ from, isFlipped }) => (isFlipped ? from + side - 1 : from)),
    cut.map(({ isFlipped }) => (isFlipped ? -1 : 1)),
  ];
  for (let i = 0, at = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const row = first[0] + step[0] * i + assortedSide * (first[1] + step[1] * j);
      for (let k = 0; k < side; k++, at++) visit(at, row + assortedSide ** 2 * (first[2] + step[2] * k));
    }
  }
}

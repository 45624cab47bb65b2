/** Scenes for teachers of slices: a square of one slice of a body, in grey within some display window, as a person would see it. */

import { type AssortedBody, assortedSide } from '../../../src/main/imaging/phantom/assorted';
import { type SliceAt, samInput, slicePicture } from '../../../src/main/imaging/teacherSlice';
import type { Scene } from '../../../src/main/methods/practice/rounds';
import type { Random } from '../../../src/shared/random';
import { maskOf } from './volumeScenes';

const fewestPixels = 12;
const mostObjects = 4;
/** The least of a slice that is shown, in pixels along each side. */
const smallestSquare = 36;

/** A square of a slice: grey values and objects, row by row. */
export interface Square {
  side: number;
  grey: Uint8Array;
  objects: Uint8Array;
}

/** A square of any slice along any axis, from either scanner, in a window that is about right, mirrored now and then. */
export function drawSquare(bodies: readonly AssortedBody[], stream: Random): Square {
  const body = bodies[stream.integer(bodies.length)];
  const isCt = stream.uniform() < 0.5;
  const at: SliceAt = { axis: stream.integer(3) as SliceAt['axis'], index: 4 + stream.integer(assortedSide - 8) };
  const window = isCt
    ? { low: stream.uniform(-260, -80), high: stream.uniform(140, 360) }
    : { low: stream.uniform(-0.2, 0.3), high: stream.uniform(3, 12) };
  const { grid } = body;
  const grey = slicePicture({ grid, voxels: isCt ? body.ct : body.pet }, at, window);
  const objects = slicePicture({ grid, voxels: body.objects }, at, { low: 0, high: 255 });
  const side = smallestSquare + stream.integer(assortedSide - smallestSquare + 1);
  const [column, row] = [0, 1].map(() => ({ from: stream.integer(assortedSide - side + 1), isFlipped: stream.uniform() < 0.5 }));
  const cut = (picture: Uint8Array) =>
    Uint8Array.from({ length: side * side }, (_, n) => {
      const [x, y] = [n % side, Math.floor(n / side)];
      const place = (along: typeof column, n: number) => along.from + (along.isFlipped ? side - 1 - n : n);
      return picture[place(column, x) + assortedSide * place(row, y)];
    });
  return { side, grey: cut(grey), objects: cut(objects) };
}

/** A square as the encoder's image of `side` pixels, and up to four of the objects that show in it. */
export function sliceScene(bodies: readonly AssortedBody[], side: number, stream: Random): Scene {
  for (;;) {
    const square = drawSquare(bodies, stream);
    const counts = new Uint32Array(256);
    for (const object of square.objects) counts[object]++;
    const shown = [...counts.keys()].filter((object) => object > 0 && counts[object] >= fewestPixels);
    if (shown.length === 0) continue;
    const size = { columns: square.side, rows: square.side };
    const image = samInput([square.grey], { slice: size, resized: { columns: side, rows: side }, side });
    const enlarged = Uint8Array.from({ length: side * side }, (_, n) => {
      const near = (at: number) => Math.floor(((at + 0.5) * square.side) / side);
      return square.objects[near(n % side) + square.side * near(Math.floor(n / side))];
    });
    const asked = Array.from({ length: Math.min(mostObjects, shown.length) }, () => shown.splice(stream.integer(shown.length), 1)[0]);
    return { image, objects: asked.map((object) => maskOf(enlarged, object)), shown: enlarged };
  }
}

/** Outlines of a slice as canvas paths in voxel units, one per structure; placed on the screen without losing a hair's width. */
import { type Loop, outlines } from './contours';
import type { PlaneOf } from './extract';
import type { Placement } from './viewGeometry';

/** By structure index. */
export type SliceOutlines = ReadonlyMap<number, Path2D>;

function pathOf(loops: readonly Loop[]): Path2D {
  const path = new Path2D();
  for (const loop of loops) {
    path.moveTo(loop[0], loop[1]);
    for (let at = 2; at < loop.length; at += 2) path.lineTo(loop[at], loop[at + 1]);
    path.closePath();
  }
  return path;
}

export const contoursOf = (labels: PlaneOf<Uint8Array>): SliceOutlines =>
  new Map([...outlines(labels)].map(([structure, loops]) => [structure, pathOf(loops)]));

/** The path in CSS pixels of a view, so that line widths and dashes stay those of the screen. */
export function onScreen(path: Path2D, { xu, x0, yv, y0 }: Placement): Path2D {
  const placed = new Path2D();
  placed.addPath(path, { a: xu, b: 0, c: 0, d: yv, e: x0, f: y0 });
  return placed;
}

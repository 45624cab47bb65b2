/** Outlines of structures in a slice of labels: marching squares with halfway crossings, joined into closed loops. */
import type { PlaneOf } from './extract';

/** A closed outline: u, v, u, v, … in voxels of the plane, the last point joined to the first. */
export type Loop = Float32Array;

interface Box {
  left: number;
  right: number;
  low: number;
  high: number;
}

/** Bounding boxes of all structures in a plane, in voxels, by structure index. Background (0) is left out. */
export function boxesOf({ width, height, values }: PlaneOf<Uint8Array>): Map<number, Box> {
  const boxes: (Box | undefined)[] = new Array(256);
  for (let v = 0, at = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const structure = values[at++];
      if (structure === 0) continue;
      const box = boxes[structure];
      if (!box) boxes[structure] = { left: u, right: u, low: v, high: v };
      else {
        if (u < box.left) box.left = u;
        if (u > box.right) box.right = u;
        box.high = v;
      }
    }
  }
  return new Map(boxes.flatMap((box, structure) => (box ? [[structure, box] as const] : [])));
}

// Steps along voxel corners with the structure on the right-hand side: +u, +v, −u, −v.
const stepU = [1, 0, -1, 0];
const stepV = [0, 1, 0, -1];
// The voxel ahead on the right of a corner, and ahead on the left, for each of the four directions.
const rightU = [0, -1, -1, 0];
const rightV = [0, 0, -1, -1];
const leftU = [0, 0, -1, -1];
const leftV = [-1, 0, 0, -1];

/**
 * Every closed outline of one structure. Walks the voxel edges between inside and outside and joins the middles of consecutive
 * edges, which is marching squares with crossings halfway; voxels that touch only at a corner stay apart. Holes come as loops
 * of their own, so an even–odd fill of all loops is exactly the structure.
 */
export function traceStructure(plane: PlaneOf<Uint8Array>, structure: number, box: Box): Loop[] {
  const { width, height, values } = plane;
  const inside = (u: number, v: number) => u >= 0 && v >= 0 && u < width && v < height && values[v * width + u] === structure;
  const boxWidth = box.right - box.left + 1;
  const walked = new Uint8Array(boxWidth * (box.high - box.low + 1));
  const loops: Loop[] = [];
  for (let v = box.low; v <= box.high; v++) {
    for (let u = box.left; u <= box.right; u++) {
      if (!inside(u, v) || inside(u, v - 1) || walked[(v - box.low) * boxWidth + u - box.left]) continue;
      const points: number[] = [];
      let [cornerU, cornerV, direction] = [u, v, 0];
      do {
        if (direction === 0) walked[(cornerV - box.low) * boxWidth + cornerU - box.left] = 1;
        points.push(cornerU - 0.5 + stepU[direction] / 2, cornerV - 0.5 + stepV[direction] / 2);
        cornerU += stepU[direction];
        cornerV += stepV[direction];
        if (!inside(cornerU + rightU[direction], cornerV + rightV[direction])) direction = (direction + 1) % 4;
        else if (inside(cornerU + leftU[direction], cornerV + leftV[direction])) direction = (direction + 3) % 4;
      } while (cornerU !== u || cornerV !== v || direction !== 0);
      loops.push(Float32Array.from(points));
    }
  }
  return loops;
}

/** Cuts the corners of a closed loop once (Chaikin 1974): every edge keeps its middle half, so nothing moves by more than a quarter edge. */
export function cutCorners(loop: Loop): Loop {
  const out = new Float32Array(loop.length * 2);
  for (let at = 0, to = 0; at < loop.length; at += 2) {
    const next = (at + 2) % loop.length;
    for (const t of [0.25, 0.75]) {
      out[to++] = loop[at] + t * (loop[next] - loop[at]);
      out[to++] = loop[at + 1] + t * (loop[next + 1] - loop[at + 1]);
    }
  }
  return out;
}

/** Outlines of all structures of a plane, corners cut twice for the eye; still within half a voxel of the voxel edges. */
export function outlines(plane: PlaneOf<Uint8Array>): Map<number, Loop[]> {
  const found = [...boxesOf(plane)].map(
    ([structure, box]) => [structure, traceStructure(plane, structure, box).map((loop) => cutCorners(cutCorners(loop)))] as const,
  );
  return new Map(found);
}

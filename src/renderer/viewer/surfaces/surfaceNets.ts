/** A closed triangle surface through a field: naive surface nets (Gibson 1998), one vertex per cell that the surface crosses. */
import { type Affine, toMm } from '../../../shared/geometry';
import type { Field } from './occupancy';

export interface Surface {
  /** x, y, z per vertex, RAS+ mm. */
  readonly points: Float32Array;
  /** Outward unit vectors, one per vertex. */
  readonly normals: Float32Array;
  /** Three vertices per triangle, counter-clockwise seen from outside. */
  readonly triangles: Uint32Array;
}

// The 12 edges of a cell as pairs of its 8 corners; corner bits are x, y, z.
const edges = [
  [0, 1],
  [2, 3],
  [4, 5],
  [6, 7],
  [0, 2],
  [1, 3],
  [4, 6],
  [5, 7],
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 7],
] as const;

/**
 * Surface where the field crosses `level`; inside is above it.
 * @param affine  Of the grid the field was cut from: voxel index to RAS+ mm.
 */
export function surfaceOf({ size, values, first, step }: Field, level: number, affine: Affine): Surface {
  const [nx, ny, nz] = size;
  const vertexOfCell = new Int32Array(values.length).fill(-1);
  const positions: number[] = [];
  const corner = new Float32Array(8);
  const strides = [1, nx, nx * ny];
  const offsets = Array.from({ length: 8 }, (_, c) => (c & 1) + ((c >> 1) & 1) * nx + ((c >> 2) & 1) * nx * ny);

  for (let z = 0; z + 1 < nz; z++) {
    for (let y = 0; y + 1 < ny; y++) {
      for (let x = 0; x + 1 < nx; x++) {
        const at = x + nx * (y + ny * z);
        let inside = 0;
        for (let c = 0; c < 8; c++) {
          corner[c] = values[at + offsets[c]];
          if (corner[c] > level) inside |= 1 << c;
        }
        if (inside === 0 || inside === 255) continue;
        let [sx, sy, sz, crossings] = [0, 0, 0, 0];
        for (const [a, b] of edges) {
          if (((inside >> a) & 1) === ((inside >> b) & 1)) continue;
          const t = (level - corner[a]) / (corner[b] - corner[a]);
          sx += (a & 1) + t * ((b & 1) - (a & 1));
          sy += ((a >> 1) & 1) + t * (((b >> 1) & 1) - ((a >> 1) & 1));
          sz += ((a >> 2) & 1) + t * (((b >> 2) & 1) - ((a >> 2) & 1));
          crossings++;
        }
        vertexOfCell[at] = positions.length / 3;
        positions.push(x + sx / crossings, y + sy / crossings, z + sz / crossings);
      }
    }
  }

  const triangles: number[] = [];
  for (let z = 1; z + 1 < nz; z++) {
    for (let y = 1; y + 1 < ny; y++) {
      for (let x = 1; x + 1 < nx; x++) {
        const at = x + nx * (y + ny * z);
        const isInside = values[at] > level;
        for (let axis = 0; axis < 3; axis++) {
          if (isInside === values[at + strides[axis]] > level) continue;
          // The four cells around this edge of the lattice, in order around it.
          const [p, q] = [strides[(axis + 1) % 3], strides[(axis + 2) % 3]];
          const ring = [at, at - p, at - p - q, at - q].map((cell) => vertexOfCell[cell]);
          const [a, b, c, d] = isInside ? ring : ring.reverse();
          triangles.push(a, b, c, a, c, d);
        }
      }
    }
  }
  const points = new Float32Array(positions.length);
  for (let n = 0; n < positions.length; n += 3) {
    points.set(
      toMm({ affine }, [first[0] + step * positions[n], first[1] + step * positions[n + 1], first[2] + step * positions[n + 2]]),
      n,
    );
  }
  return facingOut({ points, triangles: Uint32Array.from(triangles) }, affine);
}

/** Vertex normals as area-weighted means of face normals. A grid that mirrors space turns the triangles round first. */
function facingOut({ points, triangles }: Omit<Surface, 'normals'>, a: Affine): Surface {
  const determinant = a[0] * (a[5] * a[10] - a[6] * a[9]) - a[1] * (a[4] * a[10] - a[6] * a[8]) + a[2] * (a[4] * a[9] - a[5] * a[8]);
  if (determinant < 0) {
    for (let n = 0; n < triangles.length; n += 3) [triangles[n + 1], triangles[n + 2]] = [triangles[n + 2], triangles[n + 1]];
  }
  const normals = new Float32Array(points.length);
  for (let n = 0; n < triangles.length; n += 3) {
    const [p, q, r] = [3 * triangles[n], 3 * triangles[n + 1], 3 * triangles[n + 2]];
    const [ux, uy, uz] = [points[q] - points[p], points[q + 1] - points[p + 1], points[q + 2] - points[p + 2]];
    const [vx, vy, vz] = [points[r] - points[p], points[r + 1] - points[p + 1], points[r + 2] - points[p + 2]];
    const [x, y, z] = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const vertex of [p, q, r]) {
      normals[vertex] += x;
      normals[vertex + 1] += y;
      normals[vertex + 2] += z;
    }
  }
  for (let n = 0; n < normals.length; n += 3) {
    const length = Math.hypot(normals[n], normals[n + 1], normals[n + 2]) || 1;
    for (let axis = 0; axis < 3; axis++) normals[n + axis] /= length;
  }
  return { points, normals, triangles };
}

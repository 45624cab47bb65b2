/** Implicit shapes: each gives a point's depth below its surface in millimetres, positive inside, so that edges can be drawn with partial volume. */
import type { Random } from '../../../shared/random';

export type Vector = readonly [x: number, y: number, z: number];
/** Axis-aligned box outside which a shape is certainly empty. */
export interface Box {
  low: Vector;
  high: Vector;
}
export interface Shape {
  /** Approximate depth below the surface in mm at a point of the body frame; exact in sign. */
  depth(x: number, y: number, z: number): number;
  box: Box;
}

/** An ellipsoid with the given half axes in mm, turned about x, then y, then z (radians). */
export function ellipsoid(centre: Vector, radii: Vector, turn: Vector = [0, 0, 0]): Shape {
  const m = rotation(turn);
  const [a, b, c] = radii.map((r) => 1 / r);
  const reach = [0, 1, 2].map((axis) => Math.hypot(m[axis] * radii[0], m[3 + axis] * radii[1], m[6 + axis] * radii[2]));
  return {
    box: around(centre, centre, reach as unknown as Vector),
    depth(x, y, z) {
      const dx = x - centre[0];
      const dy = y - centre[1];
      const dz = z - centre[2];
      const u = (m[0] * dx + m[1] * dy + m[2] * dz) * a;
      const v = (m[3] * dx + m[4] * dy + m[5] * dz) * b;
      const w = (m[6] * dx + m[7] * dy + m[8] * dz) * c;
      const k = Math.sqrt(u * u + v * v + w * w);
      // The usual first-order distance of an ellipsoid: value over gradient length.
      const gradient = Math.sqrt(u * u * a * a + v * v * b * b + w * w * c * c);
      return gradient === 0 ? Math.min(...radii) : (k * (1 - k)) / gradient;
    },
  };
}

/** A bent tube through `points`, with a radius in mm at each of them. */
export function tube(points: readonly Vector[], radii: readonly number[]): Shape {
  const most = Math.max(...radii);
  const low = [0, 1, 2].map((axis) => Math.min(...points.map((p) => p[axis])) - most) as unknown as Vector;
  const high = [0, 1, 2].map((axis) => Math.max(...points.map((p) => p[axis])) + most) as unknown as Vector;
  const pieces = points.slice(1).map((end, n) => {
    const start = points[n];
    const along = [end[0] - start[0], end[1] - start[1], end[2] - start[2]];
    return { start, along, inverse: 1 / (along[0] ** 2 + along[1] ** 2 + along[2] ** 2), from: radii[n], change: radii[n + 1] - radii[n] };
  });
  return {
    box: { low, high },
    depth(x, y, z) {
      let best = Number.NEGATIVE_INFINITY;
      for (const { start, along, inverse, from, change } of pieces) {
        const dx = x - start[0];
        const dy = y - start[1];
        const dz = z - start[2];
        const t = Math.min(1, Math.max(0, (dx * along[0] + dy * along[1] + dz * along[2]) * inverse));
        const ex = dx - t * along[0];
        const ey = dy - t * along[1];
        const ez = dz - t * along[2];
        best = Math.max(best, from + t * change - Math.sqrt(ex * ex + ey * ey + ez * ez));
      }
      return best;
    },
  };
}

/** Points on a smooth curve through `points` (Catmull & Rom), `steps` per piece. */
export function smoothPath(points: readonly Vector[], steps = 4): Vector[] {
  const at = (n: number) => points[Math.min(points.length - 1, Math.max(0, n))];
  const path: Vector[] = [];
  for (let n = 0; n + 1 < points.length; n++) {
    const [p, q, r, s] = [at(n - 1), at(n), at(n + 1), at(n + 2)];
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      path.push(
        [0, 1, 2].map(
          (a) => q[a] + 0.5 * t * (r[a] - p[a] + t * (2 * p[a] - 5 * q[a] + 4 * r[a] - s[a] + t * (3 * (q[a] - r[a]) + s[a] - p[a]))),
        ) as unknown as Vector,
      );
    }
  }
  return [...path, points[points.length - 1]];
}

/** All of the shapes, melted together over about `soft` mm where they meet. */
export function union(shapes: readonly Shape[], soft = 0): Shape {
  const low = [0, 1, 2].map((a) => Math.min(...shapes.map((s) => s.box.low[a])) - soft) as unknown as Vector;
  const high = [0, 1, 2].map((a) => Math.max(...shapes.map((s) => s.box.high[a])) + soft) as unknown as Vector;
  return {
    box: { low, high },
    depth(x, y, z) {
      let best = shapes[0].depth(x, y, z);
      for (let n = 1; n < shapes.length; n++) {
        const next = shapes[n].depth(x, y, z);
        const blend = soft > 0 ? Math.max(0, 1 - Math.abs(best - next) / soft) : 0;
        best = Math.max(best, next) + (blend * blend * soft) / 4;
      }
      return best;
    },
  };
}

/** `shape` without what lies inside `removed`. */
export const without = (shape: Shape, removed: Shape): Shape => ({
  box: shape.box,
  depth(x, y, z) {
    const depth = shape.depth(x, y, z);
    return depth <= -20 ? depth : Math.min(depth, -removed.depth(x, y, z));
  },
});

/** Moves the surface in and out by smooth bumps of about `heightMm`, 35–90 mm long. */
export function bumpy(shape: Shape, heightMm: number, random: Random): Shape {
  if (heightMm <= 0) return shape;
  const waves = Array.from({ length: 4 }, () => {
    const direction = [random.normal(), random.normal(), random.normal()];
    const scale = (2 * Math.PI) / random.uniform(35, 90) / Math.hypot(...direction);
    return { x: direction[0] * scale, y: direction[1] * scale, z: direction[2] * scale, phase: random.uniform(0, 2 * Math.PI) };
  });
  const height = heightMm / Math.sqrt(2);
  const reach = height * waves.length;
  return {
    box: { low: shape.box.low.map((x) => x - reach) as unknown as Vector, high: shape.box.high.map((x) => x + reach) as unknown as Vector },
    depth(x, y, z) {
      const depth = shape.depth(x, y, z);
      if (depth < -reach || depth > reach + 10) return depth;
      let sum = 0;
      for (const w of waves) sum += Math.sin(w.x * x + w.y * y + w.z * z + w.phase);
      return depth + height * sum;
    },
  };
}

/** Row-major rotation from the body frame into a frame turned by x, then y, then z. */
function rotation([rx, ry, rz]: Vector): number[] {
  const [cx, sx, cy, sy, cz, sz] = [Math.cos(rx), Math.sin(rx), Math.cos(ry), Math.sin(ry), Math.cos(rz), Math.sin(rz)];
  return [
    cz * cy,
    cz * sy * sx + sz * cx,
    -cz * sy * cx + sz * sx,
    -sz * cy,
    -sz * sy * sx + cz * cx,
    sz * sy * cx + cz * sx,
    sy,
    -cy * sx,
    cy * cx,
  ];
}

const around = (low: Vector, high: Vector, reach: Vector): Box => ({
  low: low.map((x, a) => x - reach[a]) as unknown as Vector,
  high: high.map((x, a) => x + reach[a]) as unknown as Vector,
});

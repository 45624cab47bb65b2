/** Smooth random fields and small separable filters on a lattice: what deforms a body, textures its tissue and blurs its image. */
import type { Index3 } from '../../../shared/geometry';
import type { Random } from '../../../shared/random';

/**
 * A smooth random field with mean about 0 and standard deviation about 1: cubic B-splines over normal numbers every `cell` voxels.
 * Length i·j·k, i fastest.
 */
export function smoothField(size: Index3, cell: number, random: Random): Float32Array {
  const knots = size.map((n) => Math.ceil(n / cell) + 3) as unknown as Index3;
  let field: Float32Array = new Float32Array(knots[0] * knots[1] * knots[2]);
  for (let n = 0; n < field.length; n++) field[n] = random.normal();
  let shape: Index3 = knots;
  for (const axis of [0, 1, 2] as const) {
    field = stretch(field, shape, axis, size[axis], cell);
    shape = shape.map((n, a) => (a === axis ? size[axis] : n)) as unknown as Index3;
  }
  // Σw² of a cubic B-spline is 0.479 on average; cubed it is the variance that three axes leave.
  const gain = 0.479 ** -1.5;
  for (let n = 0; n < field.length; n++) field[n] *= gain;
  return field;
}

/** Spline interpolation along one axis, from knots to `length` samples. */
function stretch(from: Float32Array, shape: Index3, axis: 0 | 1 | 2, length: number, cell: number): Float32Array {
  const inner = axis === 0 ? 1 : axis === 1 ? shape[0] : shape[0] * shape[1];
  const outer = from.length / (inner * shape[axis]);
  const to = new Float32Array(inner * length * outer);
  for (let n = 0; n < length; n++) {
    const knot = Math.floor(n / cell);
    const t = n / cell - knot;
    const w = [(1 - t) ** 3 / 6, (3 * t ** 3 - 6 * t * t + 4) / 6, (-3 * t ** 3 + 3 * t * t + 3 * t + 1) / 6, t ** 3 / 6];
    for (let o = 0; o < outer; o++) {
      const start = (o * shape[axis] + knot) * inner;
      const target = (o * length + n) * inner;
      for (let i = 0; i < inner; i++) {
        const at = start + i;
        to[target + i] = w[0] * from[at] + w[1] * from[at + inner] + w[2] * from[at + 2 * inner] + w[3] * from[at + 3 * inner];
      }
    }
  }
  return to;
}

/** Gaussian blur in place, `sigma` in voxels per axis; the border value goes on outside. */
export function blur(field: Float32Array, size: Index3, sigma: readonly [number, number, number]): void {
  for (const axis of [0, 1, 2] as const) {
    if (sigma[axis] <= 0) continue;
    const half = Math.max(1, Math.ceil(3 * sigma[axis]));
    const weights = Float64Array.from({ length: 2 * half + 1 }, (_, n) => Math.exp(-0.5 * ((n - half) / sigma[axis]) ** 2));
    const sum = weights.reduce((a, b) => a + b, 0);
    for (let n = 0; n < weights.length; n++) weights[n] /= sum;
    const stride = axis === 0 ? 1 : axis === 1 ? size[0] : size[0] * size[1];
    const length = size[axis];
    const padded = new Float64Array(length + 2 * half);
    for (let start = 0; start < field.length; start++) {
      if (Math.floor(start / stride) % length !== 0) continue;
      for (let n = 0; n < padded.length; n++) padded[n] = field[start + stride * Math.min(length - 1, Math.max(0, n - half))];
      for (let n = 0; n < length; n++) {
        let value = 0;
        for (let w = 0; w < weights.length; w++) value += weights[w] * padded[n + w];
        field[start + stride * n] = value;
      }
    }
  }
}

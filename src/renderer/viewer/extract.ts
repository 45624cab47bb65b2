/** Cuts planes out of volumes, and makes image planes finer by cubic interpolation (labels are never interpolated). */
import type { Index3 } from '../../shared/geometry';
import type { Voxels } from '../../shared/volume';
import type { PlaneAxes } from './planes';

/** `values.length === width·height`, u fastest. */
export interface PlaneOf<Values> {
  readonly width: number;
  readonly height: number;
  readonly values: Values;
}

function copyPlane(
  from: ArrayLike<number>,
  to: { [index: number]: number },
  size: Index3,
  { through, across, up }: PlaneAxes,
  slice: number,
): void {
  const strides = [1, size[0], size[0] * size[1]];
  const [stepU, stepV] = [strides[across], strides[up]];
  const [width, height] = [size[across], size[up]];
  let at = 0;
  for (let v = 0; v < height; v++) {
    let source = slice * strides[through] + v * stepV;
    for (let u = 0; u < width; u++, source += stepU) to[at++] = from[source];
  }
}

/** Intensities of one slice, in the channel's unit. */
export function extractImage(voxels: Voxels, size: Index3, axes: PlaneAxes, slice: number): PlaneOf<Float32Array> {
  const values = new Float32Array(size[axes.across] * size[axes.up]);
  copyPlane(voxels, values, size, axes, slice);
  return { width: size[axes.across], height: size[axes.up], values };
}

/** Structure indices of one slice. */
export function extractLabels(voxels: Uint8Array, size: Index3, axes: PlaneAxes, slice: number): PlaneOf<Uint8Array> {
  const values = new Uint8Array(size[axes.across] * size[axes.up]);
  copyPlane(voxels, values, size, axes, slice);
  return { width: size[axes.across], height: size[axes.up], values };
}

/** Taps and Catmull–Rom weights (a = −1/2) that turn `count` samples into `count·factor`, edges repeated. */
function cubicTaps(count: number, factor: number) {
  const total = count * factor;
  const index = new Int32Array(total * 4);
  const weight = new Float32Array(total * 4);
  for (let x = 0; x < total; x++) {
    const position = (x + 0.5) / factor - 0.5;
    const base = Math.floor(position);
    const t = position - base;
    const w = [
      -0.5 * t + t * t - 0.5 * t ** 3,
      1 - 2.5 * t * t + 1.5 * t ** 3,
      0.5 * t + 2 * t * t - 1.5 * t ** 3,
      -0.5 * t * t + 0.5 * t ** 3,
    ];
    for (let tap = 0; tap < 4; tap++) {
      index[4 * x + tap] = Math.min(count - 1, Math.max(0, base - 1 + tap));
      weight[4 * x + tap] = w[tap];
    }
  }
  return { total, index, weight };
}

/**
 * Makes a plane `factorU`×`factorV` finer, cubic in both directions but never beyond the two samples it lies between: an
 * overshoot would paint a bright rim where tissue meets air. Fine sample x lies at voxel (x + ½)/factor − ½,
 * so the finer plane covers exactly the same rectangle. Factor 1 in both returns the plane itself.
 */
export function finer(plane: PlaneOf<Float32Array>, factorU: number, factorV: number): PlaneOf<Float32Array> {
  if (factorU === 1 && factorV === 1) return plane;
  const { width, height, values } = plane;
  const u = cubicTaps(width, factorU);
  const v = cubicTaps(height, factorV);
  const wide = new Float32Array(u.total * height);
  for (let row = 0, at = 0; row < height; row++) {
    const start = row * width;
    for (let x = 0, k = 0; x < u.total; x++, k += 4) {
      const near = values[start + u.index[k + 1]];
      const next = values[start + u.index[k + 2]];
      const sum =
        u.weight[k] * values[start + u.index[k]] +
        u.weight[k + 1] * near +
        u.weight[k + 2] * next +
        u.weight[k + 3] * values[start + u.index[k + 3]];
      wide[at++] = between(near, next, sum);
    }
  }
  const out = new Float32Array(u.total * v.total);
  for (let y = 0, at = 0; y < v.total; y++) {
    const k = 4 * y;
    const [a, b, c, d] = [v.weight[k], v.weight[k + 1], v.weight[k + 2], v.weight[k + 3]];
    const [ra, rb, rc, rd] = [v.index[k], v.index[k + 1], v.index[k + 2], v.index[k + 3]].map((row) => row * u.total);
    for (let x = 0; x < u.total; x++) {
      const near = wide[rb + x];
      const next = wide[rc + x];
      const sum = a * wide[ra + x] + b * near + c * next + d * wide[rd + x];
      out[at++] = between(near, next, sum);
    }
  }
  return { width: u.total, height: v.total, values: out };
}

/** The value, or the nearer of a and b when it lies beyond them. */
const between = (a: number, b: number, value: number): number =>
  a < b ? Math.min(b, Math.max(a, value)) : Math.min(a, Math.max(b, value));

/** How much finer to make a plane: enough for smooth edges on the screen, bounded so that a drawing stays a matter of milliseconds. */
export function finenessFor(pixelsPerVoxel: readonly [number, number], size: readonly [number, number], mostSamples = 600_000) {
  const wanted = pixelsPerVoxel.map((pixels) => Math.min(6, Math.max(1, Math.round(pixels / 1.5))));
  const shrink = Math.min(1, Math.sqrt(mostSamples / (size[0] * wanted[0] * size[1] * wanted[1])));
  return wanted.map((factor) => Math.max(1, Math.floor(factor * shrink))) as [number, number];
}

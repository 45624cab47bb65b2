/** Cuts a patch out of a case through a random rotation, scaling, elastic deformation and left–right flip. */
import type { Random } from '../../../shared/random';

/** A prepared case as far as cutting needs it: normalised channels and class numbers on one lattice, i fastest. */
export interface Source {
  size: readonly [number, number, number];
  spacingMm: readonly [number, number, number];
  channels: readonly Float32Array[];
  /** What lies outside the volume, per channel. */
  outside: readonly number[];
  classes: Uint8Array | null;
}

/** Where and how to cut. */
export interface Cut {
  /** Voxel index of the patch centre in the source. */
  centre: readonly [number, number, number];
  /** Patch offset → source offset, both in voxels, row-major 3×3. */
  linear: readonly number[];
  /** Displacements of a coarse lattice spanning the patch, in source voxels: three arrays of `knots³`, i fastest; null for none. */
  elastic: readonly [Float32Array, Float32Array, Float32Array] | null;
  /** Mirror left and right. */
  flip: boolean;
}

const knots = 5;

/**
 * Draws a cut. At strength 1: rotations up to ±20° about the long axis and ±10° about the others, scaling 0.8–1.25 and
 * elastic shifts with a standard deviation of 4 % of the patch. Rotations act in millimetres, so anisotropic voxels do not shear.
 */
export function drawCut(
  random: Random,
  centre: Cut['centre'],
  patch: readonly number[],
  spacingMm: readonly number[],
  strength: number,
  flips: boolean,
): Cut {
  const angle = (degrees: number) => ((strength * degrees * Math.PI) / 180) * (2 * random.uniform() - 1);
  const [a, b, c] = [angle(10), angle(10), angle(20)];
  const scale = 1.25 ** (strength * (2 * random.uniform() - 1));
  const [ca, sa, cb, sb, cc, sc] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)];
  const rotation = [
    cb * cc, sa * sb * cc - ca * sc, ca * sb * cc + sa * sc,
    cb * sc, sa * sb * sc + ca * cc, ca * sb * sc - sa * cc,
    -sb, sa * cb, ca * cb,
  ]; // biome-ignore format: a 3×3 matrix
  const linear = rotation.map((value, at) => (value * scale * spacingMm[at % 3]) / spacingMm[Math.floor(at / 3)]);
  const wobble = (axis: number) => Float32Array.from({ length: knots ** 3 }, () => random.normal() * 0.04 * strength * patch[axis]);
  const elastic = strength > 0 ? ([wobble(0), wobble(1), wobble(2)] as const) : null;
  return { centre, linear, elastic, flip: flips && random.uniform() < 0.5 };
}

/**
 * Fills `images` (one array per channel) and `classes` with the patch, i fastest. Intensities are interpolated linearly, classes by the nearest voxel.
 * @param mirror class number → class number of the other side, applied when the cut is flipped
 */
export function cutPatch(
  source: Source,
  cut: Cut,
  patch: readonly [number, number, number],
  images: Float32Array[],
  classes: Uint8Array | null,
  mirror: readonly number[],
): void {
  const [pi, pj, pk] = patch;
  const [si, sj, sk] = source.size;
  const m = cut.linear;
  const half = [(pi - 1) / 2, (pj - 1) / 2, (pk - 1) / 2];
  const row = [new Float32Array(knots), new Float32Array(knots), new Float32Array(knots)];
  const plane = si * sj;
  let at = 0;
  for (let k = 0; k < pk; k++) {
    for (let j = 0; j < pj; j++) {
      if (cut.elastic) for (let axis = 0; axis < 3; axis++) blendRow(cut.elastic[axis], j / (pj - 1 || 1), k / (pk - 1 || 1), row[axis]);
      for (let i = 0; i < pi; i++, at++) {
        const di = cut.flip ? half[0] - i : i - half[0];
        const [dj, dk] = [j - half[1], k - half[2]];
        let x = cut.centre[0] + m[0] * di + m[1] * dj + m[2] * dk;
        let y = cut.centre[1] + m[3] * di + m[4] * dj + m[5] * dk;
        let z = cut.centre[2] + m[6] * di + m[7] * dj + m[8] * dk;
        if (cut.elastic) {
          const t = (i / (pi - 1 || 1)) * (knots - 1);
          const cell = Math.min(knots - 2, Math.floor(t));
          const f = t - cell;
          x += row[0][cell] + f * (row[0][cell + 1] - row[0][cell]);
          y += row[1][cell] + f * (row[1][cell + 1] - row[1][cell]);
          z += row[2][cell] + f * (row[2][cell + 1] - row[2][cell]);
        }
        const inside = x > -0.5 && y > -0.5 && z > -0.5 && x < si - 0.5 && y < sj - 0.5 && z < sk - 0.5;
        if (!inside) {
          for (let c = 0; c < images.length; c++) images[c][at] = source.outside[c];
          if (classes) classes[at] = 0;
          continue;
        }
        const x0 = Math.min(Math.max(Math.floor(x), 0), Math.max(0, si - 2));
        const y0 = Math.min(Math.max(Math.floor(y), 0), Math.max(0, sj - 2));
        const z0 = Math.min(Math.max(Math.floor(z), 0), Math.max(0, sk - 2));
        const fx = Math.min(Math.max(x - x0, 0), 1);
        const fy = Math.min(Math.max(y - y0, 0), 1);
        const fz = Math.min(Math.max(z - z0, 0), 1);
        const o = x0 + y0 * si + z0 * plane;
        const [stepX, stepY, stepZ] = [si > 1 ? 1 : 0, sj > 1 ? si : 0, sk > 1 ? plane : 0];
        for (let c = 0; c < images.length; c++) {
          const v = source.channels[c];
          const a0 = v[o] + fx * (v[o + stepX] - v[o]);
          const a1 = v[o + stepY] + fx * (v[o + stepY + stepX] - v[o + stepY]);
          const b = o + stepZ;
          const b0 = v[b] + fx * (v[b + stepX] - v[b]);
          const b1 = v[b + stepY] + fx * (v[b + stepY + stepX] - v[b + stepY]);
          const near = a0 + fy * (a1 - a0);
          images[c][at] = near + fz * (b0 + fy * (b1 - b0) - near);
        }
        if (classes && source.classes) {
          const nearest = source.classes[Math.round(x) + Math.round(y) * si + Math.round(z) * plane];
          classes[at] = cut.flip ? mirror[nearest] : nearest;
        }
      }
    }
  }
}

/** Interpolates the coarse lattice at relative height (v, w) into one row of knots along i. */
function blendRow(lattice: Float32Array, v: number, w: number, row: Float32Array): void {
  const [tv, tw] = [v * (knots - 1), w * (knots - 1)];
  const [cv, cw] = [Math.min(knots - 2, Math.floor(tv)), Math.min(knots - 2, Math.floor(tw))];
  const [fv, fw] = [tv - cv, tw - cw];
  for (let u = 0; u < knots; u++) {
    const o = u + cv * knots + cw * knots * knots;
    const near = lattice[o] + fv * (lattice[o + knots] - lattice[o]);
    const far = lattice[o + knots * knots] + fv * (lattice[o + knots * knots + knots] - lattice[o + knots * knots]);
    row[u] = near + fw * (far - near);
  }
}

/** Convolution, pooling and interpolation as their definitions read. */
import { sizeOf } from '../../../src/main/engine/tensor';
import { box, type Evaluate, exact, list, make, type Numbers, whole } from './numbers';

interface Geometry {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  before: readonly number[];
}
/** For every window and every place in it, the flat position in the image, or −1 outside: [windows, places]. */
function tapsOf(image: readonly number[], windows: readonly number[], { kernel, strides, dilations, before }: Geometry): Int32Array {
  const taps = new Int32Array(sizeOf(windows) * sizeOf(kernel));
  let next = 0;
  box(windows, (s) => {
    box(kernel, (d) => {
      let flat = 0;
      for (const [i, side] of image.entries()) {
        const at = s[i] * strides[i] + d[i] * dilations[i] - before[i];
        flat = flat < 0 || at < 0 || at >= side ? -1 : flat * side + at;
      }
      taps[next++] = flat;
    });
  });
  return taps;
}
const ones = (kernel: readonly number[]) => kernel.map(() => 1);

/** Visits every product of a grouped convolution: positions in y [N, K, windows], in w [K, C/groups, places], in x [N, C, image]. */
function products(
  [batch, outputs]: readonly number[],
  groups: number,
  channels: number,
  image: readonly number[],
  places: number,
  taps: Int32Array,
  visit: (y: number, w: number, x: number) => void,
): void {
  const windows = places === 0 ? 0 : taps.length / places;
  const size = sizeOf(image);
  for (let n = 0; n < batch; n++) {
    for (let k = 0; k < outputs; k++) {
      for (let c = 0; c < channels; c++) {
        const plane = (n * groups + Math.floor((k * groups) / outputs)) * channels + c;
        for (let s = 0; s < windows; s++) {
          for (let d = 0; d < places; d++) {
            const tap = taps[s * places + d];
            if (tap >= 0) visit((n * outputs + k) * windows + s, (k * channels + c) * places + d, plane * size + tap);
          }
        }
      }
    }
  }
}

const Conv: Evaluate = ([x, w, b], node) => {
  const [image, kernel] = [x.dims.slice(2), w.dims.slice(2)];
  const geometry = { kernel, strides: list(node, 'strides'), dilations: list(node, 'dilations'), before: list(node, 'pads') };
  const taps = tapsOf(image, node.dims.slice(2), geometry);
  const y = make(node.dims, ([, k]) => (b ? b.data[k] : 0));
  products(node.dims, whole(node, 'group', 1), w.dims[1], image, sizeOf(kernel), taps, (at, weight, voxel) => {
    y.data[at] += w.data[weight] * x.data[voxel];
  });
  return y;
};
const ConvWeightGradient: Evaluate = ([g, x], node) => {
  const [image, kernel] = [x.dims.slice(2), list(node, 'kernel')];
  const geometry = { kernel, strides: ones(kernel), dilations: list(node, 'dilations'), before: list(node, 'before') };
  const taps = tapsOf(image, g.dims.slice(2), geometry);
  const dw = make(node.dims, () => 0);
  products(g.dims, whole(node, 'groups', 1), node.dims[1], image, sizeOf(kernel), taps, (at, weight, voxel) => {
    dw.data[weight] += g.data[at] * x.data[voxel];
  });
  return dw;
};
/** The adjoint of a convolution from y to x. */
const ConvTranspose: Evaluate = ([x, w, b], node) => {
  const [image, kernel] = [node.dims.slice(2), w.dims.slice(2)];
  const geometry = { kernel, strides: list(node, 'strides'), dilations: ones(kernel), before: list(node, 'pads') };
  const taps = tapsOf(image, x.dims.slice(2), geometry);
  const y = make(node.dims, ([, k]) => (b ? b.data[k] : 0));
  products(x.dims, whole(node, 'group', 1), w.dims[1], image, sizeOf(kernel), taps, (at, weight, voxel) => {
    y.data[voxel] += w.data[weight] * x.data[at];
  });
  return y;
};

/** For every window of every plane, the flat position of its largest number, the first of equals. */
function maxima(x: Numbers, windows: readonly number[], kernel: number[], strides: number[], before: number[] | undefined): number[] {
  const image = x.dims.slice(2);
  const taps = tapsOf(image, windows, { kernel, strides, dilations: ones(kernel), before: before ?? kernel.map(() => 0) });
  const [size, places] = [sizeOf(image), sizeOf(kernel)];
  return Array.from({ length: x.dims[0] * x.dims[1] * sizeOf(windows) }, (_, i) => {
    const [plane, window] = [Math.floor(i / sizeOf(windows)), i % sizeOf(windows)];
    let best = -1;
    for (const tap of taps.subarray(window * places, (window + 1) * places)) {
      const at = plane * size + tap;
      if (tap >= 0 && (best < 0 || x.data[at] > x.data[best])) best = at;
    }
    return best;
  });
}
const pooling = (node: Parameters<Evaluate>[1]) =>
  [list(node, 'kernel_shape'), list(node, 'strides'), node.attributes.pads as number[] | undefined] as const;
const MaxPool: Evaluate = ([x], node) => {
  const found = maxima(x, node.dims.slice(2), ...pooling(node));
  return { dims: node.dims, data: Float64Array.from(found, (at) => (node.op.rule.output === 1 ? at : x.data[at])) };
};
const MaxPoolGradient: Evaluate = ([g, x], node) => {
  const dx = make(node.dims, () => 0);
  for (const [i, at] of maxima(x, g.dims.slice(2), ...pooling(node)).entries()) dx.data[at] += g.data[i];
  return dx;
};

/** Places and weights along an axis of what a sample is made of. */
function tapsAlong(t: number, from: number, to: number, factor: number, attributes: Record<string, unknown>): [number, number][] {
  const inside = (at: number) => Math.min(from - 1, Math.max(0, at));
  const centre = {
    align_corners: to === 1 ? 0 : (t * (from - 1)) / (to - 1),
    asymmetric: t / factor,
    half_pixel: (t + 0.5) / factor - 0.5,
  }[attributes.coordinate_transformation_mode as 'align_corners' | 'asymmetric' | 'half_pixel'];
  // Positions that are whole in exact arithmetic should not fall to the voxel below by a rounding error.
  const low = Math.floor(centre + 1e-9);
  if (attributes.mode === 'nearest') return [[inside(attributes.nearest_mode === 'floor' ? low : Math.floor(centre + 0.5 + 1e-9)), 1]];
  if (attributes.mode === 'linear') {
    const share = inside(centre) - Math.floor(inside(centre));
    return [
      [Math.floor(inside(centre)), 1 - share],
      [inside(Math.floor(inside(centre)) + 1), share],
    ];
  }
  const a = -0.75;
  return [low - 1, low, low + 1, low + 2].map((at) => {
    const d = Math.abs(centre - at);
    const weight = d <= 1 ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1 : a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a;
    return [inside(at), weight];
  });
}
const Resize: Evaluate = ([x, , scales], node) =>
  make(node.dims, (position) => {
    let corners: [number, number[]][] = [[1, []]];
    for (const [axis, at] of position.entries()) {
      const [from, to] = [x.dims[axis], node.dims[axis]];
      const taps: [number, number][] =
        axis < 2 ? [[at, 1]] : tapsAlong(at, from, to, scales.data.length > 0 ? scales.data[axis] : to / from, node.attributes);
      corners = corners.flatMap(([weight, where]) => taps.map(([p, share]): [number, number[]] => [weight * share, [...where, p]]));
    }
    return corners.reduce((sum, [weight, where]) => sum + weight * exact(x, where), 0);
  });

export const windowRules: Record<string, Evaluate> = { Conv, ConvWeightGradient, ConvTranspose, MaxPool, MaxPoolGradient, Resize };

/** Resize and Upsample of all versions: every axis is a small constant matrix, so any mode has its gradient. */
import type { Constant, Value } from '../graph';
import { along, axisMatrix } from '../ops/axisMatrix';
import { interpolate } from '../ops/interpolate';
import { repeatEach } from '../ops/rearrange';
import { sameDims, showDims } from '../tensor';
import type { Operation, Translations } from './operation';

interface Manner {
  mode: string;
  /** How a place of the result becomes one of the input. */
  coordinates: string;
  nearest: string;
  /** Coefficient of the cubic (Keys 1981); −0.75 as PyTorch has it. */
  a: number;
  excludeOutside: boolean;
}

/** Where place `t` of the result lies on the input. */
function source(t: number, from: number, to: number, scale: number, coordinates: string): number {
  switch (coordinates) {
    case 'half_pixel':
      return (t + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric':
      return (from / 2) * (1 - to / (scale * from)) + (t + 0.5) / scale - 0.5;
    case 'pytorch_half_pixel':
      return to > 1 ? (t + 0.5) / scale - 0.5 : 0;
    case 'tf_half_pixel_for_nn':
      return (t + 0.5) / scale;
    case 'align_corners':
      return to === 1 ? 0 : (t * (from - 1)) / (to - 1);
    case 'asymmetric':
      return t / scale;
    default:
      throw new Error(`coordinates of the kind ${coordinates} are not supported`);
  }
}
const roundings: Readonly<Record<string, (x: number, scale: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
  // Before version 11: down to the next place when it grows, up when it shrinks.
  simple: (x, scale) => (scale < 1 ? Math.ceil(x) : Math.floor(x)),
};
/** Keys' cubic at distance d. */
const cubic = (d: number, a: number): number => {
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
};

/** Places and weights that make place `t` of the result. */
function taps(at: number, from: number, scale: number, manner: Manner): [number, number][] {
  if (manner.mode === 'nearest') return [[roundings[manner.nearest](at, scale), 1]];
  if (manner.mode === 'linear') {
    const held = Math.min(from - 1, Math.max(0, at));
    const low = Math.floor(held);
    return [
      [low, 1 - (held - low)],
      [low + 1, held - low],
    ];
  }
  const low = Math.floor(at);
  const all = [-1, 0, 1, 2].map((k): [number, number] => [low + k, cubic(Math.abs(at - low - k), manner.a)]);
  if (!manner.excludeOutside) return all;
  const inside = all.filter(([place]) => place >= 0 && place < from);
  const sum = inside.reduce((total, [, weight]) => total + weight, 0);
  return inside.map(([place, weight]) => [place, weight / sum]);
}
/** Weights [to, from] along one axis; beyond the edge the edge holds. */
const matrixOf = (from: number, to: number, scale: number, manner: Manner): Constant =>
  axisMatrix(to, from, (t) =>
    taps(source(t, from, to, scale, manner.coordinates), from, scale, manner).map(([place, weight]): [number, number] => [
      Math.min(from - 1, Math.max(0, place)),
      weight,
    ]),
  );
/** How often each place is repeated, if that is all the matrix does; else 0. */
function repeats({ dims: [to, from], data }: Constant): number {
  const factor = to / from;
  if (!Number.isInteger(factor)) return 0;
  for (let t = 0; t < to; t++) if (data[t * from + Math.floor(t / factor)] !== 1) return 0;
  return factor;
}
/** Numbers in the matrix of one axis. */
const largestMatrix = 2 ** 26;
function resized(op: Operation): Value {
  const isFirst = op.opset < 11;
  const { x } = op;
  const axes = op.list('axes')?.map((axis) => op.axis(axis)) ?? x.dims.map((_, axis) => axis);
  const factors = op.numbers(isFirst ? 1 : 2) ?? op.list('scales');
  const sizes = isFirst ? null : op.numbers(3);
  const given = sizes?.length ? sizes : factors?.length ? factors : [];
  if (given.length !== axes.length)
    throw new Error(`expected ${axes.length} sizes or factors for ${showDims(x.dims)}, ${given.length} came`);
  const [to, scales] = [[...x.dims], x.dims.map(() => 1)];
  for (const [i, axis] of axes.entries()) {
    const side = x.dims[axis];
    to[axis] = sizes?.length ? sizes[i] : Math.floor(side * given[i] + 1e-9);
    scales[axis] = sizes?.length ? to[axis] / side : given[i];
  }
  if (to.some((side, axis) => !(side > 0 && side * x.dims[axis] <= largestMatrix)))
    throw new Error(`${showDims(x.dims)} cannot become ${showDims(to)}`);
  if (op.int('antialias', 0) === 1 && to.some((side, axis) => side < x.dims[axis]))
    throw new Error('shrinking without aliasing is not supported');
  if (op.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new Error('keeping the aspect ratio is not supported, expected stretch');
  const mode = op.text('mode', 'nearest');
  const manner: Manner = {
    mode: mode === 'bilinear' || mode === 'trilinear' ? 'linear' : mode,
    coordinates: op.text('coordinate_transformation_mode', isFirst ? 'asymmetric' : 'half_pixel'),
    nearest: isFirst ? 'simple' : op.text('nearest_mode', 'round_prefer_floor'),
    a: op.real('cubic_coeff_a', -0.75),
    excludeOutside: op.int('exclude_outside', 0) === 1,
  };
  if (!['nearest', 'linear', 'cubic'].includes(manner.mode)) throw new Error(`the mode ${mode} is not supported`);
  if (isPlain(x, to, scales, manner)) {
    return interpolate(x, to.slice(2), manner.coordinates === 'align_corners' ? 'aligned' : 'halfPixel');
  }
  let y = x;
  for (let axis = x.dims.length - 1; axis >= 0; axis--) {
    if (to[axis] === x.dims[axis]) continue;
    const matrix = matrixOf(x.dims[axis], to[axis], scales[axis], manner);
    const factor = repeats(matrix);
    y = factor > 0 ? repeatEach(y, factor, axis) : along(y, axis, matrix);
  }
  return y;
}
/** Whether the engine's own op says the same. */
function isPlain(x: Value, to: readonly number[], scales: readonly number[], { mode, coordinates }: Manner): boolean {
  const isAligned = coordinates === 'align_corners';
  const isHalf = coordinates === 'half_pixel' || (coordinates === 'pytorch_half_pixel' && to.slice(2).every((side) => side > 1));
  const isExact = to.every((side, axis) => Math.abs(side - x.dims[axis] * scales[axis]) < 1e-6);
  return mode === 'linear' && x.dims.length > 2 && sameDims(to.slice(0, 2), x.dims.slice(0, 2)) && (isAligned || (isHalf && isExact));
}

export const resizeOps: Translations = { Resize: resized, Upsample: resized };

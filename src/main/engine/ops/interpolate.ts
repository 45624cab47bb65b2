/** Interpolation on grids: each axis is a small constant matrix, so its gradient is the transposed one. */
import { type Attributes, absent, type Constant, constant, defineOp, integers, integersOf, type Op, type Value } from '../graph';
import { showDims } from '../tensor';
import { along, axisMatrix, transposed } from './axisMatrix';

/** Where the first and last samples lie: `aligned` puts them on the corners' centres, `halfPixel` keeps the extent. */
export type Corners = 'aligned' | 'halfPixel';
/**
 * How a number between samples is found. `cubic` has a = −0.75, as PyTorch. `nearest` takes the sample at ⌊t·from/to⌋, `nearestExact`
 * the one whose centre is nearest; neither asks where the corners lie.
 */
export type Curve = 'linear' | 'cubic' | 'nearest' | 'nearestExact';

const attributesOf = (curve: Curve, corners: Corners): Attributes => {
  if (curve === 'nearest') return { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  if (curve === 'nearestExact') return { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' };
  const coordinates = corners === 'aligned' ? 'align_corners' : 'half_pixel';
  if (curve === 'linear') return { mode: 'linear', coordinate_transformation_mode: coordinates };
  return { mode: 'cubic', coordinate_transformation_mode: coordinates, cubic_coeff_a: { float: -0.75 } };
};

/** Weights [to, from] along an axis whose samples lie `step` old ones apart; past the first and last sample their numbers hold. */
function weights(from: number, to: number, step: number, { mode, coordinate_transformation_mode: corners }: Attributes): Constant {
  const within = (place: number) => Math.min(from - 1, Math.max(0, place));
  const centre = (t: number) => {
    if (corners === 'align_corners') return to === 1 ? 0 : (t * (from - 1)) / (to - 1);
    return corners === 'asymmetric' ? t * step : (t + 0.5) * step - 0.5;
  };
  return axisMatrix(to, from, (t) => {
    if (mode === 'nearest') return [[within(Math.floor(corners === 'asymmetric' ? centre(t) : centre(t) + 0.5)), 1]];
    const at = mode === 'linear' ? within(centre(t)) : centre(t);
    const below = Math.floor(at);
    const share = at - below;
    if (mode === 'linear') {
      return [
        [below, 1 - share],
        [within(below + 1), share],
      ];
    }
    return [-1, 0, 1, 2].map((offset) => [within(below + offset), cubic(Math.abs(share - offset))]);
  });
}
/** The cubic convolution kernel (Keys 1981) with a = −0.75 at distance d < 2. */
function cubic(d: number): number {
  const a = -0.75;
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

/** Weights [to, from] of linear interpolation along one axis. */
export const linearMatrix = (from: number, to: number, corners: Corners): Constant =>
  weights(from, to, from / to, attributesOf('linear', corners));

/** The matrix of every axis that changes. A factor that was given is used as it was given, not as the ratio of whole sizes. */
function matrices(inputs: readonly Value[], attributes: Attributes): { axis: number; matrix: Constant }[] {
  const [x, , scales, sizes] = inputs;
  const to = sizeAsked(inputs);
  return x.dims.flatMap((from, axis) => {
    const factor = sizes === absent ? Number((scales as Constant).data[axis]) : to[axis] / from;
    if (axis < 2 || factor === 1) return [];
    return [{ axis, matrix: weights(from, to[axis], sizes === absent ? 1 / factor : from / to[axis], attributes) }];
  });
}

/** Every axis times its matrix, innermost axis first: the early, small products are the ones with short rows. */
function stretched(inputs: readonly Value[], attributes: Attributes): Value {
  return matrices(inputs, attributes).reduceRight((y, { axis, matrix }) => along(y, axis, matrix), inputs[0]);
}

/** Interpolation onto another size. y = W·x on every axis; dx = Wᵀ·g. */
const resize: Op = defineOp('Resize', {
  shape: sizeAsked,
  grad: (g, _y, inputs, attributes) => {
    let back = g;
    for (const { axis, matrix } of matrices(inputs, attributes)) back = along(back, axis, transposed(matrix));
    return [back, null, null, null];
  },
  lower: stretched,
});

/** The size asked for: as factors where these are whole or were given, so that the model does not fix the batch; else as voxels. */
function sizeAsked([x, , scales, sizes]: readonly Value[]): number[] {
  const to =
    sizes === absent
      ? x.dims.map((side, axis) => Math.floor(Math.fround(side * Number((scales as Constant).data[axis]))))
      : integersOf(sizes);
  if (to.length !== x.dims.length) throw new Error(`Resize: ${showDims(x.dims)} onto ${to.length - 2} spatial sides`);
  if ([...x.dims.slice(2), ...to.slice(2)].some((side) => !(side > 0))) {
    throw new Error(`Resize: ${showDims(x.dims)} onto ${showDims(to)}; expected every spatial side to be at least 1`);
  }
  return to;
}

/** The op; cubic curves over other than two axes, which the runtime does not know, as matrices from the start. */
function resized(x: Value, scales: Value, sizes: Value, corners: Corners, curve: Curve): Value {
  const [inputs, attributes] = [[x, absent, scales, sizes], attributesOf(curve, corners)];
  return curve === 'cubic' && x.dims.length !== 4 ? stretched(inputs, attributes) : resize.of(inputs, attributes);
}

/** Interpolation of [N, C, …] onto the given spatial size; linear unless another curve is named. */
export function interpolate(x: Value, size: readonly number[], corners: Corners, curve: Curve = 'linear'): Value {
  const factors = size.map((to, i) => to / x.dims[i + 2]);
  if (factors.every(Number.isInteger)) return interpolateBy(x, factors, corners, curve);
  return resized(x, absent, integers([...x.dims.slice(0, 2), ...size]), corners, curve);
}

/** Interpolation of [N, C, …] by a factor per spatial axis: sides become ⌊side·factor⌋, samples 1/factor apart unless corners are aligned. */
export function interpolateBy(x: Value, factors: readonly number[], corners: Corners, curve: Curve = 'linear'): Value {
  const scales = constant({ dims: [factors.length + 2], data: Float32Array.of(1, 1, ...factors) });
  return resized(x, scales, absent, corners, curve);
}

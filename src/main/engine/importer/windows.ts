/** Convolutions and pools of foreign models: every way to say how far a window reaches beyond the image. */
import type { Value } from '../graph';
import { along, axisMatrix } from '../ops/axisMatrix';
import { conv } from '../ops/convolution';
import { convTranspose } from '../ops/convolutionTransposed';
import { max } from '../ops/elementwise';
import { maxPool } from '../ops/pooling';
import { reduceMax, reduceMean } from '../ops/reduce';
import { everyNth, interleave, slice } from '../ops/shape';
import { sameDims, showDims, sizeOf } from '../tensor';
import type { Operation, Translations } from './operation';
import { padWith } from './padding';

interface Reach {
  kernel: readonly number[];
  strides: readonly number[];
  dilations: readonly number[];
  before: number[];
  after: number[];
}
const extent = (kernel: number, dilation: number) => (kernel - 1) * dilation + 1;

/** Windows over the spatial axes; with `ceil_mode` the last one may reach past the padding, but must start before its end. */
function reachOf(op: Operation, kernel: readonly number[]): Reach {
  const sides = op.x.dims.slice(2);
  if (kernel.length !== sides.length) throw new Error(`expected a window of ${sides.length} axes, ${showDims(kernel)} came`);
  const ones = sides.map(() => 1);
  const [strides, dilations] = [op.list('strides') ?? ones, op.list('dilations') ?? ones];
  const pads = [...(op.list('pads') ?? sides.flatMap(() => [0, 0]))];
  const [before, after] = [pads.slice(0, sides.length), pads.slice(sides.length)];
  const how = op.text('auto_pad', 'NOTSET');
  for (const [i, side] of sides.entries()) {
    const window = extent(kernel[i], dilations[i]);
    if (how === 'VALID') [before[i], after[i]] = [0, 0];
    if (how.startsWith('SAME')) {
      const total = Math.max(0, (Math.ceil(side / strides[i]) - 1) * strides[i] + window - side);
      before[i] = how === 'SAME_LOWER' ? Math.ceil(total / 2) : Math.floor(total / 2);
      after[i] = total - before[i];
    }
  }
  for (const [i, side] of sides.entries()) {
    const window = extent(kernel[i], dilations[i]);
    if (!(kernel[i] > 0 && strides[i] > 0 && dilations[i] > 0))
      throw new Error(`a window of ${showDims(kernel)} with strides ${showDims(strides)}`);
    if (!(before[i] >= 0 && after[i] >= 0 && window <= side + before[i] + after[i])) {
      throw new Error(
        `a window of ${showDims(kernel)} does not fit into ${showDims(sides)} with padding ${showDims(before)} and ${showDims(after)}`,
      );
    }
  }
  return { kernel, strides, dilations, before, after };
}
/** Rows of windows per axis, and how far the last one reaches past the padding. Throws if a window could lie in the padding alone. */
function counted(op: Operation, { kernel, strides, dilations, before, after }: Reach) {
  if (kernel.some((side, i) => Math.max(before[i], after[i]) >= extent(side, dilations[i]))) {
    throw new Error(`padding ${showDims(before)} and ${showDims(after)} should be less than the window ${showDims(kernel)}`);
  }
  return op.x.dims.slice(2).map((side, i) => {
    const room = side + before[i] + after[i] - extent(kernel[i], dilations[i]);
    let count = (op.int('ceil_mode', 0) === 1 ? Math.ceil(room / strides[i]) : Math.floor(room / strides[i])) + 1;
    if ((count - 1) * strides[i] >= side + before[i]) count--;
    return { count, beyond: Math.max(0, (count - 1) * strides[i] - room) };
  });
}

function transposed(op: Operation): Value {
  const [x, plain] = [op.x, op.input(1)];
  const sides = x.dims.slice(2);
  const ones = sides.map(() => 1);
  const [strides, dilations] = [op.list('strides') ?? ones, op.list('dilations') ?? ones];
  const w = interleave(plain, dilations);
  const outputPadding = op.list('output_padding') ?? sides.map(() => 0);
  const how = op.text('auto_pad', 'NOTSET');
  let pads = op.list('pads') ?? sides.flatMap(() => [0, 0]);
  const wanted =
    op.list('output_shape')?.slice(-sides.length) ?? (how.startsWith('SAME') ? sides.map((side, i) => side * strides[i]) : null);
  if (wanted) {
    const total = sides.map((side, i) => (side - 1) * strides[i] + outputPadding[i] + w.dims[i + 2] - wanted[i]);
    if (total.some((count) => count < 0))
      throw new Error(`the output shape ${showDims(wanted)} is more than ${showDims(sides)} can become`);
    const half = total.map((count) => (how === 'SAME_UPPER' ? Math.floor(count / 2) : Math.ceil(count / 2)));
    pads = [...half, ...total.map((count, i) => count - half[i])];
  }
  const [before, after] = [pads.slice(0, sides.length), pads.slice(sides.length)];
  return convTranspose(x, w, op.optional(2), { strides, before, after, outputPadding, groups: op.int('group', 1) });
}

/** Beyond the image lies the smallest number there is. */
const lowest = -3.4028234663852886e38;
function maxima(op: Operation): Value {
  const reach = reachOf(op, op.list('kernel_shape') ?? []);
  const beyond = counted(op, reach).map((axis) => axis.beyond);
  const after = reach.after.map((count, i) => count + beyond[i]);
  const isPlain = sameDims(reach.before, after) && reach.dilations.every((step) => step === 1);
  if (isPlain && after.every((count, i) => 2 * count <= reach.kernel[i])) {
    return maxPool(op.x, reach.kernel, { strides: reach.strides, padding: after });
  }
  const x = padWith(op.x, [0, 0, ...reach.before], [0, 0, ...after], lowest);
  if (reach.dilations.every((step) => step === 1)) return maxPool(x, reach.kernel, { strides: reach.strides });
  return dilatedMaxima(x, reach);
}
const mostPlaces = 1024;
/** One kernel position after another, which only windows with gaps need. */
function dilatedMaxima(x: Value, { kernel, strides, dilations }: Reach): Value {
  if (sizeOf(kernel) > mostPlaces) throw new Error(`a window with gaps of ${showDims(kernel)} is more than ${mostPlaces} voxels`);
  let most: Value | null = null;
  for (let index = 0; index < sizeOf(kernel); index++) {
    let part = x;
    let rest = index;
    for (let i = kernel.length - 1; i >= 0; i--) {
      const from = (rest % kernel[i]) * dilations[i];
      rest = Math.floor(rest / kernel[i]);
      part = slice(part, i + 2, from, from + x.dims[i + 2] - extent(kernel[i], dilations[i]) + 1);
    }
    part = everyNth(part, strides);
    most = most ? max(most, part) : part;
  }
  return most as Value;
}

/** Means axis by axis: the voxels a window covers are the product of the places it covers along each. */
function averages(op: Operation): Value {
  const reach = reachOf(op, op.list('kernel_shape') ?? []);
  const { kernel, strides, dilations, before, after } = reach;
  const countsPadding = op.int('count_include_pad', 0) === 1;
  return counted(op, reach).reduce((y, { count }, i) => {
    const from = op.x.dims[i + 2];
    const [first, end] = countsPadding ? [-before[i], from + after[i]] : [0, from];
    const matrix = axisMatrix(count, from, (t) => {
      const places = Array.from({ length: kernel[i] }, (_, k) => t * strides[i] - before[i] + k * dilations[i]);
      const covered = places.filter((place) => place >= first && place < end).length;
      return places.filter((place) => place >= 0 && place < from).map((place) => [place, 1 / covered] as const);
    });
    return along(y, i + 2, matrix);
  }, op.x);
}

const spatialAxes = (op: Operation) => op.x.dims.map((_, axis) => axis).slice(2);

export const windowOps: Translations = {
  Conv: (op) => {
    const w = op.input(1);
    const { strides, dilations, before, after } = reachOf(op, w.dims.slice(2));
    return conv(op.x, w, op.optional(2), { strides, dilations, before, after, groups: op.int('group', 1) });
  },
  ConvTranspose: transposed,
  MaxPool: maxima,
  AveragePool: averages,
  GlobalAveragePool: (op) => reduceMean(op.x, spatialAxes(op)),
  GlobalMaxPool: (op) => reduceMax(op.x, spatialAxes(op)),
};

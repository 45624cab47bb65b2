/** The gradient of a convolution's weights: the costliest part of training, written once for CPUs and once for GPUs. */
import { defineOp, elements, listOf, type Op, type Typed, type Value } from '../graph';
import { sizeOf } from '../tensor';
import { matmul, transposeLast } from './linear';
import { reduceSum } from './reduce';
import { concat, flip, pad, padOrCrop, reshape, slice, transpose } from './shape';

export interface Reach {
  /** Per spatial axis: distance between kernel positions, and zeros before the input. */
  dilations: readonly number[];
  before: readonly number[];
  /** Equal groups of channels that do not see each other. */
  groups: number;
}

/**
 * dw[k, c, δ] = Σ g[k, s]·x[c, s + δ·dilation − before], c over the channels of k's group. Not an ONNX operator: it always takes the
 * form of the device.
 */
const weightGradientOp: Op = defineOp('ConvWeightGradient', {
  shape: ([g, x], attributes) => [g.dims[1], x.dims[1] / (attributes.groups as number), ...listOf(attributes, 'kernel')],
  grad: () => {
    throw new Error('ConvWeightGradient: no gradient is defined for its arguments g and x (second derivatives of a convolution)');
  },
  lower: ([g, x], attributes, form) => {
    const kernel = listOf(attributes, 'kernel');
    const reach = {
      dilations: listOf(attributes, 'dilations'),
      before: listOf(attributes, 'before'),
      groups: attributes.groups as number,
    };
    return form === 'cpu' && reach.dilations.every((step) => step === 1)
      ? byCorrelation(g, x, kernel, reach)
      : byProducts(g, x, kernel, reach);
  },
});
/** Gradient of the weights, for a gradient `g` of stride 1. */
export const weightGradient = (g: Value, x: Value, w: Typed, { dilations, before, groups }: Reach): Value =>
  weightGradientOp.of([g, x], { kernel: w.dims.slice(2), dilations, before, groups });

/**
 * One convolution whose "kernel" is as large as the patch, so that the provider's own cache blocking does the gathering. The channels of
 * the image lie innermost: then the results for all channels and neighbouring δ are neighbours in memory, and rows are copied, not
 * single numbers. The side with fewer channels is gathered; the other one is the kernel, unchanged or as `shiftedLayers` has it.
 */
function byCorrelation(g: Value, x: Value, kernel: readonly number[], { before, groups }: Reach): Value {
  const reach = kernel.map((side) => side - 1);
  const gathersInput = x.dims[1] <= g.dims[1];
  const [gathered, filter] = gathersInput ? [x, g] : [g, x];
  const isShifted = groups === 1 && kernel.length > 1 && kernel[0] > 1 && filter.dims[1] <= shiftedUpTo && gathered.dims[1] >= shiftedFrom;
  const last = kernel.length - 1;
  // Around x: so that each output sees its window. Around g: so that each input sees all outputs it took part in, in reverse order.
  const lead = gathersInput ? before : reach.map((r, i) => r - before[i]);
  const whole = padOrCrop(
    gathered,
    lead,
    kernel.map((_, i) => filter.dims[i + 2] + reach[i] - gathered.dims[i + 2] - lead[i] + (isShifted && i === last ? 1 : 0)),
  );
  const image = groupsFirst(whole, groups);
  const [planes, channels, ...sides] = image.dims;
  const axes = sides.map((_, i) => i + 2);
  const inner = reshape(transpose(image, [0, ...axes, 1]), [1, planes, ...sides.slice(0, last), sides[last] * channels]);
  const large = transpose(filter, [1, 0, ...axes]);
  const found = correlate.of([inner, isShifted ? shiftedLayers(large, reach[0]) : large], {
    strides: sides.map(() => 1),
    dilations: sides.map((_, i) => (i === last ? channels : 1)),
    pads: sides.flatMap(() => [0, 0]),
    ...(groups === 1 ? {} : { group: groups }),
  });
  const outputs = filter.dims[1];
  const ordered = isShifted ? transpose(reshape(found, [kernel[0], outputs, elements(found) / kernel[0] / outputs]), [1, 0, 2]) : found;
  const shifts = kernel.map((_, i) => i + 1);
  if (gathersInput) return transpose(reshape(ordered, [outputs, ...kernel, channels]), [0, kernel.length + 1, ...shifts]);
  const byShift = reshape(ordered, [groups, outputs / groups, ...kernel, channels]);
  const turned = transpose(byShift, [0, kernel.length + 2, 1, ...shifts.map((axis) => axis + 1)]);
  return flip(reshape(turned, [g.dims[1], x.dims[1] / groups, ...kernel]), axes);
}

/** Channels of the kernel up to which, and of the image from which, it pays to shift the kernel along the first axis beforehand. */
const [shiftedUpTo, shiftedFrom] = [12, 4];
/**
 * The kernel once for every shift along the first axis, as further outputs: what is gathered is used that many times, and products of a few rows
 * are slow. A column of zeros at the end keeps rows from lying a power of two apart, where they would push each other out of the cache.
 */
function shiftedLayers(kernel: Value, reach: number): Value {
  const flat = kernel.dims.slice(3).map(() => 0);
  const layers = Array.from({ length: reach + 1 }, (_, shift) =>
    pad(kernel, [0, 0, shift, ...flat], [0, 0, reach - shift, ...flat.slice(1), 1]),
  );
  return concat(layers, 0);
}

/** [N, C, …] as [groups·N, C/groups, …]. */
function groupsFirst(x: Value, groups: number): Value {
  if (groups === 1) return x;
  const [batch, channels, ...sides] = x.dims;
  const apart = transpose(reshape(x, [batch, groups, channels / groups, ...sides]), [1, 0, 2, ...sides.map((_, i) => i + 3)]);
  return reshape(apart, [groups * batch, channels / groups, ...sides]);
}

/** ONNX's Conv as a plain correlation, without rules for training it or rewriting it. */
const correlate: Op = defineOp('Conv', {
  shape: ([x, w], attributes) => {
    const dilations = listOf(attributes, 'dilations');
    return [x.dims[0], w.dims[0], ...w.dims.slice(2).map((side, i) => x.dims[i + 2] - (side - 1) * dilations[i])];
  },
  grad: () => {
    throw new Error('Conv: no gradient is defined for its arguments x and w inside the gradient of weights (second derivatives)');
  },
});

/**
 * With x padded and both laid flat on the padded lattice, a shift δ is a plain offset, so each is a slice and a matrix product. Shifts
 * along the first axis are stacked on the side of g: fewer, squarer products read x less often. Groups count as further samples.
 */
function byProducts(g: Value, x: Value, kernel: readonly number[], { dilations, before, groups }: Reach): Value {
  const [batch, channels] = [x.dims[0] * groups, x.dims[1] / groups];
  const outputs = g.dims[1] / groups;
  const reach = kernel.map((side, i) => (side - 1) * dilations[i]);
  const lattice = kernel.map((_, i) => g.dims[i + 2] + reach[i]);
  // One more layer than needed where offsets run past the end of the last row.
  const extra = kernel.slice(1).every((side) => side === 1) ? 0 : 1;
  const room = padOrCrop(
    x,
    before,
    lattice.map((side, i) => side - x.dims[i + 2] - before[i] + (i === 0 ? extra : 0)),
  );
  const line = reshape(room, [batch, channels, sizeOf(room.dims.slice(2))]);

  const slopes = reshape(g, [batch, outputs, ...g.dims.slice(2)]);
  const stack = Array.from({ length: kernel[0] }, (_, layer) => {
    const shift = layer * dilations[0];
    return pad(slopes, [0, 0, shift, ...reach.slice(1).map(() => 0)], [0, 0, reach[0] - shift, ...reach.slice(1)]);
  });
  const length = sizeOf(lattice);
  const layers = reshape(concat(stack, 1), [batch, kernel[0] * outputs, length]);

  const products = offsets(kernel.slice(1), dilations.slice(1), lattice.slice(1)).map((offset) => {
    const product = matmul(layers, transposeLast(slice(line, 2, offset, offset + length)));
    const bySample = reshape(product, [x.dims[0], groups, kernel[0], outputs, channels]);
    return reduceSum(bySample, [0]);
  });
  return reshape(transpose(concat(products, 0), [1, 3, 4, 2, 0]), [g.dims[1], channels, ...kernel]);
}

/** Offsets of all kernel positions on the flattened lattice, last axis fastest. */
function offsets(kernel: readonly number[], dilations: readonly number[], lattice: readonly number[]): number[] {
  let list = [0];
  for (const [i, side] of kernel.entries()) {
    list = list.flatMap((offset) => Array.from({ length: side }, (_, step) => offset * lattice[i] + step * dilations[i]));
  }
  return list;
}

/** Convolution over any number of spatial axes, and its gradients written as further convolutions and matrix products. */
import { type Attributes, defineOp, listOf, type Op, type Value } from '../graph';
import { showDims, sizeOf } from '../tensor';
import { matmul, transposeLast } from './linear';
import { reduceSum } from './reduce';
import { concat, flip, pad, reshape, slice, transpose } from './shape';

export interface ConvOptions {
  /** Per spatial axis; 1 unless given. */
  strides?: readonly number[];
  dilations?: readonly number[];
  /** Zeros before and after, per spatial axis; none unless given. */
  before?: readonly number[];
  after?: readonly number[];
}

const spatial = (x: Value) => x.dims.slice(2);
const geometry = (attributes: Attributes) => {
  const pads = listOf(attributes, 'pads');
  return {
    strides: listOf(attributes, 'strides'),
    dilations: listOf(attributes, 'dilations'),
    before: pads.slice(0, pads.length / 2),
    after: pads.slice(pads.length / 2),
  };
};

/**
 * y[k, s] = b[k] + Σ w[k, c, δ]·x[c, s·stride + δ·dilation − before].
 * dx is g convolved with the flipped, transposed weights; dw correlates x with g; db = Σg.
 */
const convOp: Op = defineOp('Conv', {
  shape: ([x, w, b], attributes) => {
    const { strides, dilations, before, after } = geometry(attributes);
    if (x.dims.length !== w.dims.length) throw new Error(`Conv: input ${showDims(x.dims)} with weights ${showDims(w.dims)}`);
    if (x.dims[1] !== w.dims[1]) throw new Error(`Conv: ${x.dims[1]} input channels, weights expect ${w.dims[1]}`);
    if (b && (b.dims.length !== 1 || b.dims[0] !== w.dims[0]))
      throw new Error(`Conv: bias ${showDims(b.dims)} for ${w.dims[0]} output channels`);
    const sides = spatial(x).map((side, i) => {
      const room = side + before[i] + after[i] - dilations[i] * (w.dims[i + 2] - 1) - 1;
      if (room < 0) throw new Error(`Conv: the kernel ${showDims(spatial(w))} does not fit into ${showDims(spatial(x))}`);
      return Math.floor(room / strides[i]) + 1;
    });
    return [x.dims[0], w.dims[0], ...sides];
  },
  grad: (g, _y, [x, w], attributes) => {
    const { strides, dilations, before } = geometry(attributes);
    const spread = interleave(g, strides);
    const bias = reduceSum(g, [0, ...spatial(x).map((_, i) => i + 2)]);
    return [inputGradient(spread, x, w, dilations, before), weightGradient(spread, x, w, dilations, before), reshape(bias, [w.dims[0]])];
  },
});

/** Convolution of [N, C, …] with weights [K, C, …] and an optional bias [K]. */
export function conv(x: Value, w: Value, b: Value | null, options: ConvOptions = {}): Value {
  const ones = spatial(w).map(() => 1);
  const none = spatial(w).map(() => 0);
  return convOp.of(b ? [x, w, b] : [x, w], {
    strides: options.strides ?? ones,
    dilations: options.dilations ?? ones,
    pads: [...(options.before ?? none), ...(options.after ?? options.before ?? none)],
  });
}

/** Puts stride − 1 zeros between neighbours, so that a strided gradient becomes one of stride 1. */
function interleave(g: Value, strides: readonly number[]): Value {
  if (strides.every((stride) => stride === 1)) return g;
  const pairs = spatial(g).flatMap((side) => [side, 1]);
  const gaps = strides.flatMap((stride) => [0, stride - 1]);
  let spread = pad(reshape(g, [...g.dims.slice(0, 2), ...pairs]), [0, 0, ...gaps.map(() => 0)], [0, 0, ...gaps]);
  spread = reshape(spread, [...g.dims.slice(0, 2), ...spatial(g).map((side, i) => side * strides[i])]);
  for (const [i, side] of spatial(g).entries()) spread = slice(spread, i + 2, 0, (side - 1) * strides[i] + 1);
  return spread;
}

/** dx = g * flip(wᵀ): an ordinary convolution, which providers run several times faster than a transposed one. */
function inputGradient(g: Value, x: Value, w: Value, dilations: readonly number[], before: readonly number[]): Value {
  const axes = spatial(w).map((_, i) => i + 2);
  const turned = flip(transpose(w, [1, 0, ...axes]), axes);
  const reach = spatial(w).map((side, i) => (side - 1) * dilations[i]);
  const lead = reach.map((r, i) => r - before[i]);
  const tail = spatial(x).map((side, i) => side - g.dims[i + 2] + before[i]);
  let cut = g;
  // Padding wider than the kernel reaches leaves gradients that never saw the input.
  for (const [i, axis] of axes.entries()) {
    const drop = { first: Math.max(0, -lead[i]), last: Math.max(0, -tail[i]) };
    cut = slice(cut, axis, drop.first, cut.dims[axis] - drop.last);
  }
  return conv(cut, turned, null, {
    dilations,
    before: lead.map((count) => Math.max(0, count)),
    after: tail.map((count) => Math.max(0, count)),
  });
}

/**
 * dw[k, c, δ] = Σ g[k, s]·x[c, s + δ]. With x padded and both laid flat on the padded lattice, a shift δ is a plain offset, so each is a
 * slice and a matrix product. Shifts along the first axis are stacked on the side of g: fewer, squarer products read x less often.
 */
function weightGradient(g: Value, x: Value, w: Value, dilations: readonly number[], before: readonly number[]): Value {
  const [batch, channels] = x.dims;
  const [outputs] = w.dims;
  const kernel = spatial(w);
  const reach = kernel.map((side, i) => (side - 1) * dilations[i]);
  const lattice = kernel.map((_, i) => g.dims[i + 2] + reach[i]);
  const flatKernel = kernel.slice(1).every((side) => side === 1);
  // One more layer than needed where offsets run past the end of the last row.
  const after = lattice.map((side, i) => side - x.dims[i + 2] - before[i] + (i === 0 && !flatKernel ? 1 : 0));
  const room = pad(crop(x, after), [0, 0, ...before], [0, 0, ...after.map((count) => Math.max(0, count))]);
  const line = reshape(room, [batch, channels, sizeOf(spatial(room))]);

  const stack = Array.from({ length: kernel[0] }, (_, layer) => {
    const shift = layer * dilations[0];
    return pad(g, [0, 0, shift, ...reach.slice(1).map(() => 0)], [0, 0, reach[0] - shift, ...reach.slice(1)]);
  });
  const length = sizeOf(lattice);
  const layers = reshape(concat(stack, 1), [batch, kernel[0] * outputs, length]);

  const products = offsets(kernel.slice(1), dilations.slice(1), lattice.slice(1)).map((offset) =>
    reshape(reduceSum(matmul(layers, transposeLast(slice(line, 2, offset, offset + length))), [0]), [1, kernel[0], outputs, channels]),
  );
  return reshape(transpose(concat(products, 0), [2, 3, 1, 0]), w.dims);
}

/** Drops what a strided kernel never reached at the far end. */
function crop(x: Value, after: readonly number[]): Value {
  let cut = x;
  for (const [i, count] of after.entries()) if (count < 0) cut = slice(cut, i + 2, 0, x.dims[i + 2] + count);
  return cut;
}

/** Offsets of all kernel positions on the flattened lattice, last axis fastest. */
function offsets(kernel: readonly number[], dilations: readonly number[], lattice: readonly number[]): number[] {
  let list = [0];
  for (const [i, side] of kernel.entries()) {
    list = list.flatMap((offset) => Array.from({ length: side }, (_, step) => offset * lattice[i] + step * dilations[i]));
  }
  return list;
}

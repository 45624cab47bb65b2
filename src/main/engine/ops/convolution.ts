/** Convolution over any number of spatial axes, and its gradients written as further convolutions and matrix products. */
import { type Attributes, defineOp, listOf, type Op, type Value } from '../graph';
import { showDims } from '../tensor';
import { weightGradient } from './convolutionWeights';
import { add } from './elementwise';
import { reduceSum } from './reduce';
import { flip, pad, padOrCrop, reshape, slice, transpose } from './shape';

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
  lower: (inputs, attributes, form) => (form === 'cpu' ? stacked(inputs, attributes) : thinned(inputs, attributes)),
  grad: (g, _y, [x, w], attributes) => {
    const { strides, dilations, before } = geometry(attributes);
    const spread = interleave(g, strides);
    const bias = reduceSum(g, [0, ...spatial(x).map((_, i) => i + 2)]);
    return [
      inputGradient(spread, x, w, dilations, before),
      weightGradient(spread, x, w, { dilations, before }),
      reshape(bias, [w.dims[0]]),
    ];
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

/**
 * The same convolution with the kernel's layers along the first axis as further output channels, their results shifted and summed.
 * A CPU gathers each input three times less often, which pays where many channels become few; elsewhere null.
 */
function stacked([x, w, b]: readonly Value[], attributes: Attributes): Value | null {
  const { strides, dilations, before, after } = geometry(attributes);
  const [outputs, channels, layers, ...rest] = w.dims;
  if (layers === 1 || rest.length < 2 || strides[0] !== 1 || channels < 2 * outputs || outputs > 32) return null;
  const flat = reshape(transpose(w, [2, 0, 1, ...rest.map((_, i) => i + 3)]), [layers * outputs, channels, 1, ...rest]);
  const all = conv(x, flat, null, { strides, dilations, before, after });
  const length = all.dims[2] - (layers - 1) * dilations[0];
  let sum: Value | null = null;
  for (let layer = 0; layer < layers; layer++) {
    const shift = layer * dilations[0];
    const part = slice(slice(all, 1, layer * outputs, (layer + 1) * outputs), 2, shift, shift + length);
    sum = sum ? add(sum, part) : part;
  }
  return b ? add(sum as Value, reshape(b, [outputs, ...strides.map(() => 1)])) : sum;
}

/**
 * A strided convolution with a kernel of one voxel as one of stride 1 on every stride-th voxel; elsewhere null. WebGPU in onnxruntime 1.30
 * runs the first as a matrix product that forgets the stride.
 */
function thinned([x, w, ...bias]: readonly Value[], attributes: Attributes): Value | null {
  const { strides, before, after } = geometry(attributes);
  const isPlain = [...before, ...after].every((count) => count === 0);
  if (!isPlain || strides.every((stride) => stride === 1) || spatial(w).some((side) => side !== 1)) return null;
  const counts = spatial(x).map((side, i) => Math.ceil(side / strides[i]));
  const whole = padOrCrop(
    x,
    counts.map(() => 0),
    counts.map((count, i) => count * strides[i] - x.dims[i + 2]),
  );
  const pairs = counts.flatMap((count, i) => [count, strides[i]]);
  let kept = reshape(whole, [...x.dims.slice(0, 2), ...pairs]);
  for (const i of counts.keys()) kept = slice(kept, 2 * i + 3, 0, 1);
  return conv(reshape(kept, [...x.dims.slice(0, 2), ...counts]), w, bias[0] ?? null);
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

/** How g lies around x when every output reaches every input: zeros to add (negative: outputs that only saw padding) per axis. */
function surround(g: Value, x: Value, kernel: readonly number[], dilations: readonly number[], before: readonly number[]) {
  const lead = kernel.map((side, i) => (side - 1) * dilations[i] - before[i]);
  const tail = kernel.map((_, i) => x.dims[i + 2] - g.dims[i + 2] + before[i]);
  return { lead, tail };
}

/** dx = g * flip(wᵀ): an ordinary convolution, which providers run several times faster than a transposed one. */
function inputGradient(g: Value, x: Value, w: Value, dilations: readonly number[], before: readonly number[]): Value {
  const axes = spatial(w).map((_, i) => i + 2);
  const turned = transpose(flip(w, axes), [1, 0, ...axes]);
  const { lead, tail } = surround(g, x, spatial(w), dilations, before);
  const room = (counts: readonly number[]) => counts.map((count) => Math.max(0, count));
  return conv(
    padOrCrop(
      g,
      lead.map((count) => Math.min(0, count)),
      tail.map((count) => Math.min(0, count)),
    ),
    turned,
    null,
    { dilations, before: room(lead), after: room(tail) },
  );
}

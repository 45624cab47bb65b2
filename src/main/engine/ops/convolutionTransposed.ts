/** Transposed convolution: the way back of a strided convolution as a layer of its own, written with ordinary convolutions. */
import { type Attributes, defineOp, listOf, type Op, type Value } from '../graph';
import { sameDims, showDims, sizeOf } from '../tensor';
import { gathered } from './blocks';
import { conv, inputGradient } from './convolution';
import { weightGradient } from './convolutionWeights';
import { add } from './elementwise';
import { sumOver } from './reduce';
import { concat, interleave, reshape, slice } from './shape';
import { tiled, tiledWeightGradient } from './tiles';

export interface ConvTransposeOptions {
  /** Per spatial axis; 1 unless given. */
  strides?: readonly number[];
  /** What is cut off the result before and after, per spatial axis; nothing unless given. */
  before?: readonly number[];
  after?: readonly number[];
  /** What is added to the result's end, per spatial axis, each less than the stride; nothing unless given. */
  outputPadding?: readonly number[];
  /** Channels in this many separate parts; 1 unless given. */
  groups?: number;
}

const spatial = (x: Value) => x.dims.slice(2);
const geometry = (attributes: Attributes) => {
  const pads = listOf(attributes, 'pads');
  return {
    strides: listOf(attributes, 'strides'),
    before: pads.slice(0, pads.length / 2),
    after: pads.slice(pads.length / 2),
    outputPadding: listOf(attributes, 'output_padding'),
    groups: attributes.group as number,
  };
};

/**
 * y[k, s·stride + δ − before] = b[k] + Σ w[c, k, δ]·x[c, s]: the adjoint of a convolution with the same weights.
 * So dx is the strided convolution of g with w; dw correlates g with x; db = Σg.
 */
const convTransposeOp: Op = defineOp('ConvTranspose', {
  shape: ([x, w, b], attributes) => {
    const { strides, before, after, outputPadding, groups } = geometry(attributes);
    if (x.dims.length !== w.dims.length) throw new Error(`ConvTranspose: input ${showDims(x.dims)} with weights ${showDims(w.dims)}`);
    if (x.dims[1] !== w.dims[0]) throw new Error(`ConvTranspose: ${x.dims[1]} input channels, weights expect ${w.dims[0]}`);
    if (x.dims[1] % groups !== 0) throw new Error(`ConvTranspose: ${x.dims[1]} input channels in ${groups} groups`);
    const outputs = w.dims[1] * groups;
    if (b && !sameDims(b.dims, [outputs])) throw new Error(`ConvTranspose: bias ${showDims(b.dims)} for ${outputs} output channels`);
    if (outputPadding.some((extra, i) => extra >= strides[i])) {
      throw new Error(`ConvTranspose: output padding ${showDims(outputPadding)} should be less than the strides ${showDims(strides)}`);
    }
    const sides = spatial(x).map((side, i) => (side - 1) * strides[i] + w.dims[i + 2] + outputPadding[i] - before[i] - after[i]);
    if (sides.some((side) => side < 1)) throw new Error(`ConvTranspose: nothing is left of ${showDims(x.dims)}`);
    return [x.dims[0], outputs, ...sides];
  },
  grad: (g, _y, [x, w], attributes) => {
    const { groups } = geometry(attributes);
    const parts = (v: Value, axis: number) => split(v, axis, groups);
    const [gs, xs, ws] = [parts(g, 1), parts(x, 1), parts(w, 0)];
    const bias = sumOver(g, [0, ...spatial(x).map((_, i) => i + 2)]);
    return [
      concat(
        gs.map((part, i) => inputSlope(part, ws[i], attributes)),
        1,
      ),
      concat(
        gs.map((part, i) => weightSlope(part, xs[i], ws[i], attributes)),
        0,
      ),
      bias,
    ];
  },
  // The runtime's own kernel is several times slower on CPUs and does not run on WebGPU in 3D.
  lower: ([x, w, b], attributes, form) => {
    if (form === 'plain') return null;
    const { groups } = geometry(attributes);
    const [xs, ws] = [split(x, 1, groups), split(w, 0, groups)];
    const y = concat(
      xs.map((part, i) => (tiles(w, attributes) ? tiled(part, ws[i]) : spread(part, ws[i], attributes))),
      1,
    );
    return b ? add(y, reshape(b, [1, b.dims[0], ...spatial(x).map(() => 1)])) : y;
  },
});

/** Transposed convolution of [N, C, …] with weights [C, K/groups, …] and an optional bias [K]. */
export function convTranspose(x: Value, w: Value, b: Value | null, options: ConvTransposeOptions = {}): Value {
  const none = spatial(w).map(() => 0);
  return convTransposeOp.of(b ? [x, w, b] : [x, w], {
    strides: options.strides ?? none.map(() => 1),
    pads: [...(options.before ?? none), ...(options.after ?? options.before ?? none)],
    output_padding: options.outputPadding ?? none,
    group: options.groups ?? 1,
  });
}

/** A value in equal parts along an axis. */
function split(v: Value, axis: number, count: number): Value[] {
  const size = v.dims[axis] / count;
  return Array.from({ length: count }, (_, i) => slice(v, axis, i * size, (i + 1) * size));
}

/** Whether the kernel's copies lie side by side and fill the result: every voxel of the input then becomes a block of its own. */
function tiles(w: Value, attributes: Attributes): boolean {
  const { strides, before, after, outputPadding } = geometry(attributes);
  return sameDims(spatial(w), strides) && [...before, ...after, ...outputPadding].every((count) => count === 0);
}

const ones = (w: Value): number[] => spatial(w).map(() => 1);

/** Any kernel: zeros between the voxels, then the convolution that takes a gradient back through a convolution with these weights. */
function spread(x: Value, w: Value, attributes: Attributes): Value {
  const { strides, before, after, outputPadding } = geometry(attributes);
  const sides = spatial(x).map((side, i) => (side - 1) * strides[i] + w.dims[i + 2] + outputPadding[i] - before[i] - after[i]);
  return inputGradient(interleave(x, strides), { dims: [x.dims[0], w.dims[1], ...sides], dtype: x.dtype }, w, {
    dilations: ones(w),
    before,
    groups: 1,
  });
}

function inputSlope(g: Value, w: Value, attributes: Attributes): Value {
  if (tiles(w, attributes)) {
    const flat = reshape(w, [w.dims[0], w.dims[1] * sizeOf(spatial(w)), ...ones(w)]);
    return conv(gathered(g, spatial(w)), flat, null);
  }
  const { strides, before, after } = geometry(attributes);
  return conv(g, w, null, { strides, before, after });
}

function weightSlope(g: Value, x: Value, w: Value, attributes: Attributes): Value {
  const { strides, before } = geometry(attributes);
  if (tiles(w, attributes)) return tiledWeightGradient(x, g, w);
  return weightGradient(interleave(x, strides), g, w, { dilations: ones(w), before, groups: 1 });
}

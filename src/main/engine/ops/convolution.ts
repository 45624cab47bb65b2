/** Convolution over any number of spatial axes, and its gradients written as further convolutions and matrix products. */
import { type Attributes, defineOp, listOf, type Op, type Typed, type Value } from '../graph';
import { sameDims, showDims } from '../tensor';
import { type Reach, weightGradient } from './convolutionWeights';
import { add } from './elementwise';
import { sumOver } from './reduce';
import { concat, everyNth, flip, interleave, padOrCrop, reshape, slice, transpose } from './shape';
import { tiled, tiledWeightGradient } from './tiles';

export interface ConvOptions {
  /** Per spatial axis; 1 unless given. */
  strides?: readonly number[];
  dilations?: readonly number[];
  /** Zeros before and after, per spatial axis; none unless given. */
  before?: readonly number[];
  after?: readonly number[];
  /** Channels in equal groups, each seen by its own share of the outputs; 1 unless given. As many as channels: depthwise. */
  groups?: number;
}

const spatial = (x: Value) => x.dims.slice(2);
const geometry = (attributes: Attributes) => {
  const pads = listOf(attributes, 'pads');
  return {
    groups: (attributes.group as number | undefined) ?? 1,
    strides: listOf(attributes, 'strides'),
    dilations: listOf(attributes, 'dilations'),
    before: pads.slice(0, pads.length / 2),
    after: pads.slice(pads.length / 2),
  };
};

/**
 * y[k, s] = b[k] + Σ w[k, c, δ]·x[c, s·stride + δ·dilation − before], with c over the channels of k's group.
 * dx is g convolved with the flipped, transposed weights; dw correlates x with g; db = Σg.
 */
const convOp: Op = defineOp('Conv', {
  shape: ([x, w, b], attributes) => {
    const { strides, dilations, before, after, groups } = geometry(attributes);
    if (x.dims.length !== w.dims.length || x.dims.length < 3) {
      throw new Error(`Conv: input ${showDims(x.dims)} with weights ${showDims(w.dims)}; expected as many axes, at least 3`);
    }
    for (const [name, list] of Object.entries({ strides, dilations, before, after })) {
      if (list.length !== x.dims.length - 2) throw new Error(`Conv: ${list.length} ${name} for ${x.dims.length - 2} spatial axes`);
    }
    if (x.dims[1] !== w.dims[1] * groups) {
      const each = groups === 1 ? '' : ` in each of ${groups} groups`;
      throw new Error(`Conv: ${x.dims[1]} input channels, weights expect ${w.dims[1]}${each}`);
    }
    if (w.dims[0] % groups !== 0) throw new Error(`Conv: ${w.dims[0]} output channels cannot be shared by ${groups} groups`);
    if (b && (b.dims.length !== 1 || b.dims[0] !== w.dims[0]))
      throw new Error(`Conv: bias ${showDims(b.dims)} for ${w.dims[0]} output channels`);
    const sides = spatial(x).map((side, i) => {
      const room = side + before[i] + after[i] - dilations[i] * (w.dims[i + 2] - 1) - 1;
      if (room < 0) throw new Error(`Conv: the kernel ${showDims(spatial(w))} does not fit into ${showDims(spatial(x))}`);
      return Math.floor(room / strides[i]) + 1;
    });
    return [x.dims[0], w.dims[0], ...sides];
  },
  lower: (inputs, attributes, form) => {
    if (form === 'cpu') return stacked(inputs, attributes);
    return thinned(inputs, attributes) ?? (form === 'gpu' ? groupByGroup(inputs, attributes) : null);
  },
  grad: (g, _y, [x, w], attributes) => {
    const { strides, dilations, before, groups } = geometry(attributes);
    const bias = sumOver(g, [0, ...spatial(x).map((_, i) => i + 2)]);
    if (tiles(x, w, attributes)) return [tiled(g, w), tiledWeightGradient(g, x, w), bias];
    const spread = interleave(g, strides);
    return [inputGradient(spread, x, w, { dilations, before, groups }), weightGradient(spread, x, w, { dilations, before, groups }), bias];
  },
});

/** Whether the kernel's places lie side by side and cover the image: its gradients then need no zeros between voxels. */
function tiles(x: Value, w: Value, attributes: Attributes): boolean {
  const { strides, dilations, before, after, groups } = geometry(attributes);
  const isPlain = [...before, ...after].every((count) => count === 0) && dilations.every((step) => step === 1) && groups === 1;
  const isStrided = strides.some((stride) => stride > 1) && sameDims(spatial(w), strides);
  return isPlain && isStrided && spatial(x).every((side, i) => side % strides[i] === 0);
}

/** Convolution of [N, C, …] with weights [K, C/groups, …] and an optional bias [K]. */
export function conv(x: Value, w: Value, b: Value | null, options: ConvOptions = {}): Value {
  const ones = spatial(w).map(() => 1);
  const none = spatial(w).map(() => 0);
  const { groups = 1 } = options;
  return convOp.of(b ? [x, w, b] : [x, w], {
    strides: options.strides ?? ones,
    dilations: options.dilations ?? ones,
    pads: [...(options.before ?? none), ...(options.after ?? options.before ?? none)],
    ...(groups === 1 ? {} : { group: groups }),
  });
}

/**
 * The same convolution with the kernel's layers along the first axis as further output channels, their results shifted and summed.
 * A CPU gathers each input three times less often, which pays where no more channels come out than go in, and few; elsewhere null.
 */
function stacked([x, w, b]: readonly Value[], attributes: Attributes): Value | null {
  const { strides, dilations, before, after, groups } = geometry(attributes);
  const [outputs, channels, layers, ...rest] = w.dims;
  if (groups > 1 || layers === 1 || rest.length < 2 || strides[0] !== 1 || channels < outputs || outputs > 32) return null;
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
  const { strides, before, after, groups } = geometry(attributes);
  const isPlain = [...before, ...after].every((count) => count === 0);
  if (!isPlain || strides.every((stride) => stride === 1) || spatial(w).some((side) => side !== 1)) return null;
  return conv(everyNth(x, strides), w, bias[0] ?? null, { groups });
}

/** A grouped convolution as one for each group; elsewhere null. WebGPU in onnxruntime 1.30 has none over three axes. */
function groupByGroup([x, w, b]: readonly Value[], attributes: Attributes): Value | null {
  const { groups, ...rest } = geometry(attributes);
  if (groups === 1) return null;
  const share = (v: Value, axis: number, group: number) => {
    const size = v.dims[axis] / groups;
    return slice(v, axis, group * size, (group + 1) * size);
  };
  return concat(
    Array.from({ length: groups }, (_, n) => conv(share(x, 1, n), share(w, 0, n), b ? share(b, 0, n) : null, rest)),
    1,
  );
}

/** How g lies around x when every output reaches every input: zeros to add (negative: outputs that only saw padding) per axis. */
function surround(g: Value, x: Typed, kernel: readonly number[], dilations: readonly number[], before: readonly number[]) {
  const lead = kernel.map((side, i) => (side - 1) * dilations[i] - before[i]);
  const tail = kernel.map((_, i) => x.dims[i + 2] - g.dims[i + 2] + before[i]);
  return { lead, tail };
}

/** dx = g * flip(wᵀ), group by group: an ordinary convolution, which providers run several times faster than a transposed one. */
export function inputGradient(g: Value, x: Typed, w: Value, { dilations, before, groups }: Reach): Value {
  const [outputs, channels, ...kernel] = w.dims;
  const shifts = kernel.map((_, i) => i + 3);
  const grouped = reshape(
    flip(
      w,
      [...kernel.keys()].map((i) => i + 2),
    ),
    [groups, outputs / groups, channels, ...kernel],
  );
  const turned = reshape(transpose(grouped, [0, 2, 1, ...shifts]), [groups * channels, outputs / groups, ...kernel]);
  const { lead, tail } = surround(g, x, kernel, dilations, before);
  const room = (counts: readonly number[]) => counts.map((count) => Math.max(0, count));
  return conv(
    padOrCrop(
      g,
      lead.map((count) => Math.min(0, count)),
      tail.map((count) => Math.min(0, count)),
    ),
    turned,
    null,
    { dilations, before: room(lead), after: room(tail), groups },
  );
}

/** Normalisation by statistics of the channels themselves: instance norm, and batch norm in training. */
import { type Attributes, constant, defineOp, type Op, scalar, type Value } from '../graph';
import { showDims, sizeOf, tensor } from '../tensor';
import { add, div, mul, sqrt, sub } from './elementwise';
import { meanOver, sumOver } from './reduce';
import { reshape } from './shape';

/** [samples, channels, voxels]. */
const flat = (x: Value) => reshape(x, [x.dims[0], x.dims[1], sizeOf(x.dims.slice(2))]);
/** [1, samples·channels, voxels]: every channel of every sample for itself. */
const apart = (x: Value) => reshape(x, [1, x.dims[0] * x.dims[1], sizeOf(x.dims.slice(2))]);

/** A number per channel, [C], laid beside [N, C, S]. */
const beside = (v: Value) => reshape(v, [1, v.dims[0], 1]);

/**
 * ŷ = (x − mean)/σ for each channel of [N, C, S], over N and S, with σ = √(variance + ε), variance biased, and the moments as [C].
 * Squares are taken after the mean is gone: before, they would cancel in float32.
 */
function standardised(x: Value, attributes: Attributes) {
  const { float: epsilon } = attributes.epsilon as { float: number };
  const mean = meanOver(x, [0, 2]);
  const centred = sub(x, beside(mean));
  const variance = meanOver(mul(centred, centred), [0, 2]);
  const sigma = sqrt(add(variance, epsilon));
  return { y: div(centred, beside(sigma)), mean, variance, sigma };
}

/**
 * The way back of scale·ŷ + shift on [N, C, S], with scale as [C] or 1 and n numbers in a channel: dx = scale/σ · (g − Σg/n − ŷ·Σ(g·ŷ)/n), dscale = Σ(g·ŷ), dshift = Σg.
 * ŷ is the only large value that is kept for it.
 */
function slopes(g: Value, x: Value, scale: Value | null, attributes: Attributes) {
  const { y, sigma } = standardised(x, attributes);
  const sum = sumOver(g, [0, 2]);
  const along = sumOver(mul(g, y), [0, 2]);
  const share = scalar(-1 / (x.dims[0] * x.dims[2]));
  // What cancels is subtracted before a small σ makes it large.
  const left = add(g, affine(y, mul(along, share), mul(sum, share)));
  return { x: affine(left, div(scale ?? 1, sigma), filled([x.dims[1]], 0)), scale: along, shift: sum };
}

const filled = (dims: readonly number[], value: number): Value => constant(tensor(dims, new Float32Array(sizeOf(dims)).fill(value)));

/** a·x + b for each channel of [N, C, S], a and b as [C], in one pass: what batch normalisation does with given statistics. */
function affine(x: Value, a: Value, b: Value): Value {
  const channels = [x.dims[1]];
  return affineOp.of([x, a, b, filled(channels, 0), filled(channels, 1)], { epsilon: { float: 0 } });
}
const affineOp: Op = defineOp('BatchNormalization', {
  shape: ([x]) => x.dims,
  grad: () => {
    throw new Error(
      'BatchNormalization: no gradient is defined for its arguments x, scale and bias (second derivatives of a normalisation)',
    );
  },
});

/** ŷ over the voxels of each channel of each sample. */
const instanceNormOp: Op = defineOp('InstanceNormalization', {
  shape: ([x, scale]) => {
    if (x.dims.length < 3 || x.dims[1] !== scale.dims[0]) {
      throw new Error(`InstanceNormalization: ${showDims(x.dims)}; expected samples, channels and at least one further axis`);
    }
    return x.dims;
  },
  grad: (g, _y, [x], attributes) => [reshape(slopes(apart(g), apart(x), null, attributes).x, x.dims), null, null],
  // Shares what it computes with the gradient, so that x itself need not be kept.
  lower: ([x], attributes, form) => (form === 'plain' ? null : reshape(standardised(apart(x), attributes).y, x.dims)),
});

/** Normalises every channel of every sample to mean 0 and variance 1; nothing is learned, nothing is remembered. */
export function instanceNorm(x: Value, epsilon = 1e-5): Value {
  const channels = [x.dims[1]];
  return instanceNormOp.of([x, filled(channels, 1), filled(channels, 0)], { epsilon: { float: epsilon } });
}

/** scale·ŷ + shift over samples and voxels of each channel. ONNX has it for known statistics only. */
const channelNormOp: Op = defineOp('ChannelNormalization', {
  shape: ([x, ...learned]) => {
    const misfit = learned.find(({ dims }) => dims.length !== 1 || dims[0] !== x.dims[1]);
    if (misfit) throw new Error(`ChannelNormalization: ${showDims(misfit.dims)} for ${x.dims[1]} channels`);
    return x.dims;
  },
  grad: (g, _y, [x, scale], attributes) => {
    const back = slopes(flat(g), flat(x), scale, attributes);
    return [reshape(back.x, x.dims), back.scale, back.shift];
  },
  written: ([x, scale, shift], attributes) => reshape(affine(standardised(flat(x), attributes).y, scale, shift), x.dims),
});

/** Normalises every channel over samples and voxels, then multiplies and shifts it; with the moments of x as [C], variance biased. */
export function channelNorm(x: Value, scale: Value, shift: Value, epsilon: number) {
  const attributes = { epsilon: { float: epsilon } };
  const { mean, variance } = standardised(flat(x), attributes);
  return { y: channelNormOp.of([x, scale, shift], attributes), mean, variance };
}

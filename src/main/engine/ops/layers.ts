/** Layers that are compositions of ops: learned scale and shift, batch and group norm, lengths and angles. Gradients follow by themselves. */
import type { Value } from '../graph';
import { showDims, sizeOf } from '../tensor';
import { add, div, max, mul, sqrt, sub } from './elementwise';
import { matmul, transposeLast } from './linear';
import { channelNorm, instanceNorm } from './normalisation';
import { reduceLength, reduceMean, sumOver } from './reduce';
import { reshape } from './shape';

function perChannel(v: Value, like: Value): Value {
  const channels = like.dims[1];
  if (v.dims.length !== 1 || v.dims[0] !== channels) throw new Error(`scaleAndShift: ${showDims(v.dims)} for ${channels} channels`);
  return reshape(v, [1, channels, ...like.dims.slice(2).map(() => 1)]);
}

/** Multiplies and shifts every channel of [N, C, …] by its own two numbers [C]. */
export const scaleAndShift = (x: Value, scale: Value, shift: Value): Value => add(mul(x, perChannel(scale, x)), perChannel(shift, x));

export interface RunningStatistics {
  mean: Value;
  variance: Value;
}
/**
 * Batch norm in training (Ioffe & Szegedy 2015): statistics over batch and voxels. The running ones move by `momentum` towards the
 * batch's, with the unbiased variance, as PyTorch does.
 */
export function batchNorm(x: Value, scale: Value, shift: Value, running: RunningStatistics, { epsilon = 1e-5, momentum = 0.1 } = {}) {
  const count = x.dims[0] * sizeOf(x.dims.slice(2));
  const { y, mean, variance } = channelNorm(x, scale, shift, epsilon);
  const towards = (old: Value, batch: Value) => add(mul(old, 1 - momentum), mul(batch, momentum));
  return {
    y,
    running: { mean: towards(running.mean, mean), variance: towards(running.variance, mul(variance, count / (count - 1))) },
  };
}
/** Batch norm in use: the running statistics are taken as given. */
export function batchNormFixed(x: Value, scale: Value, shift: Value, { mean, variance }: RunningStatistics, epsilon = 1e-5): Value {
  const factor = div(scale, sqrt(add(variance, epsilon)));
  return scaleAndShift(x, factor, sub(shift, mul(mean, factor)));
}

/** Normalises groups of neighbouring channels together (Wu & He 2018). */
export function groupNorm(x: Value, groups: number, scale: Value, shift: Value, epsilon = 1e-5): Value {
  const [batch, channels, ...sides] = x.dims;
  if (channels % groups !== 0) throw new Error(`groupNorm: ${channels} channels cannot be shared by ${groups} groups`);
  const grouped = reshape(x, [batch, groups, channels / groups, ...sides]);
  return scaleAndShift(reshape(instanceNorm(grouped, epsilon), x.dims), scale, shift);
}

/** Normalises the channels of every voxel: SAM's LayerNorm2d and its 3D kin. */
export function channelLayerNorm(x: Value, scale: Value, shift: Value, epsilon: number): Value {
  const centred = sub(x, reduceMean(x, [1]));
  return scaleAndShift(div(centred, sqrt(add(reduceMean(mul(centred, centred), [1]), epsilon))), scale, shift);
}
/** x/√(mean x² + ε) over the last axis. */
export function rmsNorm(x: Value, scale: Value, epsilon: number): Value {
  return mul(div(x, sqrt(add(reduceMean(mul(x, x), [x.dims.length - 1]), epsilon))), scale);
}

/** x/max(‖x‖, ε) along an axis. */
export const l2Normalise = (x: Value, axis: number, epsilon = 1e-12): Value => div(x, max(reduceLength(x, [axis]), epsilon));

/** Cosine of the angle between two values along an axis, which goes away; lengths below ε count as ε. */
export function cosineSimilarity(a: Value, b: Value, axis: number, epsilon = 1e-8): Value {
  return sumOver(mul(l2Normalise(a, axis, epsilon), l2Normalise(b, axis, epsilon)), [axis]);
}

/** x·Wᵀ + b with weights [out, in], the layout of PyTorch's linear layer. */
export function linear(x: Value, weight: Value, bias: Value | null): Value {
  const product = matmul(x, transposeLast(weight));
  return bias ? add(product, bias) : product;
}

/** x·mask/(1 − p), for a mask of zeros and ones drawn elsewhere: one per number, or with sides of 1 one per channel or sample. */
export const dropout = (x: Value, mask: Value, p: number): Value => mul(x, mul(mask, 1 / (1 - p)));

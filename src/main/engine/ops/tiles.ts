/** Convolutions whose kernel is their stride, so that its places tile the image: what they need is one product for each block of voxels. */
import type { Typed, Value } from '../graph';
import { sizeOf } from '../tensor';
import { conv } from './convolution';
import { weightGradient } from './convolutionWeights';
import { reshape, transpose } from './shape';

const ones = (sides: readonly number[]): number[] => sides.map(() => 1);

/**
 * Every voxel becomes a block: y[k, s·stride + δ] = Σ w[c, k, δ]·x[c, s]. A convolution with a kernel of one voxel to K·|δ| channels, which are
 * then laid out in space. Takes a gradient back through a convolution with these weights, and is a transposed one.
 */
export function tiled(x: Value, w: Value): Value {
  const [from, to, ...kernel] = w.dims;
  const [batch, , ...sides] = x.dims;
  const axes = kernel.map((_, i) => i);
  const flat = transpose(reshape(w, [from, to * sizeOf(kernel)]), [1, 0]);
  const channels = conv(x, reshape(flat, [...flat.dims, ...ones(kernel)]), null);
  const apart = reshape(channels, [batch, to, ...kernel, ...sides]);
  const paired = transpose(apart, [0, 1, ...axes.flatMap((i) => [2 + kernel.length + i, 2 + i])]);
  return reshape(paired, [batch, to, ...sides.map((side, i) => side * kernel[i])]);
}

/** The reverse of that layout: the voxels of every block of size `kernel` become channels, [N, C, …] to [N, C·|δ|, …]. */
export function gathered(y: Value, kernel: readonly number[]): Value {
  const [batch, channels, ...sides] = y.dims;
  const counts = sides.map((side, i) => side / kernel[i]);
  const axes = kernel.map((_, i) => i);
  const paired = reshape(y, [batch, channels, ...counts.flatMap((count, i) => [count, kernel[i]])]);
  const apart = transpose(paired, [0, 1, ...axes.map((i) => 3 + 2 * i), ...axes.map((i) => 2 + 2 * i)]);
  return reshape(apart, [batch, channels * sizeOf(kernel), ...counts]);
}

/** dw[k, c, δ] = Σ g[k, s]·x[c, s·stride + δ], for weights of the shape of `w`. */
export function tiledWeightGradient(g: Value, x: Value, w: Typed): Value {
  const kernel = w.dims.slice(2);
  const blocks = gathered(x, kernel);
  const flat = { dims: [g.dims[1], blocks.dims[1], ...ones(kernel)], dtype: w.dtype };
  return reshape(weightGradient(g, blocks, flat, { dilations: ones(kernel), before: kernel.map(() => 0), groups: 1 }), w.dims);
}

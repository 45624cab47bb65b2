/** Convolutions whose kernel is their stride, so that its places tile the image: what they need is one product for each block of voxels. */
import type { Typed, Value } from '../graph';
import { sizeOf } from '../tensor';
import { gathered, spread } from './blocks';
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
  const flat = transpose(reshape(w, [from, to * sizeOf(kernel)]), [1, 0]);
  return spread(conv(x, reshape(flat, [...flat.dims, ...ones(kernel)]), null), kernel);
}

/** dw[k, c, δ] = Σ g[k, s]·x[c, s·stride + δ], for weights of the shape of `w`. */
export function tiledWeightGradient(g: Value, x: Value, w: Typed): Value {
  const kernel = w.dims.slice(2);
  const blocks = gathered(x, kernel);
  const flat = { dims: [g.dims[1], blocks.dims[1], ...ones(kernel)], dtype: w.dtype };
  return reshape(weightGradient(g, blocks, flat, { dilations: ones(kernel), before: kernel.map(() => 0), groups: 1 }), w.dims);
}

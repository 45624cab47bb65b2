/** Learning from two streams at once: a student sees patches with labels and patches without in the same step. */
import { sizeOf, type Tensor, tensor } from '../engine/tensor';
import type { Network } from '../networks/network';

export interface TwoStreamConfig {
  network: Network;
  /** Sides of a patch in the order of the array: k, j, i. */
  patch: readonly number[];
  /** Patches per batch: those with labels come first. */
  labelled: number;
  unlabelled: number;
  /** As in `SupervisedConfig`. */
  weighted?: boolean;
}

/** The samples of `a`, then those of `b`, [Na + Nb, …]. */
export function stacked(a: Tensor, b: Tensor): Tensor<Float32Array> {
  const data = new Float32Array(sizeOf(a.dims) + sizeOf(b.dims));
  data.set(a.data as Float32Array);
  data.set(b.data as Float32Array, a.data.length);
  return tensor(a.dims.with(0, a.dims[0] + b.dims[0]), data);
}

/** Attention as its definition reads: scores, softmax, weighted sum. Gradients follow by themselves. */
import type { Value } from '../graph';
import { showDims } from '../tensor';
import { add, mul } from './elementwise';
import { linear } from './layers';
import { matmul, transposeLast } from './linear';
import { reshape, slice, transpose } from './shape';
import { softmax } from './softmax';

export interface AttentionOptions {
  /** Added to the scores [queries, keys] before the softmax; leading axes broadcast. */
  bias?: Value;
  /** Factor of the scores; 1/√width unless given. */
  scale?: number;
}

/**
 * softmax(scale·q·kᵀ + bias)·v (Vaswani et al. 2017), for q […, queries, width], k and v [… , keys, width]; with the weights
 * […, queries, keys].
 */
export function attention(q: Value, k: Value, v: Value, { bias, scale }: AttentionOptions = {}): { y: Value; weights: Value } {
  const width = q.dims.at(-1) ?? 1;
  const scores = matmul(mul(q, scale ?? 1 / Math.sqrt(width)), transposeLast(k));
  const biased = bias ? add(scores, bias) : scores;
  const weights = softmax(biased, biased.dims.length - 1);
  return { y: matmul(weights, v), weights };
}

export interface Projection {
  weight: Value;
  bias: Value | null;
}
/**
 * Multi-head self-attention of [N, tokens, width] with one projection for queries, keys and values: its rows are all heads' queries, then
 * keys, then values.
 */
export function selfAttention(x: Value, qkv: Projection, out: Projection, heads: number, bias?: Value): { y: Value; weights: Value } {
  const [batch, tokens, width] = x.dims;
  if (width % heads !== 0) throw new Error(`selfAttention: a width of ${width} cannot be shared by ${heads} heads`);
  const all = reshape(linear(x, qkv.weight, qkv.bias), [batch, tokens, 3, heads, width / heads]);
  const byHead = transpose(all, [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((i) => reshape(slice(byHead, 0, i, i + 1), byHead.dims.slice(1)));
  const { y, weights } = attention(q, k, v, { bias });
  const joined = reshape(transpose(y, [0, 2, 1, 3]), x.dims);
  return { y: linear(joined, out.weight, out.bias), weights };
}

/**
 * Scores of queries on a grid [N, …, width] against the relative places along one of its axes: r[…, k] = Σ_c q[…, c]·table[at, k, c], with
 * `at` the query's place along that axis (Li et al. 2022, "MViTv2"). The table is [side, places, width].
 */
export function relativeScores(q: Value, table: Value, axis: number): Value {
  const last = q.dims.length - 1;
  const [side, places, width] = table.dims;
  if (q.dims[axis] !== side || q.dims[last] !== width) {
    throw new Error(`relativeScores: a table ${showDims(table.dims)} for axis ${axis} of ${showDims(q.dims)}`);
  }
  const rest = q.dims.map((_, i) => i).filter((i) => i !== axis && i !== last);
  const perm = [axis, ...rest, last];
  const rows = reshape(transpose(q, perm), [side, rest.reduce((product, i) => product * q.dims[i], 1), width]);
  const scores = reshape(matmul(rows, transposeLast(table)), [...perm.slice(0, -1).map((i) => q.dims[i]), places]);
  return transpose(
    scores,
    q.dims.map((_, i) => perm.indexOf(i)),
  );
}

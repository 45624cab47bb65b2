/** The transformer in SAM's mask decoder: tokens attend to themselves and to the image, and the image attends to them. */
import type { Value } from '../../engine/graph';
import { add, mul, relu } from '../../engine/ops/elementwise';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { reshape, transpose } from '../../engine/ops/shape';
import { softmax } from '../../engine/ops/softmax';
import type { SamSpec } from './spec';
import { dense, norm, type Weights, within } from './weights';

interface Streams {
  /** [N, tokens, width]. */
  tokens: Value;
  /** [N, places, width]. */
  image: Value;
  /** Codes of the image's places: [1, places, width]. */
  positions: Value;
}

const epsilon = 1e-5;

/** Both streams after all layers. The tokens as they came in serve as their own positions throughout. */
export function twoWayTransformer(
  { decoder }: SamSpec,
  weights: Weights,
  { tokens, image, positions }: Streams,
): Omit<Streams, 'positions'> {
  const { heads, depth } = decoder;
  let [queries, keys] = [tokens, image];
  const withPlace = () => add(keys, positions);
  const withToken = () => add(queries, tokens);
  for (let i = 0; i < depth; i++) {
    const layer = within(weights, `layers.${i}`);
    const normed = (n: number, x: Value) => norm(within(layer, `norm${n}`), x, epsilon);
    const self = within(layer, 'self_attn');
    // The first layer replaces the tokens by what attention gives; the others add it.
    const attended =
      i === 0 ? attention(self, heads, queries, queries, queries) : add(queries, attention(self, heads, withToken(), withToken(), queries));
    queries = normed(1, attended);
    queries = normed(2, add(queries, tokensToImage(within(layer, 'cross_attn_token_to_image'), heads, withToken(), withPlace(), keys)));
    const mlp = within(layer, 'mlp');
    queries = normed(3, add(queries, dense(within(mlp, 'lin2'), relu(dense(within(mlp, 'lin1'), queries)))));
    keys = normed(4, add(keys, imageToTokens(within(layer, 'cross_attn_image_to_token'), heads, withPlace(), withToken(), queries)));
  }
  const last = tokensToImage(within(weights, 'final_attn_token_to_image'), heads, withToken(), withPlace(), keys);
  return { tokens: norm(within(weights, 'norm_final_attn'), add(queries, last), epsilon), image: keys };
}

/** [N, count, width] projected and shared out: [N, heads, count, inner/heads]. The inner width may be smaller than the outer. */
function byHead(weights: Weights, heads: number, x: Value): Value {
  const inner = dense(weights, x);
  const [batch, count, width] = inner.dims;
  return transpose(reshape(inner, [batch, count, heads, width / heads]), [0, 2, 1, 3]);
}
/** The rows of all heads as those of one matrix: [N, heads·count, width]. */
const stacked = (x: Value): Value => reshape(x, [x.dims[0], x.dims[1] * x.dims[2], x.dims[3]]);
/** A projection's weight, head by head: [heads, inner/heads, width]. */
const perHead = (weight: Value, heads: number): Value => reshape(weight, [heads, weight.dims[0] / heads, weight.dims[1]]);
const scaled = (x: Value): Value => mul(x, x.dims[3] ** -0.5);

/** Attention of tokens to themselves: [N, tokens, width]. */
function attention(weights: Weights, heads: number, q: Value, k: Value, v: Value): Value {
  const [queries, keys, values] = [
    byHead(within(weights, 'q_proj'), heads, q),
    byHead(within(weights, 'k_proj'), heads, k),
    byHead(within(weights, 'v_proj'), heads, v),
  ];
  return together(weights, matmul(softmax(matmul(scaled(queries), transposeLast(keys)), 3), values));
}
function together(weights: Weights, x: Value): Value {
  const [batch, heads, count, width] = x.dims;
  return dense(within(weights, 'out_proj'), reshape(transpose(x, [0, 2, 1, 3]), [batch, count, heads * width]));
}

/**
 * Between a few tokens and the many places of the image, the tokens carry the image's projections too: q·(K·x) is (q·K)·x, and Σ a·(V·x) is
 * V·Σ a·x. So places need no projections of their own, which cost more wherever tokens are fewer than the numbers of a head, and no order by
 * heads. The keys' bias adds the same to all scores of a query, and so nothing to their softmax.
 */
function tokensToImage(weights: Weights, heads: number, q: Value, k: Value, v: Value): Value {
  const queries = scaled(byHead(within(weights, 'q_proj'), heads, q));
  const scores = matmul(stacked(matmul(queries, perHead(weights('k_proj.weight'), heads))), transposeLast(k));
  const seen = reshape(matmul(softmax(scores, 2), v), [...queries.dims.slice(0, 3), v.dims[2]]);
  const values = matmul(seen, transposeLast(perHead(weights('v_proj.weight'), heads)));
  return together(weights, add(values, reshape(weights('v_proj.bias'), [heads, 1, values.dims[3]])));
}
function imageToTokens(weights: Weights, heads: number, q: Value, k: Value, v: Value): Value {
  const keys = scaled(byHead(within(weights, 'k_proj'), heads, k));
  const [batch, , count, inner] = keys.dims;
  const places = q.dims[1];
  const filters = stacked(matmul(keys, perHead(weights('q_proj.weight'), heads)));
  const offsets = reshape(matmul(keys, reshape(weights('q_proj.bias'), [heads, inner, 1])), [batch, 1, heads * count]);
  const scores = reshape(add(matmul(q, transposeLast(filters)), offsets), [batch, places, heads, count]);
  const shares = reshape(softmax(scores, 3), [batch, places, heads * count]);
  const out = perHead(transposeLast(weights('out_proj.weight')), heads);
  const answers = stacked(matmul(byHead(within(weights, 'v_proj'), heads, v), out));
  return add(matmul(shares, answers), weights('out_proj.bias'));
}

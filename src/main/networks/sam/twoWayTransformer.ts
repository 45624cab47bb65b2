/** The transformer in SAM's mask decoder: tokens attend to themselves and to the image, and the image attends to them. */
import type { Value } from '../../engine/graph';
import { add, mul, relu } from '../../engine/ops/elementwise';
import { matmul } from '../../engine/ops/linear';
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
    queries = normed(2, add(queries, attention(within(layer, 'cross_attn_token_to_image'), heads, withToken(), withPlace(), keys)));
    const mlp = within(layer, 'mlp');
    queries = normed(3, add(queries, dense(within(mlp, 'lin2'), relu(dense(within(mlp, 'lin1'), queries)))));
    keys = normed(4, add(keys, attention(within(layer, 'cross_attn_image_to_token'), heads, withPlace(), withToken(), queries)));
  }
  const last = attention(within(weights, 'final_attn_token_to_image'), heads, withToken(), withPlace(), keys);
  return { tokens: norm(within(weights, 'norm_final_attn'), add(queries, last), epsilon), image: keys };
}

/** Attention with projections of its own for queries, keys, values and result; the inner width may be smaller than the outer. */
function attention(weights: Weights, heads: number, q: Value, k: Value, v: Value): Value {
  const split = (name: string, x: Value, perm: readonly number[]) => {
    const inner = dense(within(weights, name), x);
    const [batch, count, width] = inner.dims;
    return transpose(reshape(inner, [batch, count, heads, width / heads]), perm);
  };
  const queries = split('q_proj', q, [0, 2, 1, 3]);
  const scores = matmul(mul(queries, queries.dims[3] ** -0.5), split('k_proj', k, [0, 2, 3, 1]));
  const attended = transpose(matmul(softmax(scores, 3), split('v_proj', v, [0, 2, 1, 3])), [0, 2, 1, 3]);
  const [batch, count] = attended.dims;
  return dense(within(weights, 'out_proj'), reshape(attended, [batch, count, heads * attended.dims[3]]));
}

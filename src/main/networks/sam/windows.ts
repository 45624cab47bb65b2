/** Attention within the windows of a grid of tokens. */
import type { Value } from '../../engine/graph';
import { concat, reshape, slice, transpose } from '../../engine/ops/shape';
import { sizeOf } from '../../engine/tensor';
import { planeAttention } from './planeAttention';
import { volumeAttention } from './volumeAttention';

export interface WindowedTokens {
  /** Queries, keys and values of every token: [N, grid…, 3·width], each of the three split into heads. */
  qkv: Value;
  /** What a token of zeros has in their place: [3·width]. */
  bias: Value;
  heads: number;
  /** Tokens along each side of a window; windows at the far edges may reach over the grid. */
  side: number;
  /** Relative positions, one table per axis: [2·side − 1, width/heads]. */
  tables: readonly Value[];
}

/** Windows of one shape: everything `attention` needs, batch and windows together on the first axis. */
export interface Windows {
  /** [windows, heads, extents…, head width]. */
  q: Value;
  k: Value;
  v: Value;
  /** Query, key and value of a token of zeros: [heads, 1, head width]. */
  empty: { q: Value; k: Value; v: Value };
  /** Tokens along each side of a whole window. Where an extent is smaller, empty tokens follow. */
  side: number;
  tables: readonly Value[];
}

/** Windows of one extent along an axis. */
interface Stretch {
  from: number;
  windows: number;
  extent: number;
}

/** Whole windows, then the one that is cut by the grid's edge. */
function stretchesOf(grid: number, side: number): Stretch[] {
  const whole = Math.floor(grid / side);
  const stretches = [
    { from: 0, windows: whole, extent: side },
    { from: whole * side, windows: 1, extent: grid - whole * side },
  ];
  return stretches.filter(({ windows, extent }) => windows * extent > 0);
}

/** Attention of every token over its window, empty tokens included: [N, grid…, width]. */
export function windowedAttention(tokens: WindowedTokens): Value {
  const { qkv, heads, side } = tokens;
  const grid = qkv.dims.slice(1, -1);
  const headWidth = (qkv.dims.at(-1) as number) / 3 / heads;
  const biases = reshape(tokens.bias, [3, heads, 1, headWidth]);
  const [q, k, v] = [0, 1, 2].map((i) => reshape(slice(biases, 0, i, i + 1), [heads, 1, headWidth]));

  const along = (part: Value, chosen: readonly Stretch[]): Value => {
    const axis = chosen.length;
    if (axis === grid.length) return attendRegion({ ...tokens, qkv: part, empty: { q, k, v } }, chosen);
    const parts = stretchesOf(grid[axis], side).map((stretch) => {
      const { from, windows, extent } = stretch;
      return along(slice(part, axis + 1, from, from + windows * extent), [...chosen, stretch]);
    });
    return concat(parts, axis + 1);
  };
  return along(qkv, []);
}

function attendRegion({ qkv, heads, side, tables, empty }: WindowedTokens & Pick<Windows, 'empty'>, region: readonly Stretch[]): Value {
  const rank = region.length;
  const [batch, width] = [qkv.dims[0], (qkv.dims.at(-1) as number) / 3];
  const counts = region.map(({ windows }) => windows);
  const extents = region.map(({ extent }) => extent);
  const [windowAxes, tokenAxes] = [0, 1].map((odd) => region.map((_, i) => 1 + 2 * i + odd));

  const split = reshape(qkv, [batch, ...region.flatMap(({ windows, extent }) => [windows, extent]), 3, heads, width / heads]);
  const [three, head, inHead] = [1, 2, 3].map((i) => 2 * rank + i);
  const together = transpose(split, [three, 0, ...windowAxes, head, ...tokenAxes, inHead]);
  const [q, k, v] = [0, 1, 2].map((i) => reshape(slice(together, 0, i, i + 1), [batch * sizeOf(counts), heads, ...extents, width / heads]));
  const attention = rank === 3 ? volumeAttention : planeAttention;
  const attended = reshape(attention({ q, k, v, empty, side, tables }), [batch, ...counts, heads, ...extents, width / heads]);
  const back = [0, ...region.flatMap((_, i) => [1 + i, 2 + rank + i]), 1 + rank, 2 + 2 * rank];
  return reshape(transpose(attended, back), qkv.dims.with(-1, width));
}

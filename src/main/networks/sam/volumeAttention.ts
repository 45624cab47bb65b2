/**
 * Attention in a cubic window with the relative positions of SAM-Med3D. Its code adds the three terms along axes that do not line up
 * with those of the keys, and the released weights were trained so: every table is read against the key's width, and two terms take the
 * query of another column. This file reproduces that.
 */
import type { Value } from '../../engine/graph';
import { relativeScores } from '../../engine/ops/attention';
import { add, mul } from '../../engine/ops/elementwise';
import { concat, expand, reshape, slice } from '../../engine/ops/shape';
import { attend, emptyScore, indicator, logSumExp, relativeTable } from './positionedAttention';
import type { Windows } from './windows';

/**
 * The score of query (d, h, w) and key (a, b, c) is q(d, h, w)·k/√width + D(d, h, w; c) + H(d, h, a; c) + W(d, h, b; c) with
 * D = q(d, h, w)·R_d[d − c], H = q(d, h, a)·R_h[h − c] and W = q(d, h, b)·R_w[b − c].
 * For a given c, the weights e^score of the empty keys separate into a sum over a times a sum over b: one column stands for all of them.
 */
export function volumeAttention({ q, k, v, empty, side, tables }: Windows): Value {
  const [windows, heads, depth, height, width, numbers] = q.dims;
  const lead = [windows, heads, depth, height];
  const [tableD, tableH, tableW] = tables;
  const scaled = mul(q, numbers ** -0.5);

  const depthTerm = relativeScores(q, relativeTable(tableD, side, depth), 2);
  // A whole row of queries: beyond the grid they are empty tokens.
  const beyond = side - width;
  const row = beyond > 0 ? concat([q, expand(reshape(empty.q, [heads, 1, 1, 1, numbers]), [...lead, beyond, numbers])], 4) : q;
  const heightTerm = relativeScores(row, relativeTable(tableH, side, height), 3);
  const widthTerm = relativeScores(row, relativeTable(tableW, side, side), 4);

  const range = (x: Value, from: number, to: number) => slice(x, 4, from, to);
  const over = (x: Value) => logSumExp(x, 4);
  const boxes = [
    ...(depth < side ? [add(depthTerm, add(over(range(heightTerm, depth, side)), over(widthTerm)))] : []),
    ...(height < side ? [add(depthTerm, add(over(range(heightTerm, 0, depth)), over(range(widthTerm, height, side))))] : []),
    ...(beyond > 0
      ? [slice(add(depthTerm, add(over(range(heightTerm, 0, depth)), over(range(widthTerm, 0, height)))), 5, width, side)]
      : []),
  ];
  const count = depth * height * width;
  const flat = (x: Value) => reshape(x, [windows, heads, count, x.dims[5]]);
  const emptyKeys = boxes.length > 0 ? flat(add(emptyScore(scaled, empty.k), logSumExp(concat(boxes, 5), 5))) : null;

  const full = (x: Value, to: number, dims: readonly number[]) =>
    reshape(slice(range(x, 0, to), 5, 0, width), [windows, heads, depth * height, ...dims]);
  const shared = add(full(heightTerm, depth, [depth, 1, width]), full(widthTerm, height, [1, height, width]));
  return attend({
    q: flat(scaled),
    k: flat(k),
    v: flat(v),
    terms: flat(slice(depthTerm, 5, 0, width)),
    marks: indicator(count, width, (token, mark) => token % width === mark),
    empty: emptyKeys && { score: emptyKeys, value: empty.v },
    shared: reshape(shared, [windows, heads, depth * height, 1, count]),
  });
}

/** Attention in a square window with SAM's decomposed relative positions: one term for rows, one for columns. */
import type { Value } from '../../engine/graph';
import { relativeScores } from '../../engine/ops/attention';
import { add, mul } from '../../engine/ops/elementwise';
import { concat, reshape, slice } from '../../engine/ops/shape';
import { attend, emptyScore, indicator, logSumExp, relativeTable } from './positionedAttention';
import type { Windows } from './windows';

/**
 * The score of query (h, w) and key (h′, w′) is q·k/√d + q·R_h[h − h′] + q·R_w[w − w′].
 * Empty keys share one k, so their weights e^score separate into rows times columns: all of them together weigh
 * e^(q·k₀/√d) · (Σ_{h′ empty} e^H · Σ_{w′} e^W + Σ_{h′ full} e^H · Σ_{w′ empty} e^W).
 */
export function planeAttention({ q, k, v, empty, side, tables }: Windows): Value {
  const [windows, heads, rows, columns, width] = q.dims;
  const rowTerm = relativeScores(q, relativeTable(tables[0], side, rows), 2);
  const columnTerm = relativeScores(q, relativeTable(tables[1], side, columns), 3);
  const scaled = mul(q, width ** -0.5);

  const [fullRows, emptyRows] = [slice(rowTerm, 4, 0, rows), slice(rowTerm, 4, rows, side)];
  const [fullColumns, emptyColumns] = [slice(columnTerm, 4, 0, columns), slice(columnTerm, 4, columns, side)];
  const boxes = [
    ...(rows < side ? [add(logSumExp(emptyRows, 4), logSumExp(columnTerm, 4))] : []),
    ...(columns < side ? [add(logSumExp(fullRows, 4), logSumExp(emptyColumns, 4))] : []),
  ];
  const count = rows * columns;
  const flat = (x: Value) => reshape(x, [windows, heads, count, x.dims[4]]);
  const emptyKeys = boxes.length > 0 ? flat(add(emptyScore(scaled, empty.k), logSumExp(concat(boxes, 4), 4))) : null;
  return attend({
    q: flat(scaled),
    k: flat(k),
    v: flat(v),
    terms: flat(concat([fullRows, fullColumns], 4)),
    marks: indicator(count, rows + columns, (token, mark) =>
      mark < rows ? Math.floor(token / columns) === mark : token % columns === mark - rows,
    ),
    empty: emptyKeys && { score: emptyKeys, value: empty.v },
  });
}

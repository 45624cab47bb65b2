/** What attention in planes and volumes shares: position terms carried by the matrix product of the scores, and one key for all empty ones. */
import { type Constant, constant, type Value } from '../../engine/graph';
import { add, exp, log, sub } from '../../engine/ops/elementwise';
import { interpolate } from '../../engine/ops/interpolate';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { reduceMax, reduceSum } from '../../engine/ops/reduce';
import { concat, expand, reshape, slice } from '../../engine/ops/shape';
import { softmax } from '../../engine/ops/softmax';

export interface PositionedAttention {
  /** Already scaled: [windows, heads, tokens, width]. */
  q: Value;
  k: Value;
  v: Value;
  /** Per query, numbers that are added to the score of every key that bears their mark: [windows, heads, tokens, marks]. */
  terms: Value;
  /** Zeros and ones: [tokens, marks]. */
  marks: Constant;
  /** One further key in place of all empty ones: its score [windows, heads, tokens, 1] and their value [heads, 1, width]. */
  empty: { score: Value; value: Value } | null;
  /** Added to the scores of the full keys; several queries in a row share a line: [windows, heads, tokens/repeats, 1, tokens]. */
  shared?: Value | undefined;
}

/** Numbers in the largest block of scores: 128 MB. */
const largestBlock = 2 ** 25;

/**
 * softmax(q·kᵀ + terms·marksᵀ)·v: [windows, heads, tokens, width]. Scores of a whole image would be by far the largest value in the
 * network, so heads take turns where all of them together exceed `largest` numbers.
 */
export function attend(all: PositionedAttention, largest = largestBlock): Value {
  const { q, k, v, terms, empty, shared } = all;
  const [windows, heads, tokens] = q.dims;
  const together = Math.max(1, Math.floor(largest / (windows * tokens * tokens)));
  const parts = Array.from({ length: Math.ceil(heads / together) }, (_, i) => {
    const some = (x: Value, axis = 1) => slice(x, axis, i * together, Math.min(heads, (i + 1) * together));
    return attendTogether({
      ...{ q: some(q), k: some(k), v: some(v), terms: some(terms), marks: all.marks },
      empty: empty && { score: some(empty.score), value: some(empty.value, 0) },
      shared: shared && some(shared),
    });
  });
  return concat(parts, 1);
}

function attendTogether({ q, k, v, terms, marks, empty, shared }: PositionedAttention): Value {
  const lead = q.dims.slice(0, 2);
  const [tokens, width] = q.dims.slice(2);
  const spread = (x: Value) => expand(x, [...lead, ...x.dims.slice(-2)]);
  const queries = concat([q, terms, ...(empty ? [empty.score] : [])], 3);
  const extra = marks.dims[1] + (empty ? 1 : 0);
  // The last key meets only the last number of a query, which is its score.
  const markers = indicator(tokens + (empty ? 1 : 0), extra, (token, mark) =>
    token < tokens ? mark < marks.dims[1] && Number(marks.data[token * marks.dims[1] + mark]) === 1 : mark === extra - 1,
  );
  const nothing = constant({ dims: [1, width], data: new Float32Array(width) });
  const keys = concat([empty ? concat([k, spread(nothing)], 2) : k, spread(markers)], 3);
  const values = empty ? concat([v, spread(empty.value)], 2) : v;
  let scores: Value = matmul(queries, transposeLast(keys));
  if (shared) {
    const zero = constant({ dims: [1], data: new Float32Array(1) });
    const line = empty ? concat([shared, expand(zero, shared.dims.with(-1, 1))], 4) : shared;
    const repeats = tokens / line.dims[2];
    scores = reshape(add(reshape(scores, [...lead, line.dims[2], repeats, scores.dims[3]]), line), scores.dims);
  }
  return matmul(softmax(scores, 3), values);
}

/** A matrix of zeros and ones. */
export function indicator(rows: number, columns: number, isOne: (row: number, column: number) => boolean): Constant {
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = Number(isOne(Math.floor(i / columns), i % columns));
  return constant({ dims: [rows, columns], data });
}

/**
 * The rows of a table [2·side − 1, width] that queries at 0 … extent − 1 need for keys at 0 … side − 1: [extent, side, width], from row
 * query − key + side − 1. A table of another length is interpolated.
 */
export function relativeTable(table: Value, side: number, extent: number): Value {
  const [length, width] = table.dims;
  const wanted = 2 * side - 1;
  const chosen = indicator(extent * side, wanted, (pair, row) => Math.floor(pair / side) - (pair % side) + side - 1 === row);
  const fitting =
    length === wanted ? table : transposeLast(interpolate(transposeLast(reshape(table, [1, length, width])), [wanted], 'halfPixel'));
  return reshape(matmul(chosen, reshape(fitting, [wanted, width])), [extent, side, width]);
}

/** log Σ eˣ over one axis, which stays with side 1. */
export function logSumExp(x: Value, axis: number): Value {
  const highest = reduceMax(x, [axis]);
  return add(highest, log(reduceSum(exp(sub(x, highest)), [axis])));
}

/** Scaled queries [windows, heads, tokens…, width] against the key of an empty token [heads, 1, width]: one number each. */
export function emptyScore(q: Value, key: Value): Value {
  const [windows, heads, ...rest] = q.dims;
  const tokens = rest.slice(0, -1);
  const rows = reshape(q, [windows, heads, tokens.reduce((product, side) => product * side, 1), rest[tokens.length]]);
  return reshape(matmul(rows, transposeLast(key)), [windows, heads, ...tokens, 1]);
}

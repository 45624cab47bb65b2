/** Muon, on matrices whose singular values are known. */
import { describe, expect, test } from 'vitest';
import { input, type Value } from '../../src/main/engine/graph';
import { muon } from '../../src/main/engine/optimisers';
import { evaluate } from './reference';

describe('Muon', () => {
  const [rows, columns] = [4, 8];
  /** Rows that are orthogonal and of length 1 (Sylvester's construction). */
  const hadamard = (side: number) =>
    Array.from({ length: side }, (_, i) => Array.from({ length: side }, (_, j) => (-1) ** ones(i & j) / Math.sqrt(side)));
  const ones = (n: number): number => (n === 0 ? 0 : (n & 1) + ones(n >> 1));
  const [u, v] = [hadamard(rows), hadamard(columns)];
  /** U·diag(stretches)·Vᵀ. */
  const matrix = (stretches: readonly number[]) =>
    Float64Array.from({ length: rows * columns }, (_, at) =>
      stretches.reduce((sum, s, n) => sum + s * u[n][Math.floor(at / columns)] * v[n][at % columns], 0),
    );
  const turned = (m: Float64Array) => Float64Array.from(m, (_, at) => m[(at % rows) * columns + Math.floor(at / rows)]);
  const stretches = [7, 2, 0.5, 0.03];

  /** What one step adds to a parameter, at a rate that makes 1 of an orthogonal matrix. */
  function moved(gradient: Float64Array, dims: readonly number[], velocity = new Float64Array(gradient.length), weightDecay = 0, from = 0) {
    const [p, g, rate] = [input('p', 'float32', dims), input('g', 'float32', dims), input('rate', 'float32', [])];
    const { parameter, slots } = muon(p, g, { rate, weightDecay });
    const feeds = new Map<Value, Float64Array>([
      [p, new Float64Array(gradient.length).fill(from)],
      [g, gradient],
      [rate, Float64Array.of(1 / (0.2 * Math.sqrt(columns)))],
      [slots[0].before, velocity],
    ]);
    const [after, next] = evaluate([parameter.after, slots[0].after], feeds).map(({ data }) => Array.from(data, Number));
    return { along: after.map((x) => from - x), next };
  }
  const quintic = (x: number) => 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
  const length = Math.hypot(...stretches);
  const evened = stretches.map((s) => [1, 2, 3, 4, 5].reduce(quintic, s / length));

  test('keeps the directions of a gradient and evens out how far each is followed', () => {
    const { along } = moved(matrix(stretches), [rows, columns]);
    for (const [n, wanted] of matrix(evened).entries()) expect(along[n]).toBeCloseTo(wanted, 5);
    expect(Math.max(...evened) / Math.min(...evened)).toBeLessThan(1.8);
  });
  test('does to a tall matrix what it does to one that lies', () => {
    const { along } = moved(turned(matrix(stretches)), [columns, rows]);
    for (const [n, wanted] of turned(matrix(evened)).entries()) expect(along[n]).toBeCloseTo(wanted, 5);
  });
  test('looks ahead along a momentum of 0.95', () => {
    const velocity = matrix([1, 1, 1, 1]);
    const { along, next } = moved(matrix(stretches), [rows, columns], velocity);
    const ahead = stretches.map((s) => 0.95 * (0.95 + 0.05 * s) + 0.05 * s);
    const wanted = ahead.map((s) => [1, 2, 3, 4, 5].reduce(quintic, s / Math.hypot(...ahead)));
    for (const [n, x] of matrix(wanted).entries()) expect(along[n]).toBeCloseTo(x, 5);
    for (const [n, x] of matrix(stretches.map((s) => 0.95 + 0.05 * s)).entries()) expect(next[n]).toBeCloseTo(x, 6);
  });
  test('leaves a matrix without a gradient where it is, but for its decay', () => {
    const { along } = moved(new Float64Array(rows * columns), [rows, columns], undefined, 0.1, 3);
    for (const x of along) expect(x).toBeCloseTo((3 * 0.1) / (0.2 * Math.sqrt(columns)), 6);
  });
});

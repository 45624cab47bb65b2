/** Matrix products. */
import { defineOp, type Op, scalar, type Value } from '../graph';
import { showDims } from '../tensor';
import { broadcast, sumTo } from './elementwise';
import { expand, reshape, transpose } from './shape';

/** Exchanges the last two axes. */
export function transposeLast(x: Value): Value {
  const rank = x.dims.length;
  return transpose(x, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
}

const lead = (x: Value): Value => ({ ...x, dims: x.dims.slice(0, -2) });

/** All leading axes as rows of one matrix. */
const stacked = (x: Value): Value => reshape(x, [x.dims.slice(0, -1).reduce((product, n) => product * n, 1), x.dims.at(-1) as number]);

/**
 * Product of the last two axes, the leading ones broadcast. For C = A·B: dA = G·Bᵀ, dB = Aᵀ·G. Where one matrix B serves many A, these are stacked
 * first: one product, and not many whose sum is wanted.
 */
export const matmul: Op = defineOp('MatMul', {
  shape: ([a, b]) => {
    const [m, k] = a.dims.slice(-2);
    const [l, n] = b.dims.slice(-2);
    if (a.dims.length < 2 || b.dims.length < 2 || k !== l) {
      throw new Error(`MatMul: ${showDims(a.dims)} times ${showDims(b.dims)}; expected as many columns as rows, in at least two axes each`);
    }
    return [...broadcast('MatMul', [lead(a), lead(b)]), m, n];
  },
  // A sum of nothing is 0; onnxruntime 1.30 leaves there what the memory held before.
  lower: ([a, b]) => {
    if (a.dims.at(-1) !== 0) return null;
    return expand(scalar(0, a.dtype), [...broadcast('MatMul', [lead(a), lead(b)]), ...a.dims.slice(-2, -1), ...b.dims.slice(-1)]);
  },
  grad: (g, _y, [a, b]) => [
    sumTo(matmul(g, transposeLast(b)), a.dims),
    b.dims.length === 2 ? matmul(transposeLast(stacked(a)), stacked(g)) : sumTo(matmul(transposeLast(a), g), b.dims),
  ],
});

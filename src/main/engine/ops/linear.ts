/** Matrix products. */
import { defineOp, type Op, type Value } from '../graph';
import { showDims } from '../tensor';
import { broadcast, sumTo } from './elementwise';
import { transpose } from './shape';

/** Exchanges the last two axes. */
export function transposeLast(x: Value): Value {
  const rank = x.dims.length;
  return transpose(x, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
}

/** Product of the last two axes, the leading ones broadcast. For C = A·B: dA = G·Bᵀ, dB = Aᵀ·G. */
export const matmul: Op = defineOp('MatMul', {
  shape: ([a, b]) => {
    const [m, k] = a.dims.slice(-2);
    const [l, n] = b.dims.slice(-2);
    if (a.dims.length < 2 || b.dims.length < 2 || k !== l) {
      throw new Error(`MatMul: ${showDims(a.dims)} times ${showDims(b.dims)}; expected as many columns as rows, in at least two axes each`);
    }
    const lead = (x: Value) => ({ ...x, dims: x.dims.slice(0, -2) });
    return [...broadcast('MatMul', [lead(a), lead(b)]), m, n];
  },
  grad: (g, _y, [a, b]) => [sumTo(matmul(g, transposeLast(b)), a.dims), sumTo(matmul(transposeLast(a), g), b.dims)],
});

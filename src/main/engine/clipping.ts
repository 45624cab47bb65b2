/** Gradients kept within bounds, so that one bad batch cannot throw a network far away. */
import type { Input, Value } from './graph';
import { add, div, greater, less, mul, sqrt, where } from './ops/elementwise';
import { reduceSquares, sumAll } from './ops/reduce';

/** Gradients of one step by the parameter they belong to. */
export type Gradients = ReadonlyMap<Input, Value>;

const squares = (g: Value): Value => (g.dims.length === 0 ? mul(g, g) : sumAll(reduceSquares(g, [g.dims.length - 1])));

/**
 * Scales all gradients alike so that together they are no longer than `most` (Pascanu et al. 2013; PyTorch's `clip_grad_norm_`, with its 1e-6 below).
 * Also answers the length before, worth reporting.
 */
export function clippedByNorm(gradients: Gradients, most: number): { gradients: Map<Input, Value>; norm: Value } {
  const norm = sqrt([...gradients.values()].map(squares).reduce((sum, part) => add(sum, part)));
  const ratio = div(most, add(norm, 1e-6));
  const scale = where(less(ratio, 1), ratio, 1);
  return { gradients: new Map([...gradients].map(([parameter, g]) => [parameter, mul(g, scale)])), norm };
}

/** Cuts every number of every gradient off at ±`most`. */
export function clippedByValue(gradients: Gradients, most: number): Map<Input, Value> {
  const cut = (g: Value) => where(greater(g, most), most, where(less(g, -most), -most, g));
  return new Map([...gradients].map(([parameter, g]) => [parameter, cut(g)]));
}

/** Gradients kept within bounds, so that one bad batch cannot throw a network far away. */
import type { Input, Value } from './graph';
import { clip } from './ops/curves';
import { add, div, min, mul, sqrt } from './ops/elementwise';
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
  const scale = min(div(most, add(norm, 1e-6)), 1);
  return { gradients: new Map([...gradients].map(([parameter, g]) => [parameter, mul(g, scale)])), norm };
}

/** Cuts every number of every gradient off at ±`most`. */
export function clippedByValue(gradients: Gradients, most: number): Map<Input, Value> {
  return new Map([...gradients].map(([parameter, g]) => [parameter, clip(g, -most, most)]));
}

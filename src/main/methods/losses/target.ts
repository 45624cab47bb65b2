/** What a loss compares with: label values as maps, and which voxels count. */
import { constant, type Value } from '../../engine/graph';
import { add, cast, div, equal, mul } from '../../engine/ops/elementwise';
import { sumAll, sumOver } from '../../engine/ops/reduce';
import { reshape } from '../../engine/ops/shape';

/** Label values [N, …] as K maps of zeros and ones [N, K, …]. A value that is no class, such as 255 for *unknown*, is zero in all of them. */
export function oneHot(label: Value, classes: number): Value {
  const [n, ...sides] = label.dims;
  const values = constant({ dims: [1, classes, ...sides.map(() => 1)], data: Int32Array.from({ length: classes }, (_, k) => k) });
  return cast(equal(cast(reshape(label, [n, 1, ...sides]), 'int32'), values), 'float32');
}

/** Takes a share of the certainty from the true class and spreads it over all K (Szegedy et al. 2016): (1 − share)·target + share/K. */
export const smoothed = (target: Value, share: number): Value => add(mul(target, 1 - share), share / target.dims[1]);

/** 1 where a voxel has a label, 0 where it is unknown: [N, K, …] to [N, …]. */
export const known = (target: Value): Value => sumOver(target, [1]);

/** Mean of a map over the voxels that count: Σ map·weight / Σ weight. Not a number where nothing counts. */
export const weightedMean = (map: Value, weight: Value): Value => div(sumAll(mul(map, weight)), sumAll(weight));

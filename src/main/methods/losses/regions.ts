/** Whether features tell the regions of an image apart: all of its objects at once, without anybody asking about one. */
import type { Value } from '../../engine/graph';
import { add, cast, div, less, mul, neg, sub } from '../../engine/ops/elementwise';
import { matmul, transposeLast } from '../../engine/ops/linear';
import { reduceSum, sumAll } from '../../engine/ops/reduce';
import { logSoftmax } from '../../engine/ops/softmax';

/**
 * Cross-entropy of assigning every place to the region whose mean feature is nearest (squared distance), each region counting the same: the
 * nearest-mean classifier of prototypical networks (Snell et al. 2017), with an image's own regions as its classes.
 * @param features [N, places, C]
 * @param regions  zeros and ones, [N, R, places]; a place in none of them does not count, nor does a region without places
 */
export function regionLoss(features: Value, regions: Value): Value {
  const sizes = reduceSum(regions, [2]);
  const counted = add(sizes, 1e-6);
  const means = div(matmul(regions, features), counted);
  const empty = transposeLast(cast(less(sizes, 0.5), 'float32'));
  const apart = add(transposeLast(reduceSum(mul(means, means), [2])), mul(empty, 1e4));
  const chances = logSoftmax(sub(mul(matmul(features, transposeLast(means)), 2), apart), 2);
  const ofRegions = div(reduceSum(mul(transposeLast(regions), chances), [1]), transposeLast(counted));
  return neg(div(sumAll(ofRegions), sumAll(sub(1, empty))));
}

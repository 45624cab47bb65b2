/** Linear interpolation at given places, written with ops that know their gradients: both the image and the places may be learned. */
import type { Value } from '../graph';
import { showDims, sizeOf } from '../tensor';
import { clip, floor } from './curves';
import { add, cast, greaterOrEqual, lessOrEqual, mul, sub } from './elementwise';
import { gather } from './indexing';
import type { Corners } from './interpolate';
import { and } from './logic';
import { expand, reshape, slice } from './shape';

/**
 * Numbers of an image [N, C, …] at places [N, …, D], D = spatial axes, the last axis first: −1 and 1 are the image's borders, or with
 * `aligned` the centres of its corner voxels. Zeros outside. The result is [N, C, …] over the places' axes.
 */
export function gridSample(x: Value, grid: Value, corners: Corners): Value {
  const [batch, channels, ...sides] = x.dims;
  const places = grid.dims.slice(1, -1);
  if (grid.dims[0] !== batch || grid.dims.at(-1) !== sides.length) {
    throw new Error(`gridSample: places ${showDims(grid.dims)} in ${showDims(x.dims)}`);
  }
  const points = sizeOf(places);
  const lines = reshape(grid, [batch, points, sides.length]);
  const axes = sides.map((side, i) => {
    const at = reshape(slice(lines, 2, sides.length - 1 - i, sides.length - i), [batch, 1, points]);
    const position = corners === 'aligned' ? mul(add(at, 1), (side - 1) / 2) : add(mul(at, side / 2), (side - 1) / 2);
    const below = floor(position);
    const share = sub(position, below);
    return [tap(below, sub(1, share), side), tap(add(below, 1), share, side)];
  });

  const image = reshape(x, [batch, channels, sizeOf(sides)]);
  const visit = (axis: number, { place, weight }: Tap): Value => {
    if (axis === sides.length) return mul(gather(image, expand(cast(place, 'int64'), [batch, channels, points]), 2), weight);
    const [low, high] = axes[axis].map((next) =>
      visit(axis + 1, { place: add(mul(place, sides[axis]), next.place), weight: mul(weight, next.weight) }),
    );
    return add(low, high);
  };
  const sum = axes[0].map((first) => visit(1, first));
  return reshape(add(sum[0], sum[1]), [batch, channels, ...places]);
}

interface Tap {
  place: Value;
  weight: Value;
}
/** A place along an axis kept within the image, and its weight, 0 where it was outside. */
function tap(place: Value, weight: Value, side: number): Tap {
  const isInside = and(greaterOrEqual(place, 0), lessOrEqual(place, side - 1));
  return { place: clip(place, 0, side - 1), weight: mul(weight, cast(isInside, weight.dtype)) };
}

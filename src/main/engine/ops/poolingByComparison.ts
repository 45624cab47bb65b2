/** The gradient of max-pooling where a device does not tell which voxel won: it is found again by comparing with the maximum. */
import type { Value } from '../graph';
import { add, cast, constantLike, equal, mul, sub } from './elementwise';
import { concat, everyNth, interleave, pad, padOrCrop, reshape, slice } from './shape';

/** Windows that tile the image: each voxel of the window in turn gets the gradient if it equals the maximum and none before it did. */
export function byComparisonOfTiles(g: Value, x: Value, y: Value, kernel: readonly number[]): Value {
  const [batch, channels, ...sides] = y.dims;
  const cut = kernel.map((side, i) => x.dims[i + 2] - side * sides[i]);
  const none = kernel.map(() => 0);
  const tiled = padOrCrop(
    x,
    none,
    cut.map((count) => -count),
  );
  const windows = reshape(tiled, [batch, channels, ...sides.flatMap((side, i) => [side, kernel[i]])]);
  const one = [batch, channels, ...sides.flatMap((side) => [side, 1])];
  const [slope, most] = [reshape(g, one), reshape(y, one)];
  let free: Value = constantLike(slope, 1);
  const visit = (part: Value, axis: number): Value => {
    if (axis === kernel.length) {
      const takes = mul(free, cast(equal(part, most), part.dtype));
      free = sub(free, takes);
      return mul(slope, takes);
    }
    const at = 2 * axis + 3;
    return concat(
      Array.from({ length: kernel[axis] }, (_, i) => visit(slice(part, at, i, i + 1), axis + 1)),
      at,
    );
  };
  return padOrCrop(reshape(visit(windows, 0), tiled.dims), none, cut);
}

export interface Windows {
  kernel: readonly number[];
  strides: readonly number[];
  padding: readonly number[];
}
/** Any windows: as above, but what each place in the window gets is laid out on the image by itself and summed. */
export function byComparison(g: Value, x: Value, y: Value, { kernel, strides, padding }: Windows): Value {
  const room = [0, 0, ...padding];
  // Lower than any number, so that what lies outside never equals a maximum.
  const image = pad(x, room, room, -3.4028234e38);
  const reach = y.dims.slice(2).map((side, i) => (side - 1) * strides[i] + 1);
  let free: Value = constantLike(g, 1);
  let sum: Value | null = null;
  const count = kernel.reduce((product, side) => product * side, 1);
  for (let n = 0; n < count; n++) {
    const offset = offsetAt(n, kernel);
    const after = reach.map((side, i) => image.dims[i + 2] - offset[i] - side);
    const seen = padOrCrop(
      image,
      offset.map((at) => -at),
      after.map((at) => -at),
    );
    const takes = mul(free, cast(equal(everyNth(seen, strides), y), g.dtype));
    free = sub(free, takes);
    const share = pad(interleave(mul(g, takes), strides), [0, 0, ...offset], [0, 0, ...after]);
    sum = sum ? add(sum, share) : share;
  }
  const back = padding.map((width) => -width);
  return padOrCrop(sum as Value, back, back);
}

/** The n-th position in a window, last axis fastest. */
function offsetAt(n: number, kernel: readonly number[]): number[] {
  const offset: number[] = [];
  for (const side of kernel.toReversed()) {
    offset.unshift(n % side);
    n = Math.floor(n / side);
  }
  return offset;
}

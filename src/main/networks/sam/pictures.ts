/** What stands before and behind SAM: intensities as it was trained on them, and masks at the size of the image they are for. */
import { constant, type Value } from '../../engine/graph';
import { div, sub } from '../../engine/ops/elementwise';
import { interpolate } from '../../engine/ops/interpolate';
import { pad, slice } from '../../engine/ops/shape';
import { showDims, tensor } from '../../engine/tensor';
import { perAxis, type SamSpec } from './spec';

/** Mean and deviation of red, green and blue that the plane's encoder expects to be taken out (ImageNet, 0 … 255). */
const colours = { mean: [123.675, 116.28, 103.53], deviation: [58.395, 57.12, 57.375] };

/**
 * Colours of 0 … 255 [N, 3, rows, columns], the longer side already brought to the encoder's, as the encoder takes them: normalised, then
 * filled up with zeros below and on the right.
 */
export function preparePlane(spec: SamSpec, image: Value): Value {
  const sides = image.dims.slice(2);
  if (image.dims.length !== 4 || image.dims[1] !== 3 || Math.max(...sides) > spec.imageSide) {
    throw new Error(`SAM: the image is ${showDims(image.dims)}, expected [N, 3, rows, columns] with sides up to ${spec.imageSide}`);
  }
  const perColour = (values: readonly number[]) => constant(tensor([1, 3, 1, 1], values));
  const normalised = div(sub(image, perColour(colours.mean)), perColour(colours.deviation));
  return pad(normalised, [0, 0, 0, 0], [0, 0, ...sides.map((side) => spec.imageSide - side)]);
}

/** How an image lies in the encoder's square, and how large it was before. */
export interface Placement {
  /** Sides of the part that is no filling. */
  shown: readonly number[];
  original: readonly number[];
}

/**
 * Logits of the decoder [N, masks, 4·grid…] linearly interpolated to the encoder's image; where a placement is given, without the filling
 * and at the original size.
 */
export function enlargeMasks(spec: SamSpec, logits: Value, placement: Placement | null = null): Value {
  let whole = interpolate(logits, perAxis(spec, spec.imageSide), 'halfPixel');
  if (!placement) return whole;
  for (const [axis, side] of placement.shown.entries()) whole = slice(whole, axis + 2, 0, side);
  return interpolate(whole, placement.original, 'halfPixel');
}

/** The convolution every decoder of a U-Net begins with: over a skip connection beside a coarser image that is interpolated to its size. */
import { pullBack } from '../backward';
import { defineOp, type Op, type Value } from '../graph';
import { showDims, sizeOf } from '../tensor';
import { along, axisMatrix } from './axisMatrix';
import { conv } from './convolution';
import { add } from './elementwise';
import { type Corners, interpolate, linearMatrix } from './interpolate';
import { concat, reshape, slice, transpose } from './shape';

const spatial = (x: Value) => x.dims.slice(2);
const padding = (w: Value) => ({ before: spatial(w).map((side) => (side - 1) / 2) });

/** As it is written in papers: interpolate, concatenate, convolve. */
function written([skip, coarse, w, b]: readonly Value[], corners: Corners): Value {
  return conv(concat([skip, interpolate(coarse, spatial(skip), corners)], 1), w, b ?? null, padding(w));
}

/**
 * The same as a sum of two convolutions. Interpolation along the first axis commutes with a convolution across it, so the coarse part is
 * convolved with the kernel's layers, as further outputs, before it has all its slices; one constant matrix then interpolates the
 * results, shifts them and adds them up.
 */
function split([skip, coarse, w, b]: readonly Value[], corners: Corners): Value {
  const channels = skip.dims[1];
  const [outputs, all, layers, ...rest] = w.dims;
  const fine = conv(skip, slice(w, 1, 0, channels), b ?? null, padding(w));
  const [slices, ...sides] = spatial(skip);
  const few = coarse.dims[2];

  const stacked = transpose(slice(w, 1, channels, all), [0, 2, 1, ...rest.map((_, i) => i + 3)]);
  const kernel = reshape(stacked, [outputs * layers, all - channels, 1, ...rest]);
  const across = conv(interpolate(coarse, [few, ...sides], corners), kernel, null, padding(kernel));
  const sum = along(reshape(across, [skip.dims[0], outputs, layers * few, sizeOf(sides)]), 2, rise(few, slices, layers, corners));
  return add(fine, reshape(sum, fine.dims));
}

/** [slices, layers·few]: row s adds, for every layer of the kernel, the interpolated slice that the layer sees from s; beyond the ends it sees zeros. */
function rise(few: number, slices: number, layers: number, corners: Corners) {
  const between = linearMatrix(few, slices, corners).data as Float32Array;
  return axisMatrix(slices, layers * few, (s) =>
    Array.from({ length: layers }, (_, layer) => ({ layer, seen: s + layer - (layers - 1) / 2 }))
      .filter(({ seen }) => seen >= 0 && seen < slices)
      .flatMap(({ layer, seen }) => Array.from({ length: few }, (_, at) => [layer * few + at, between[seen * few + at]] as const)),
  );
}

const convRisingOp: Op = defineOp('ConvRising', {
  shape: ([skip, coarse, w]) => {
    if (skip.dims[1] + coarse.dims[1] !== w.dims[1] || spatial(w).some((side) => side % 2 === 0)) {
      throw new Error(
        `convRising: weights ${showDims(w.dims)} for ${skip.dims[1]} and ${coarse.dims[1]} channels; expected as many, and odd sides`,
      );
    }
    return [skip.dims[0], w.dims[0], ...spatial(skip)];
  },
  written: (inputs, { corners }) => written(inputs, corners as Corners),
  lower: (inputs, { corners }, form) => (form === 'cpu' ? split(inputs, corners as Corners) : null),
  grad: (g, _y, inputs, { corners }) => {
    const slopes = pullBack([[split(inputs, corners as Corners), g]], inputs, new Set(inputs));
    return inputs.map((input) => slopes.get(input) as Value);
  },
});

/**
 * Convolution, of the same size as `skip` [N, C, …], over the channels of `skip` and then those of `coarse` [N, D, …] interpolated to it.
 * @param w [K, C + D, …] with odd sides
 * @param b [K] or null
 */
export function convRising(skip: Value, coarse: Value, w: Value, b: Value | null, corners: Corners): Value {
  return convRisingOp.of(b ? [skip, coarse, w, b] : [skip, coarse, w], { corners });
}

/** Ops of foreign models that move numbers, and those that compute with shapes, which are all known here. */
import { type Constant, constant, elements, integers, scalar, type Value } from '../graph';
import { cast, where } from '../ops/elementwise';
import { gather, take } from '../ops/indexing';
import { tile } from '../ops/rearrange';
import { concat, expand, flip, pad, reshape, slice, transpose } from '../ops/shape';
import { type Dtype, showDims, sizeOf, zeros } from '../tensor';
import type { Operation, Translations } from './operation';

/** Numbers a model may ask for by stating a size. */
const mostNumbers = 2 ** 26;
const axes = (count: number) => Array.from({ length: count }, (_, axis) => axis);

/** Sides of 0 keep the input's (unless `allowzero`), one of −1 takes what is left. */
function reshaped(op: Operation): Value {
  const wanted = op.listFrom(1, 'shape') ?? [];
  const dims = wanted.map((side, axis) => (side === 0 && op.int('allowzero', 0) === 0 ? op.x.dims[axis] : side));
  const open = dims.indexOf(-1);
  if (open >= 0) dims[open] = elements(op.x) / sizeOf(dims.toSpliced(open, 1));
  if (sizeOf(dims) !== elements(op.x) || dims.some((side) => !Number.isInteger(side) || side < 0)) {
    throw new Error(`${showDims(op.x.dims)} cannot become ${showDims(wanted)}`);
  }
  return reshape(op.x, dims);
}
function flattened(op: Operation): Value {
  const axis = op.int('axis', 1);
  const at = axis < 0 ? axis + op.rank : axis;
  return reshape(op.x, [sizeOf(op.x.dims.slice(0, at)), sizeOf(op.x.dims.slice(at))]);
}
function squeezed(op: Operation): Value {
  const named = op.listFrom(1, 'axes')?.map((axis) => op.axis(axis));
  const gone = named ?? axes(op.rank).filter((axis) => op.x.dims[axis] === 1);
  const wrong = gone.find((axis) => op.x.dims[axis] !== 1);
  if (wrong !== undefined) throw new Error(`axis ${wrong} of ${showDims(op.x.dims)} should have side 1`);
  return reshape(
    op.x,
    op.x.dims.filter((_, axis) => !gone.includes(axis)),
  );
}
function unsqueezed(op: Operation): Value {
  const named = op.listFrom(1, 'axes') ?? [];
  const rank = op.rank + named.length;
  const dims = [...op.x.dims];
  for (const axis of named.map((at) => op.axis(at, rank)).sort((a, b) => a - b)) dims.splice(axis, 0, 1);
  return reshape(op.x, dims);
}
/** Sides of 1 on either side give way to the other. */
function expanded(op: Operation): Value {
  const wanted = op.numbers(1) ?? [];
  const rank = Math.max(op.rank, wanted.length);
  const dims = axes(rank).map((axis) => {
    const [own, other] = [op.x.dims[axis - rank + op.rank] ?? 1, wanted[axis - rank + wanted.length] ?? 1];
    if (own !== other && own !== 1 && other !== 1) throw new Error(`${showDims(op.x.dims)} cannot spread to ${showDims(wanted)}`);
    return own === 1 ? other : own;
  });
  if (op.x.kind === 'constant' && sizeOf(dims) > mostNumbers) throw new Error(`${showDims(dims)} is more than ${mostNumbers} numbers`);
  return expand(op.x, dims);
}

/** Version 1 has attributes, version 10 inputs; ends beyond the side mean the side. */
function sliced(op: Operation): Value {
  const [starts, ends] = [op.listFrom(1, 'starts') ?? [], op.listFrom(2, 'ends') ?? []];
  const named = op.listFrom(3, 'axes') ?? axes(starts.length);
  const steps = op.numbers(4) ?? starts.map(() => 1);
  let y = op.x;
  for (const [i, at] of named.entries()) {
    const axis = op.axis(at);
    const side = y.dims[axis];
    const step = steps[i];
    const place = (p: number, least: number, most: number) => Math.min(most, Math.max(least, p < 0 ? p + side : p));
    if (step === 0) throw new Error('the step is 0');
    if (step > 0) {
      const from = place(starts[i], 0, side);
      y = every(slice(y, axis, from, Math.max(from, place(ends[i], 0, side))), axis, step);
    } else {
      const from = place(starts[i], -1, side - 1);
      const to = place(ends[i], -1, side - 1);
      y = every(flip(slice(y, axis, Math.min(to, from) + 1, from + 1), [axis]), axis, -step);
    }
  }
  return y;
}
/** Every step-th place along an axis, from the first. */
function every(x: Value, axis: number, step: number): Value {
  const side = x.dims[axis];
  if (step === 1 || side === 0) return x;
  const count = Math.ceil(side / step);
  const none = x.dims.map(() => 0);
  const whole = pad(x, none, none.with(axis, count * step - side));
  const apart = reshape(whole, x.dims.toSpliced(axis, 1, count, step));
  return reshape(slice(apart, axis + 1, 0, 1), x.dims.with(axis, count));
}

function parted(op: Operation): Value[] {
  const axis = op.axis(op.int('axis', 0));
  const side = op.x.dims[axis];
  const parts = Math.min(side, op.has('num_outputs') ? op.int('num_outputs', 1) : op.outputs);
  const size = Math.ceil(side / parts);
  const sizes = op.listFrom(1, 'split') ?? Array.from({ length: parts }, (_, i) => Math.min(size, side - i * size));
  if (sizes.reduce((sum, part) => sum + part, 0) !== side)
    throw new Error(`parts of ${showDims(sizes)} do not fill axis ${axis} of ${showDims(op.x.dims)}`);
  let from = 0;
  return sizes.map((part) => {
    from += part;
    return slice(op.x, axis, from - part, from);
  });
}

function picked(op: Operation): Value {
  const axis = op.axis(op.int('axis', 0));
  const side = op.x.dims[axis];
  const positions = op.input(1);
  const numbers = op.numbers(1) ?? [];
  const places = numbers.map((at) => (at < 0 ? at + side : at));
  const wrong = places.findIndex((at) => at < 0 || at >= side);
  if (wrong >= 0) throw new Error(`position ${numbers[wrong]} is outside axis ${axis} of ${showDims(op.x.dims)}`);
  const isRun = places.length > 0 && places.every((at, i) => at === places[0] + i);
  const dims = op.x.dims.toSpliced(axis, 1, ...positions.dims);
  if (isRun) return reshape(slice(op.x, axis, places[0], places[0] + places.length), dims);
  return take(op.x, constant({ dims: positions.dims, data: BigInt64Array.from(places, BigInt) }), axis);
}

/** A block of channels as a block of voxels; `DCR` and `CRD` say which comes first among the channels. */
function depthToSpace(op: Operation): Value {
  const [n, c, h, w] = op.x.dims;
  const b = op.int('blocksize', 1);
  const inside = c / (b * b);
  const y =
    op.text('mode', 'DCR') === 'DCR'
      ? transpose(reshape(op.x, [n, b, b, inside, h, w]), [0, 3, 4, 1, 5, 2])
      : transpose(reshape(op.x, [n, inside, b, b, h, w]), [0, 1, 4, 2, 5, 3]);
  return reshape(y, [n, inside, h * b, w * b]);
}
function spaceToDepth(op: Operation): Value {
  const [n, c, h, w] = op.x.dims;
  const b = op.int('blocksize', 1);
  const y = transpose(reshape(op.x, [n, c, h / b, b, w / b, b]), [0, 3, 5, 1, 2, 4]);
  return reshape(y, [n, c * b * b, h / b, w / b]);
}

/** The upper or lower triangle of the last two axes; zeros elsewhere. */
function triangle(op: Operation): Value {
  const [rows, columns] = op.x.dims.slice(-2);
  if (rows * columns > mostNumbers) throw new Error(`${showDims([rows, columns])} is more than ${mostNumbers} numbers`);
  const [shift, isUpper] = [op.numbers(1)?.[0] ?? 0, op.int('upper', 1) === 1];
  const data = Uint8Array.from({ length: rows * columns }, (_, at) => {
    const offset = (at % columns) - Math.floor(at / columns) - shift;
    return Number(isUpper ? offset >= 0 : offset <= 0);
  });
  return where(cast(constant({ dims: [rows, columns], data }), 'bool'), op.x, scalar(0, op.x.dtype));
}

function constantOf(op: Operation): Value {
  const tensor = op.tensor('value');
  if (tensor) return tensor;
  if (op.has('value_float')) return scalar(op.real('value_float', 0));
  if (op.has('value_int')) return scalar(op.int('value_int', 0), 'int64');
  const floats = op.list('value_floats');
  if (floats) return constant({ dims: [floats.length], data: Float32Array.from(floats) });
  const ints = op.list('value_ints');
  if (ints) return integers(ints);
  throw new Error('expected a tensor or numbers as its value');
}
const filled = (dims: readonly number[], dtype: Dtype): Constant => {
  const count = sizeOf(dims);
  if (!(count <= mostNumbers) || dims.some((side) => side < 0)) throw new Error(`${showDims(dims)} is more than ${mostNumbers} numbers`);
  return { ...constant({ dims, data: zeros(dtype, count) }), dtype };
};
function constantOfShape(op: Operation): Value {
  const value = op.tensor('value');
  const result = filled(op.numbers(0) ?? [], value?.dtype ?? 'float32');
  if (value) for (let i = 0; i < result.data.length; i++) result.data[i] = value.data[0];
  return result;
}
function range(op: Operation): Value {
  const [start, end, step] = [0, 1, 2].map((at) => op.numbers(at)?.[0] ?? 0);
  const result = filled([Math.max(0, Math.ceil((end - start) / step))], op.x.dtype);
  for (let i = 0; i < result.data.length; i++) {
    const value = start + i * step;
    result.data[i] = result.data instanceof BigInt64Array ? BigInt(value) : value;
  }
  return result;
}

export const shapeOps: Translations = {
  Reshape: reshaped,
  Flatten: flattened,
  Squeeze: squeezed,
  Unsqueeze: unsqueezed,
  Expand: expanded,
  Tile: (op) => tile(op.x, op.numbers(1) ?? []),
  Transpose: (op) => transpose(op.x, op.list('perm') ?? axes(op.rank).toReversed()),
  Concat: (op) => concat(op.given, op.axis(op.int('axis', 1))),
  Slice: sliced,
  Split: parted,
  Gather: picked,
  GatherElements: (op) => {
    const axis = op.axis(op.int('axis', 0));
    return gather(op.x, op.known(1) ?? op.input(1), axis);
  },
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Trilu: triangle,
  Shape: (op) => {
    const end = op.has('end') ? op.int('end', 0) : op.rank;
    return integers(op.x.dims.slice(op.int('start', 0), end));
  },
  Size: (op) => scalar(elements(op.x), 'int64'),
  Constant: constantOf,
  ConstantOfShape: constantOfShape,
  Range: range,
};

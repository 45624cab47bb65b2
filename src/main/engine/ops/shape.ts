/** Ops that move numbers without changing them: reshape, transpose, slice, concatenate, pad, spread, flip. */
import { constant, defineOp, elements, integers, integersOf, listOf, type Op, scalar, type Value } from '../graph';
import { sameDims, showDims } from '../tensor';
import { sumTo } from './elementwise';
import { matmul } from './linear';

const reshapeOp: Op = defineOp('Reshape', {
  shape: ([x, shape]) => {
    const dims = integersOf(shape);
    if (elements(x) !== elements({ ...x, dims })) throw new Error(`Reshape: ${showDims(x.dims)} cannot become ${showDims(dims)}`);
    return dims;
  },
  grad: (g, _y, [x]) => [reshape(g, x.dims), null],
});
/** The same numbers under another shape. */
export function reshape(x: Value, dims: readonly number[]): Value {
  if (sameDims(x.dims, dims)) return x;
  // A reshape of a reshape is one reshape.
  const source = x.kind === 'node' && x.op === reshapeOp ? x.inputs[0] : x;
  // Without being told otherwise, ONNX takes a side of 0 for "as before".
  return sameDims(source.dims, dims) ? source : reshapeOp.of([source, integers(dims)], dims.includes(0) ? { allowzero: 1 } : {});
}

const transposeOp: Op = defineOp('Transpose', {
  shape: ([x], attributes) => {
    const perm = listOf(attributes, 'perm');
    if (perm.length !== x.dims.length || x.dims.some((_, axis) => !perm.includes(axis))) {
      throw new Error(`Transpose: the order ${showDims(perm)} does not name every axis of ${showDims(x.dims)} once`);
    }
    return perm.map((axis) => x.dims[axis]);
  },
  grad: (g, _y, _inputs, attributes) => {
    const perm = listOf(attributes, 'perm');
    const inverse = perm.map((_, axis) => perm.indexOf(axis));
    return [transpose(g, inverse)];
  },
});
/** Axis `i` of the result is axis `perm[i]` of x. */
export const transpose = (x: Value, perm: readonly number[]): Value => transposeOp.of([x], { perm });

const sliceOp: Op = defineOp('Slice', {
  shape: ([x, starts, ends, axes]) => {
    const dims = [...x.dims];
    const [s, e] = [starts, ends].map(integersOf);
    for (const [i, axis] of integersOf(axes).entries()) dims[axis] = e[i] - s[i];
    return dims;
  },
  // Zeros everywhere the slice did not reach.
  grad: (g, _y, [x, starts, _ends, axes]) => {
    const [s, a] = [starts, axes].map(integersOf);
    const before = x.dims.map((_, axis) => (a.includes(axis) ? s[a.indexOf(axis)] : 0));
    const after = x.dims.map((side, axis) => side - before[axis] - g.dims[axis]);
    return [pad(g, before, after), null, null, null];
  },
});
/** Positions `from` … `to`−1 along one axis. A slice of a slice is one slice, so that nothing is copied twice. */
export function slice(x: Value, axis: number, from: number, to: number): Value {
  if (!(axis >= 0 && axis < x.dims.length)) throw new Error(`Slice: ${showDims(x.dims)} has no axis ${axis}`);
  if (from < 0 || to > x.dims[axis] || from > to) {
    throw new Error(`Slice: ${from} … ${to} leaves axis ${axis} of ${showDims(x.dims)}`);
  }
  if (from === 0 && to === x.dims[axis]) return x;
  const [whole, starts, ends, axes] = x.kind === 'node' && x.op === sliceOp ? x.inputs : [x];
  const known = [starts, ends, axes].map((list) => (list ? [...integersOf(list)] : []));
  const at = known[2].includes(axis) ? known[2].indexOf(axis) : known[2].push(axis) - 1;
  const first = known[0][at] ?? 0;
  known[0][at] = first + from;
  known[1][at] = first + to;
  return sliceOp.of([whole, ...known.map(integers)]);
}
/** Reverses the order along `axes`. Its own gradient. */
export function flip(x: Value, axes: readonly number[]): Value {
  const turned = axes.filter((axis) => x.dims[axis] > 1);
  if (turned.length === 0) return x;
  // From the last element (−1) down to one step past the first, which ONNX writes as −(side + 1).
  const back = integers(turned.map(() => -1));
  return flipOp.of([x, back, integers(turned.map((axis) => -(x.dims[axis] + 1))), integers(turned), back]);
}
const flipOp: Op = defineOp('Slice', {
  shape: ([x]) => x.dims,
  grad: (g, _y, [, , , axes]) => [flip(g, integersOf(axes)), null, null, null, null],
  // Providers copy backwards number by number; over the last axes a product with the exchange matrix is many times faster.
  lower: ([x, , , axes]) => {
    const first = x.dims.length - integersOf(axes).length;
    const side = x.dims.slice(first).reduce((product, s) => product * s, 1);
    if (x.dtype !== 'float32' || side > 128 || !integersOf(axes).every((axis, i) => axis === first + i)) return null;
    const exchange = new Float32Array(side * side);
    for (let i = 0; i < side; i++) exchange[i * side + side - 1 - i] = 1;
    return reshape(matmul(reshape(x, [elements(x) / side, side]), constant({ dims: [side, side], data: exchange })), x.dims);
  },
});

const concatOp: Op = defineOp('Concat', {
  shape: (inputs, { axis }) => {
    if (!((axis as number) < inputs[0].dims.length)) throw new Error(`Concat: ${showDims(inputs[0].dims)} has no axis ${axis}`);
    for (const other of inputs) {
      if (other.dtype !== inputs[0].dtype)
        throw new Error(`Concat: expected values of one type, ${inputs[0].dtype} and ${other.dtype} came`);
      if (other.dims.length !== inputs[0].dims.length || !inputs[0].dims.every((side, i) => i === axis || side === other.dims[i])) {
        throw new Error(`Concat: ${showDims(inputs[0].dims)} and ${showDims(other.dims)} differ outside axis ${axis}`);
      }
    }
    return inputs[0].dims.map((side, i) => (i === axis ? inputs.reduce((sum, x) => sum + x.dims[i], 0) : side));
  },
  grad: (g, _y, inputs, { axis }) => {
    let from = 0;
    return inputs.map((x) => {
      const part = slice(g, axis as number, from, from + x.dims[axis as number]);
      from += x.dims[axis as number];
      return part;
    });
  },
});
/** Values one after another along an axis. */
export const concat = (inputs: readonly Value[], axis: number): Value => (inputs.length === 1 ? inputs[0] : concatOp.of(inputs, { axis }));

const padOp: Op = defineOp('Pad', {
  shape: ([x, pads]) => {
    const p = integersOf(pads);
    if (p.length !== 2 * x.dims.length) throw new Error(`Pad: ${p.length} counts for the ${x.dims.length} axes of ${showDims(x.dims)}`);
    return x.dims.map((side, axis) => side + p[axis] + p[axis + x.dims.length]);
  },
  grad: (g, _y, [x, pads]) => {
    const p = integersOf(pads);
    let inner = g;
    for (const [axis, side] of x.dims.entries()) inner = slice(inner, axis, p[axis], p[axis] + side);
    return [inner, null, null];
  },
});
/** Numbers before and after, per axis, zeros unless another is given; a negative count cuts. */
export function pad(x: Value, before: readonly number[], after: readonly number[], value = 0): Value {
  if (before.length !== x.dims.length || after.length !== x.dims.length) {
    throw new Error(`Pad: ${before.length} and ${after.length} counts for the ${x.dims.length} axes of ${showDims(x.dims)}`);
  }
  let cut = x;
  for (const axis of x.dims.keys()) {
    const [first, last] = [Math.max(0, -before[axis]), Math.max(0, -after[axis])];
    cut = slice(cut, axis, first, cut.dims[axis] - last);
  }
  const room = [...before, ...after].map((count) => Math.max(0, count));
  return room.every((count) => count === 0) ? cut : padOp.of([cut, integers(room), scalar(value, x.dtype)]);
}

/** Pads the spatial axes of [N, C, …] with zeros, or cuts where a count is negative. */
export const padOrCrop = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  pad(x, [0, 0, ...before], [0, 0, ...after]);

/** Every stride-th voxel of [N, C, …] along each spatial axis, from the first. */
export function everyNth(x: Value, strides: readonly number[]): Value {
  if (strides.every((stride) => stride === 1)) return x;
  const lead = x.dims.slice(0, 2);
  const counts = strides.map((stride, i) => Math.ceil(x.dims[i + 2] / stride));
  const whole = padOrCrop(
    x,
    counts.map(() => 0),
    counts.map((count, i) => count * strides[i] - x.dims[i + 2]),
  );
  let kept = reshape(whole, [...lead, ...counts.flatMap((count, i) => [count, strides[i]])]);
  for (const i of counts.keys()) kept = slice(kept, 2 * i + 3, 0, 1);
  return reshape(kept, [...lead, ...counts]);
}

/** Puts stride − 1 zeros between spatial neighbours of [N, C, …]: voxel s lies at s·stride. What `everyNth` undoes. */
export function interleave(x: Value, strides: readonly number[]): Value {
  if (strides.every((stride) => stride === 1)) return x;
  const [lead, sides] = [x.dims.slice(0, 2), x.dims.slice(2)];
  const gaps = strides.flatMap((stride) => [0, stride - 1]);
  const apart = reshape(x, [...lead, ...sides.flatMap((side) => [side, 1])]);
  let spread = pad(apart, [0, 0, ...gaps.map(() => 0)], [0, 0, ...gaps]);
  spread = reshape(spread, [...lead, ...sides.map((side, i) => side * strides[i])]);
  for (const [i, side] of sides.entries()) spread = slice(spread, i + 2, 0, Math.max(0, (side - 1) * strides[i] + 1));
  return spread;
}

const expandOp: Op = defineOp('Expand', {
  shape: ([x, shape]) => {
    const dims = integersOf(shape);
    const lead = dims.length - x.dims.length;
    if (lead < 0 || x.dims.some((side, axis) => side !== 1 && side !== dims[axis + lead])) {
      throw new Error(`Expand: ${showDims(x.dims)} cannot be repeated up to ${showDims(dims)}`);
    }
    return dims;
  },
  grad: (g, _y, [x]) => [sumTo(g, x.dims), null],
});
/** Repeats along axes of side 1 (and new leading axes) up to `dims`. */
export const expand = (x: Value, dims: readonly number[]): Value => (sameDims(x.dims, dims) ? x : expandOp.of([x, integers(dims)]));

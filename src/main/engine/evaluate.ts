/** Constant expressions: the numbers of a value whose whole ancestry is known, worked out here and now. */
import { type Attributes, type Constant, constant, elements, integersOf, listOf, type Node, type Value } from './graph';
import { type TensorData, zeros } from './tensor';

/** Larger results are left to the runtime. */
const largest = 2 ** 22;
const found = new WeakMap<Node, Constant | null>();

/** The constant a value amounts to; null if it depends on an input, is large, or needs an op that only the runtime knows. */
export function evaluated(value: Value): Constant | null {
  if (value.kind !== 'node') return value.kind === 'constant' ? value : null;
  const known = found.get(value);
  if (known !== undefined) return known;
  const result = workedOut(value);
  found.set(value, result);
  return result;
}

function workedOut(node: Node): Constant | null {
  const kernel = kernels[node.op.onnx];
  if (!kernel || elements(node) > largest || node.dtype === 'float16') return null;
  const inputs: Constant[] = [];
  for (const input of node.inputs) {
    const number = evaluated(input);
    if (!number) return null;
    inputs.push(number);
  }
  const data = zeros(node.dtype, elements(node));
  kernel(inputs, node, data);
  return { ...constant({ dims: node.dims, data }), dtype: node.dtype };
}

type Kernel = (inputs: readonly Constant[], node: Node, into: TensorData) => void;
const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** Writes a number as the array's type holds it: whole types cut it off, 64-bit ones at their ends. */
function put(into: TensorData, at: number, value: number): void {
  if (!(into instanceof BigInt64Array)) {
    into[at] = into instanceof Float32Array || into instanceof Float64Array ? value : Math.trunc(value);
    return;
  }
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : value > 0 ? most : least;
  into[at] = whole > most ? most : whole < least ? least : whole;
}

const stridesOf = (dims: readonly number[]): number[] => dims.map((_, axis) => dims.slice(axis + 1).reduce((p, side) => p * side, 1));

/** Calls back with the place in the result and, for every set of steps per axis, the place there. */
function walk(
  dims: readonly number[],
  steps: readonly (readonly number[])[],
  visit: (at: number, places: readonly number[]) => void,
): void {
  const count = dims.reduce((p, side) => p * side, 1);
  const position = dims.map(() => 0);
  const places = steps.map(() => 0);
  for (let at = 0; at < count; at++) {
    visit(at, places);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      position[axis]++;
      for (const [i, list] of steps.entries()) places[i] += list[axis];
      if (position[axis] < dims[axis]) break;
      for (const [i, list] of steps.entries()) places[i] -= list[axis] * dims[axis];
      position[axis] = 0;
    }
  }
}
/** Steps through `x` when it is spread over `dims`. */
function spreadSteps(x: Constant, dims: readonly number[]): number[] {
  const lead = dims.length - x.dims.length;
  const strides = stridesOf(x.dims);
  return dims.map((_, axis) => (axis < lead || x.dims[axis - lead] === 1 ? 0 : strides[axis - lead]));
}

/** Number by number, with broadcasting. */
const pointwise =
  (f: (...numbers: number[]) => number): Kernel =>
  (inputs, { dims }, into) => {
    const steps = inputs.map((x) => spreadSteps(x, dims));
    walk(dims, steps, (at, places) => put(into, at, f(...inputs.map((x, i) => Number(x.data[places[i]])))));
  };
/** Numbers from places in one input, untouched. */
function copy(x: Constant, dims: readonly number[], steps: readonly number[], into: TensorData, first = 0): void {
  walk(dims, [steps], (at, [place]) => {
    into[at] = x.data[first + place];
  });
}
const same: Kernel = ([x], _node, into) => copy(x, [into.length], [1], into);

const folding =
  (start: number, f: (sum: number, x: number) => number, finish: (sum: number, count: number) => number = (sum) => sum): Kernel =>
  ([x, axes], node, into) => {
    const over = axes ? integersOf(axes) : listOf(node.attributes as Attributes, 'axes');
    // As if folded axes stayed: whether they do changes no place.
    const strides = stridesOf(x.dims.map((side, axis) => (over.includes(axis) ? 1 : side)));
    const sums = new Float64Array(into.length).fill(start);
    walk(x.dims, [x.dims.map((_, axis) => (over.includes(axis) ? 0 : strides[axis]))], (at, [place]) => {
      sums[place] = f(sums[place], Number(x.data[at]));
    });
    for (const [i, sum] of sums.entries()) put(into, i, finish(sum, x.data.length / Math.max(1, into.length)));
  };

/** Halves go to the even neighbour. */
const rounded = (x: number): number => {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};
const isWhole = ({ dtype }: Node) => dtype === 'int64' || dtype === 'int32' || dtype === 'uint8';

const kernels: Readonly<Record<string, Kernel>> = {
  Add: pointwise((a, b) => a + b),
  Sub: pointwise((a, b) => a - b),
  Mul: pointwise((a, b) => a * b),
  Div: (inputs, node, into) => {
    if (isWhole(node) && inputs[1].data.some((x) => Number(x) === 0)) throw new Error('Div: a whole number divided by 0');
    pointwise((a, b) => a / b)(inputs, node, into);
  },
  Mod: (inputs, node, into) =>
    pointwise(node.attributes.fmod === 1 ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b))(inputs, node, into),
  Pow: pointwise((a, b) => a ** b),
  Min: pointwise(Math.min),
  Max: pointwise(Math.max),
  Neg: pointwise((x) => -x),
  Abs: pointwise(Math.abs),
  Sign: pointwise(Math.sign),
  Sqrt: pointwise(Math.sqrt),
  Exp: pointwise(Math.exp),
  Log: pointwise(Math.log),
  Sin: pointwise(Math.sin),
  Cos: pointwise(Math.cos),
  Reciprocal: pointwise((x) => 1 / x),
  Floor: pointwise(Math.floor),
  Ceil: pointwise(Math.ceil),
  Round: pointwise(rounded),
  Equal: pointwise((a, b) => Number(a === b)),
  Less: pointwise((a, b) => Number(a < b)),
  Greater: pointwise((a, b) => Number(a > b)),
  LessOrEqual: pointwise((a, b) => Number(a <= b)),
  GreaterOrEqual: pointwise((a, b) => Number(a >= b)),
  Not: pointwise((a) => 1 - a),
  And: pointwise((a, b) => a * b),
  Or: pointwise((a, b) => Math.max(a, b)),
  Where: ([condition, a, b], { dims }, into) => {
    const steps = [condition, a, b].map((x) => spreadSteps(x, dims));
    walk(dims, steps, (at, [c, left, right]) => {
      into[at] = condition.data[c] ? a.data[left] : b.data[right];
    });
  },
  Cast: ([x], node, into) => {
    if (node.dtype === 'bool') for (const [i, number] of x.data.entries()) into[i] = Number(Number(number) !== 0);
    else if (x.dtype === node.dtype) same([x], node, into);
    else for (const [i, number] of x.data.entries()) put(into, i, Number(number));
  },
  Identity: same,
  Reshape: same,
  Transpose: ([x], { dims, attributes }, into) => {
    const strides = stridesOf(x.dims);
    const steps = listOf(attributes, 'perm').map((axis) => strides[axis]);
    copy(x, dims, steps, into);
  },
  Expand: ([x], { dims }, into) => copy(x, dims, spreadSteps(x, dims), into),
  Slice: ([x, starts, , axes, back], { dims }, into) => {
    const strides = stridesOf(x.dims);
    const steps = [...strides];
    let first = 0;
    for (const [i, axis] of integersOf(axes).entries()) {
      if (back) steps[axis] = -strides[axis];
      first += (back ? x.dims[axis] - 1 : integersOf(starts)[i]) * strides[axis];
    }
    copy(x, dims, steps, into, first);
  },
  Concat: (inputs, { dims, attributes }, into) => {
    const axis = attributes.axis as number;
    const strides = stridesOf(dims);
    let from = 0;
    for (const x of inputs) {
      walk(x.dims, [strides], (at, [place]) => {
        into[from + place] = x.data[at];
      });
      from += x.dims[axis] * strides[axis];
    }
  },
  Gather: ([x, positions], { attributes }, into) => {
    const axis = attributes.axis as number;
    const [inner, side] = [stridesOf(x.dims)[axis], x.dims[axis]];
    const outer = x.data.length / Math.max(1, inner * side);
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const position of positions.data) {
        const from = (o * side + Number(position)) * inner;
        for (let i = 0; i < inner; i++) into[at++] = x.data[from + i];
      }
    }
  },
  ReduceSum: folding(0, (sum, x) => sum + x),
  ReduceMean: folding(
    0,
    (sum, x) => sum + x,
    (sum, count) => sum / count,
  ),
  ReduceMax: folding(Number.NEGATIVE_INFINITY, Math.max),
  ReduceMin: folding(Number.POSITIVE_INFINITY, Math.min),
  ReduceProd: folding(1, (product, x) => product * x),
};

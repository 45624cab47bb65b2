/** Every op once more, as slowly and plainly as its definition reads, in double precision: what the laws compare with. */
import { inOrder, type Value } from '../../src/main/engine/graph';
import { sizeOf } from '../../src/main/engine/tensor';
import { box, type Evaluate, exact, list, make, type Numbers, read, real, whole } from './reference/numbers';
import { placeRules } from './reference/places';
import { windowRules } from './reference/windows';

export type { Numbers };

/** Values of `roots` for the given inputs. */
export function evaluate(roots: readonly Value[], feeds: ReadonlyMap<Value, Float64Array>): Numbers[] {
  const known = new Map<Value, Numbers>();
  for (const value of inOrder(roots)) {
    if (value.kind === 'node') {
      const rule = rules[value.op.onnx];
      if (!rule) throw new Error(`the reference has no ${value.op.onnx}`);
      known.set(
        value,
        rule(
          value.inputs.map((input) => known.get(input) as Numbers),
          value,
        ),
      );
    } else if (value.kind === 'constant')
      known.set(value, { dims: value.dims, data: Float64Array.from(value.data as ArrayLike<number>, Number) });
    else known.set(value, { dims: value.dims, data: feeds.get(value) as Float64Array });
  }
  return roots.map((root) => known.get(root) as Numbers);
}

const each = (f: (...numbers: number[]) => number): Evaluate => {
  return (inputs, node) => make(node.dims, (position) => f(...inputs.map((input) => read(input, position))));
};
const fold = (start: number, step: (sum: number, x: number) => number, end = (sum: number, _n: number) => sum): Evaluate => {
  return ([x, axes], node) => {
    const folded = axes ? [...axes.data] : list(node, 'axes');
    const over = x.dims.map((side, axis) => (folded.includes(axis) ? side : 1));
    const kept = x.dims.map((side, axis) => (folded.includes(axis) ? 1 : side));
    const { data } = make(kept, (position) => {
      let sum = start;
      box(over, (offset) => {
        const at = position.map((p, axis) => p + offset[axis]);
        sum = step(sum, exact(x, at));
      });
      return end(sum, sizeOf(over));
    });
    return { dims: node.dims, data };
  };
};
/** erf by its Taylor series, good to 1e-14 for |x| < 3. */
const erf = (x: number): number => {
  let [sum, term] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};
/** Halves go to the even neighbour. */
const roundHalfEven = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
const softmaxAt = ({ dims, data }: Numbers, axis: number, position: number[]) => {
  const line = Array.from({ length: dims[axis] }, (_, k) => exact({ dims, data }, position.with(axis, k)));
  const highest = Math.max(...line);
  const sum = line.reduce((total, x) => total + Math.exp(x - highest), 0);
  return { sum, shifted: line[position[axis]] - highest };
};

const rules: Record<string, Evaluate> = {
  ...placeRules,
  ...windowRules,
  Add: each((a, b) => a + b),
  Sub: each((a, b) => a - b),
  Mul: each((a, b) => a * b),
  Div: each((a, b) => a / b),
  Max: each(Math.max),
  Min: each(Math.min),
  Pow: each((a, b) => a ** b),
  Neg: each((x) => -x),
  Exp: each(Math.exp),
  Log: each(Math.log),
  Sqrt: each(Math.sqrt),
  Reciprocal: each((x) => 1 / x),
  Abs: each(Math.abs),
  Sign: each(Math.sign),
  Sin: each(Math.sin),
  Cos: each(Math.cos),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Round: each(roundHalfEven),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  Softplus: each((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Tanh: each(Math.tanh),
  Erf: each(erf),
  Relu: each((x) => Math.max(x, 0)),
  LeakyRelu: (inputs, node) => each((x) => (x < 0 ? x * real(node, 'alpha') : x))(inputs, node),
  PRelu: each((x, slope) => (x < 0 ? x * slope : x)),
  Clip: ([x, low, high], node) =>
    make(node.dims, (position) => {
      const [least, most] = [low.data[0] ?? Number.NEGATIVE_INFINITY, high.data[0] ?? Number.POSITIVE_INFINITY];
      return Math.min(most, Math.max(least, read(x, position)));
    }),
  Less: each((a, b) => Number(a < b)),
  Greater: each((a, b) => Number(a > b)),
  Equal: each((a, b) => Number(a === b)),
  LessOrEqual: each((a, b) => Number(a <= b)),
  GreaterOrEqual: each((a, b) => Number(a >= b)),
  Not: each((a) => 1 - a),
  And: each((a, b) => a * b),
  Or: each(Math.max),
  Where: each((condition, a, b) => (condition ? a : b)),
  // To whole numbers by cutting the fraction off; truth values are 0 and 1 already.
  Cast: ([x], node) => ({ dims: x.dims, data: node.dtype.startsWith('int') ? x.data.map(Math.trunc) : x.data }),
  Identity: each((x) => x),
  ReduceSum: fold(0, (sum, x) => sum + x),
  ReduceMean: fold(
    0,
    (sum, x) => sum + x,
    (sum, n) => sum / n,
  ),
  ReduceSumSquare: fold(0, (sum, x) => sum + x * x),
  ReduceL2: fold(0, (sum, x) => sum + x * x, Math.sqrt),
  ReduceMax: fold(Number.NEGATIVE_INFINITY, Math.max),
  ReduceMin: fold(Number.POSITIVE_INFINITY, Math.min),
  CumSum: ([x, { data }], node) => {
    const [axis] = data;
    return make(node.dims, (position) => {
      const [from, to] = whole(node, 'reverse') ? [position[axis], x.dims[axis] - 1] : [0, position[axis]];
      let sum = 0;
      for (let at = from; at <= to; at++) sum += exact(x, position.with(axis, at));
      return sum;
    });
  },
  MatMul: ([a, b], node) =>
    make(node.dims, (position) => {
      const [row, column] = [position.slice(), position.slice()];
      const last = position.length - 1;
      let sum = 0;
      for (let k = 0; k < (a.dims.at(-1) as number); k++) {
        row[last] = k;
        column[last - 1] = k;
        sum += read(a, row) * read(b, column);
      }
      return sum;
    }),
  Softmax: ([x], node) =>
    make(node.dims, (position) => {
      const { sum, shifted } = softmaxAt(x, whole(node, 'axis'), position);
      return Math.exp(shifted) / sum;
    }),
  LogSoftmax: ([x], node) =>
    make(node.dims, (position) => {
      const { sum, shifted } = softmaxAt(x, whole(node, 'axis'), position);
      return shifted - Math.log(sum);
    }),
  InstanceNormalization: ([x], node) => {
    const epsilon = real(node, 'epsilon');
    const voxels = sizeOf(x.dims.slice(2));
    const data = new Float64Array(x.data.length);
    for (let from = 0; from < data.length; from += voxels) {
      const plane = x.data.subarray(from, from + voxels);
      const mean = plane.reduce((sum, v) => sum + v, 0) / voxels;
      const variance = plane.reduce((sum, v) => sum + (v - mean) ** 2, 0) / voxels;
      for (let i = 0; i < voxels; i++) data[from + i] = (plane[i] - mean) / Math.sqrt(variance + epsilon);
    }
    return { dims: x.dims, data };
  },
  LayerNormalization: ([x, scale, shift], node) => {
    const length = x.dims.at(-1) as number;
    const rows = Array.from({ length: x.data.length / length }, (_, row) => x.data.subarray(row * length, (row + 1) * length));
    const means = rows.map((row) => row.reduce((sum, v) => sum + v, 0) / length);
    const inverses = rows.map(
      (row, n) => 1 / Math.sqrt(row.reduce((sum, v) => sum + (v - means[n]) ** 2, 0) / length + real(node, 'epsilon')),
    );
    if (node.op.rule.output === 1) return { dims: node.dims, data: Float64Array.from(means) };
    if (node.op.rule.output === 2) return { dims: node.dims, data: Float64Array.from(inverses) };
    return { dims: x.dims, data: x.data.map((v, at) => (v - means[Math.floor(at / length)]) * inverses[Math.floor(at / length)] * scale.data[at % length] + shift.data[at % length]) }; // biome-ignore format: one formula
  },
  ChannelNormalization: ([x, scale, shift], node) => {
    const [samples, channels, ...sides] = x.dims;
    const [voxels, data] = [sizeOf(sides), new Float64Array(x.data.length)];
    for (let c = 0; c < channels; c++) {
      const places = Array.from({ length: samples * voxels }, (_, i) => (Math.floor(i / voxels) * channels + c) * voxels + (i % voxels));
      const mean = places.reduce((sum, at) => sum + x.data[at], 0) / places.length;
      const variance = places.reduce((sum, at) => sum + (x.data[at] - mean) ** 2, 0) / places.length;
      const r = 1 / Math.sqrt(variance + real(node, 'epsilon'));
      for (const at of places) data[at] = (x.data[at] - mean) * r * scale.data[c] + shift.data[c];
    }
    return { dims: x.dims, data };
  },
  BatchNormalization: ([x, scale, bias, mean, variance], node) =>
    make(node.dims, (position) => {
      const c = position[1];
      return ((exact(x, position) - mean.data[c]) / Math.sqrt(variance.data[c] + real(node, 'epsilon'))) * scale.data[c] + bias.data[c];
    }),
};

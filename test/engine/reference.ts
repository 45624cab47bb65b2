/** Every op once more, as slowly and plainly as its definition reads, in double precision: what the laws compare with. */
import { inOrder, type Node, type Value } from '../../src/main/engine/graph';
import { sizeOf } from '../../src/main/engine/tensor';

export interface Numbers {
  dims: readonly number[];
  data: Float64Array;
}
type Evaluate = (inputs: Numbers[], node: Node) => Numbers;

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

/** Fills an array from a function of the position. */
function make(dims: readonly number[], at: (position: number[]) => number): Numbers {
  const data = new Float64Array(sizeOf(dims));
  const position = dims.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = at(position);
    for (let axis = dims.length - 1; axis >= 0 && ++position[axis] === dims[axis]; axis--) position[axis] = 0;
  }
  return { dims, data };
}
/** The number at a position; axes of side 1 and missing leading axes are spread; outside there are zeros. */
function read({ dims, data }: Numbers, position: readonly number[]): number {
  let flat = 0;
  for (const [axis, side] of dims.entries()) {
    const at = side === 1 ? 0 : position[axis + position.length - dims.length];
    if (at < 0 || at >= side) return 0;
    flat = flat * side + at;
  }
  return data[flat];
}
const exact = ({ dims, data }: Numbers, position: readonly number[]): number => {
  if (position.some((at, axis) => at < 0 || at >= dims[axis])) return 0;
  return data[position.reduce((flat, at, axis) => flat * dims[axis] + at, 0)];
};
const box = (dims: readonly number[], visit: (position: number[]) => void) => {
  make(dims, (position) => {
    visit(position);
    return 0;
  });
};

const each = (f: (...numbers: number[]) => number): Evaluate => {
  return (inputs, node) => make(node.dims, (position) => f(...inputs.map((input) => read(input, position))));
};
const fold = (start: number, step: (sum: number, x: number) => number, end = (sum: number, _n: number) => sum): Evaluate => {
  return ([x, axes], node) => {
    const folded = axes ? [...axes.data] : (node.attributes.axes as number[]);
    const over = x.dims.map((side, axis) => (folded.includes(axis) ? side : 1));
    return make(node.dims, (position) => {
      let sum = start;
      box(over, (offset) => {
        sum = step(
          sum,
          exact(
            x,
            position.map((at, axis) => at + offset[axis]),
          ),
        );
      });
      return end(sum, sizeOf(over));
    });
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
const softmaxAt = ({ dims, data }: Numbers, axis: number, position: number[]) => {
  const line = Array.from({ length: dims[axis] }, (_, k) => exact({ dims, data }, position.with(axis, k)));
  const highest = Math.max(...line);
  const sum = line.reduce((total, x) => total + Math.exp(x - highest), 0);
  return { sum, shifted: line[position[axis]] - highest };
};
const alpha = (node: Node) => (node.attributes.alpha as { float: number }).float;

const rules: Record<string, Evaluate> = {
  Add: each((a, b) => a + b),
  Sub: each((a, b) => a - b),
  Mul: each((a, b) => a * b),
  Div: each((a, b) => a / b),
  Max: each(Math.max),
  Neg: each((x) => -x),
  Exp: each(Math.exp),
  Log: each(Math.log),
  Sqrt: each(Math.sqrt),
  Reciprocal: each((x) => 1 / x),
  Abs: each(Math.abs),
  Sign: each(Math.sign),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  Tanh: each(Math.tanh),
  Erf: each(erf),
  Relu: each((x) => Math.max(x, 0)),
  LeakyRelu: (inputs, node) => each((x) => (x < 0 ? x * alpha(node) : x))(inputs, node),
  Less: each((a, b) => Number(a < b)),
  Greater: each((a, b) => Number(a > b)),
  Equal: each((a, b) => Number(a === b)),
  Where: each((condition, a, b) => (condition ? a : b)),
  Cast: each((x) => x),
  Identity: each((x) => x),
  Expand: ([x], node) => each((v) => v)([x], node),
  Reshape: ([x], node) => ({ dims: node.dims, data: x.data }),
  Transpose: ([x], node) => {
    const perm = node.attributes.perm as number[];
    return make(node.dims, (position) =>
      exact(
        x,
        perm.map((_, axis) => position[perm.indexOf(axis)]),
      ),
    );
  },
  Slice: ([x, starts, , axes, steps], node) => {
    const list = [...axes.data];
    return make(node.dims, (position) =>
      exact(
        x,
        position.map((at, axis) => {
          const i = list.indexOf(axis);
          if (i < 0) return at;
          const [start, step] = [starts.data[i], steps?.data[i] ?? 1];
          return (start < 0 ? start + x.dims[axis] : start) + at * step;
        }),
      ),
    );
  },
  Concat: (inputs, node) => {
    const axis = node.attributes.axis as number;
    const starts = inputs.map((_, i) => inputs.slice(0, i).reduce((sum, input) => sum + input.dims[axis], 0));
    return make(node.dims, (position) => {
      const from = starts.findLastIndex((start, i) => start <= position[axis] && inputs[i].dims[axis] > 0);
      return exact(inputs[from], position.with(axis, position[axis] - starts[from]));
    });
  },
  Pad: ([x, pads], node) =>
    make(node.dims, (position) =>
      exact(
        x,
        position.map((at, axis) => at - pads.data[axis]),
      ),
    ),
  ReduceSum: fold(0, (sum, x) => sum + x),
  ReduceMean: fold(
    0,
    (sum, x) => sum + x,
    (sum, n) => sum / n,
  ),
  ReduceSumSquare: fold(0, (sum, x) => sum + x * x),
  ReduceMax: fold(Number.NEGATIVE_INFINITY, Math.max),
  MatMul: ([a, b], node) =>
    make(node.dims, (position) => {
      const [row, column] = position.slice(-2);
      const lead = position.slice(0, -2);
      let sum = 0;
      for (let k = 0; k < (a.dims.at(-1) as number); k++) sum += read(a, [...lead, row, k]) * read(b, [...lead, k, column]);
      return sum;
    }),
  Softmax: ([x], node) =>
    make(node.dims, (position) => {
      const { sum, shifted } = softmaxAt(x, node.attributes.axis as number, position);
      return Math.exp(shifted) / sum;
    }),
  LogSoftmax: ([x], node) =>
    make(node.dims, (position) => {
      const { sum, shifted } = softmaxAt(x, node.attributes.axis as number, position);
      return shifted - Math.log(sum);
    }),
  Conv: ([x, w, b], { dims, attributes }) => {
    const [strides, dilations, pads] = ['strides', 'dilations', 'pads'].map((name) => attributes[name] as number[]);
    return make(dims, ([n, k, ...s]) => {
      let sum = b ? b.data[k] : 0;
      box(w.dims.slice(1), ([c, ...d]) => {
        sum += exact(w, [k, c, ...d]) * exact(x, [n, c, ...s.map((at, i) => at * strides[i] + d[i] * dilations[i] - pads[i])]);
      });
      return sum;
    });
  },
  ConvTranspose: ([x, w, b], { dims, attributes }) => {
    const [strides, pads] = ['strides', 'pads'].map((name) => attributes[name] as number[]);
    const { group } = attributes as { group: number };
    const [from, to] = [x.dims[1] / group, dims[1] / group];
    return make(dims, ([n, k, ...s]) => {
      let sum = b ? b.data[k] : 0;
      box([from, ...w.dims.slice(2)], ([c, ...d]) => {
        const channel = Math.floor(k / to) * from + c;
        const at = s.map((place, i) => (place + pads[i] - d[i]) / strides[i]);
        if (at.every(Number.isInteger)) sum += exact(w, [channel, k % to, ...d]) * exact(x, [n, channel, ...at]);
      });
      return sum;
    });
  },
  ConvWeightGradient: ([g, x], { dims, attributes }) => {
    const [dilations, before] = ['dilations', 'before'].map((name) => attributes[name] as number[]);
    return make(dims, ([k, c, ...d]) => {
      let sum = 0;
      box([g.dims[0], ...g.dims.slice(2)], ([n, ...s]) => {
        sum += exact(g, [n, k, ...s]) * exact(x, [n, c, ...s.map((at, i) => at + d[i] * dilations[i] - before[i])]);
      });
      return sum;
    });
  },
  MaxPool: ([x], node) => {
    const [kernel, strides] = ['kernel_shape', 'strides'].map((name) => node.attributes[name] as number[]);
    return make(node.dims, ([n, c, ...s]) => {
      let [best, where] = [Number.NEGATIVE_INFINITY, -1];
      box(kernel, (offset) => {
        const position = [n, c, ...s.map((at, i) => at * strides[i] + offset[i])];
        const value = exact(x, position);
        if (value > best) [best, where] = [value, position.reduce((flat, at, axis) => flat * x.dims[axis] + at, 0)];
      });
      return node.op.rule.output === 1 ? where : best;
    });
  },
  MaxPoolGradient: ([g, x], node) => {
    const [kernel, strides] = ['kernel_shape', 'strides'].map((name) => node.attributes[name] as number[]);
    const result = make(node.dims, () => 0);
    box(g.dims, (at) => {
      let [best, where] = [Number.NEGATIVE_INFINITY, -1];
      box(kernel, (offset) => {
        const position = at.map((p, axis) => (axis < 2 ? p : p * strides[axis - 2] + offset[axis - 2]));
        const value = exact(x, position);
        if (value > best) [best, where] = [value, position.reduce((flat, p, axis) => flat * x.dims[axis] + p, 0)];
      });
      result.data[where] += exact(g, at);
    });
    return result;
  },
  MaxUnpool: ([g, where], node) => {
    const result = make(node.dims, () => 0);
    for (const [i, at] of where.data.entries()) result.data[at] = g.data[i];
    return result;
  },
  ScatterElements: ([into, where, from]) => {
    const data = into.data.slice();
    for (const [i, at] of where.data.entries()) data[at] += from.data[i];
    return { dims: into.dims, data };
  },
  GatherElements: ([x, where]) => ({ dims: where.dims, data: where.data.map((at) => x.data[at]) }),
  InstanceNormalization: ([x], node) => {
    const { float: epsilon } = node.attributes.epsilon as { float: number };
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
  BatchNormalization: ([x, scale, bias, mean, variance], node) => {
    const { float: epsilon } = node.attributes.epsilon as { float: number };
    return make(node.dims, (position) => {
      const c = position[1];
      return ((exact(x, position) - mean.data[c]) / Math.sqrt(variance.data[c] + epsilon)) * scale.data[c] + bias.data[c];
    });
  },
  Resize: ([x], node) => {
    const aligned = node.attributes.coordinate_transformation_mode === 'align_corners';
    return make(node.dims, (position) => {
      let corners: [number, number[]][] = [[1, []]];
      for (const [axis, at] of position.entries()) {
        const [from, to] = [x.dims[axis], node.dims[axis]];
        const wanted = aligned ? (to === 1 ? 0 : (at * (from - 1)) / (to - 1)) : ((at + 0.5) * from) / to - 0.5;
        const place = Math.min(from - 1, Math.max(0, wanted));
        const low = Math.floor(place);
        const taps: [number, number][] = [
          [1 - (place - low), low],
          [place - low, Math.min(from - 1, low + 1)],
        ];
        corners = corners.flatMap(([weight, where]) => taps.map(([share, p]): [number, number[]] => [weight * share, [...where, p]]));
      }
      return corners.reduce((sum, [weight, where]) => sum + weight * exact(x, where), 0);
    });
  },
};

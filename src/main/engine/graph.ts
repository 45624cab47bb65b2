/** Computations before they run: values that know their shape, and ops that are defined once with their shape rule and gradient side by side. */
import { type StoredAt, typeOf, withNumbersOf } from './stored';
import { type Dtype, sizeOf, type Tensor, type TensorData } from './tensor';

/** An ONNX attribute: whole numbers, strings, or `{ float }` for a real number. */
export type Attribute = number | string | readonly number[] | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

/** Element type and shape. Every shape is known when the graph is built. */
export interface Typed {
  readonly dims: readonly number[];
  readonly dtype: Dtype;
}
/** Fed at every run: a batch, a learning rate, the parameters of a network in training. */
export interface Input extends Typed {
  readonly kind: 'input';
  readonly name: string;
}
/** Part of the model itself. Named constants are the weights of an exported network. */
export interface Constant extends Typed {
  readonly kind: 'constant';
  readonly data: TensorData;
  readonly name: string | null;
  /** Where the numbers lie, if they stay there until `data` is asked for. */
  readonly stored?: StoredAt;
}
/** One output of one op. */
export interface Node extends Typed {
  readonly kind: 'node';
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
}
export type Value = Input | Constant | Node;

/** What flows back into each input of a node; `null` where, on purpose, nothing does. */
export type Gradient = (g: Value, y: Node, inputs: readonly Value[], attributes: Attributes) => readonly (Value | null)[];

/** Which devices a model's ops are chosen for; `plain` keeps them as they were written, for people and other programs. */
export type Form = 'plain' | 'cpu' | 'gpu';

export interface Rule {
  /** The result's shape, with its type where that is not the first input's. Throws, naming the op, if the inputs do not fit. */
  shape(inputs: readonly Value[], attributes: Attributes): readonly number[] | Typed;
  grad: Gradient;
  /** The same result from ops that the given kind of device runs faster; null to leave it as it is. */
  lower?(inputs: readonly Value[], attributes: Attributes, form: Form): Value | null;
  /** For an op that is none of ONNX's: the same result in ops that are, for people and other programs. */
  written?(inputs: readonly Value[], attributes: Attributes): Value;
  /** Which of the ONNX operator's outputs this is; 0 unless stated. */
  output?: number;
  /** Operator set, when not ONNX's own. */
  domain?: string;
}

/** An ONNX operator with its rules. Numbers among the arguments become scalars of the last value's type. */
export interface Op {
  (...inputs: (Value | number)[]): Node;
  of(inputs: readonly (Value | number)[], attributes?: Attributes): Node;
  readonly onnx: string;
  readonly rule: Rule;
}

/** Defines an op under its ONNX name. */
export function defineOp(onnx: string, rule: Rule): Op {
  const of = (given: readonly (Value | number)[], attributes: Attributes = {}): Node => {
    const like = given.findLast((input) => typeof input !== 'number');
    const inputs = given.map((input) => (typeof input === 'number' ? scalar(input, like?.dtype) : input));
    const result = rule.shape(inputs, attributes);
    const typed = 'dims' in result ? result : { dims: result, dtype: inputs[0].dtype };
    return { kind: 'node', op, inputs, attributes, dims: typed.dims, dtype: typed.dtype };
  };
  const op: Op = Object.assign((...inputs: (Value | number)[]) => of(inputs), { of, onnx, rule });
  return op;
}

export const input = (name: string, dtype: Dtype, dims: readonly number[]): Input => ({ kind: 'input', name, dtype, dims });

export function constant(value: Tensor, name: string | null = null): Constant {
  return withNumbersOf({ kind: 'constant', dims: value.dims, dtype: typeOf(value), name }, value);
}

/** What tells one constant from another: type, shape and every bit. */
export function contentOf({ dtype, dims, data }: Constant): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return `${dtype}:${dims.join(',')}:${bytes.toString('base64')}`;
}

/** Stands where an optional input is not given; ONNX writes it as an empty name. */
export const absent: Constant = constant({ dims: [0], data: new Float32Array(0) });

/** One number without axes. */
export function scalar(value: number, dtype: Dtype = 'float32'): Constant {
  if (dtype === 'float16') throw new Error('scalar: numbers are written down in 32 bits and cast');
  const data = {
    float32: () => Float32Array.of(value),
    float64: () => Float64Array.of(value),
    int64: () => BigInt64Array.of(BigInt(value)),
    int32: () => Int32Array.of(value),
    uint8: () => Uint8Array.of(value),
    bool: () => Uint8Array.of(value),
  }[dtype]();
  return { kind: 'constant', dims: [], dtype, data, name: null };
}

/** A list of whole numbers, as ONNX wants shapes, axes and positions. */
export const integers = (values: readonly number[]): Constant =>
  constant({ dims: [values.length], data: BigInt64Array.from(values, BigInt) });

/** The whole numbers behind a constant made by `integers`. */
export function integersOf(value: Value): number[] {
  if (value.kind !== 'constant' || !(value.data instanceof BigInt64Array)) throw new Error('expected a constant list of whole numbers');
  return Array.from(value.data, Number);
}

/** An attribute that is a list of whole numbers. */
export function listOf(attributes: Attributes, name: string): readonly number[] {
  const value = attributes[name];
  if (!Array.isArray(value)) throw new Error(`attribute ${name} should be a list of numbers`);
  return value;
}

/** Everything `roots` depend on, each after what it depends on; depth first, so results are used soon after they are made. */
export function inOrder(roots: readonly Value[]): Value[] {
  const done = new Set<Value>();
  const order: Value[] = [];
  const work: { value: Value; next: number }[] = [];
  for (const root of roots) {
    if (!done.has(root)) work.push({ value: root, next: 0 });
    while (work.length > 0) {
      const top = work[work.length - 1];
      if (done.has(top.value)) work.pop();
      else if (top.value.kind === 'node' && top.next < top.value.inputs.length) {
        const dependency = top.value.inputs[top.next++];
        if (!done.has(dependency)) work.push({ value: dependency, next: 0 });
      } else {
        done.add(top.value);
        order.push(top.value);
        work.pop();
      }
    }
  }
  return order;
}

/** Numbers in a value. */
export const elements = (value: Typed): number => sizeOf(value.dims);

/** One node of a foreign model as its translator sees it: inputs as values, settings with their defaults. */
import { evaluated } from '../evaluate';
import { type Constant, constant, type Value } from '../graph';
import type { ModelNode } from '../onnx';
import { showDims } from '../tensor';

/** From a node to its outputs, in ONNX's order. Throws a sentence without the node's name, which the importer puts before it. */
export type Translate = (op: Operation) => Value | readonly Value[];
export type Translations = Readonly<Record<string, Translate>>;

export class Operation {
  constructor(
    private readonly node: ModelNode,
    /** Null where an optional input is not given. */
    readonly inputs: readonly (Value | null)[],
    /** Version of ONNX's operators that the model was written for. */
    readonly opset: number,
  ) {}

  /** The first input, which almost every op has. */
  get x(): Value {
    return this.input(0);
  }
  get rank(): number {
    return this.x.dims.length;
  }
  get outputs(): number {
    return this.node.outputs.length;
  }
  input(at: number): Value {
    const value = this.inputs[at];
    if (!value) throw new Error(`expected an input ${at}, none came`);
    return value;
  }
  optional(at: number): Value | null {
    return this.inputs[at] ?? null;
  }
  /** All inputs that are given. */
  get given(): Value[] {
    return this.inputs.filter((value) => value !== null);
  }

  /** The numbers of an input that must be known when the graph is built; null if it is not given. */
  known(at: number): Constant | null {
    const value = this.optional(at);
    if (!value) return null;
    const number = evaluated(value);
    if (!number) throw new Error(`input ${at} ${showDims(value.dims)} depends on voxels, expected numbers known from the image's size`);
    return number;
  }
  numbers(at: number): number[] | null {
    const known = this.known(at);
    return known && Array.from(known.data, Number);
  }
  /** A setting that was an attribute once and an input later, or the other way round. */
  listFrom(at: number, name: string): readonly number[] | null {
    return this.numbers(at) ?? this.list(name);
  }

  int(name: string, otherwise: number): number {
    const value = this.node.attributes[name] ?? otherwise;
    if (typeof value !== 'number') throw new Error(`expected a whole number as ${name}`);
    return value;
  }
  real(name: string, otherwise: number): number {
    const value = this.node.attributes[name];
    if (value === undefined) return otherwise;
    if (typeof value !== 'object' || !('float' in value)) throw new Error(`expected a real number as ${name}`);
    return value.float;
  }
  text(name: string, otherwise: string): string {
    const value = this.node.attributes[name] ?? otherwise;
    if (typeof value !== 'string') throw new Error(`expected a text as ${name}`);
    return value;
  }
  /** Whole or real numbers; null if not given. */
  list(name: string): readonly number[] | null {
    const value = this.node.attributes[name];
    if (value === undefined) return null;
    if (Array.isArray(value)) return value;
    if (typeof value === 'object' && 'floats' in value) return value.floats;
    throw new Error(`expected a list of numbers as ${name}`);
  }
  /** A tensor among the attributes; null if not given. */
  tensor(name: string): Constant | null {
    const value = this.node.attributes[name];
    if (value === undefined) return null;
    if (typeof value !== 'object' || !('tensor' in value)) throw new Error(`expected a tensor as ${name}`);
    return { ...constant(value.tensor), dtype: value.tensor.dtype };
  }
  has(name: string): boolean {
    return this.node.attributes[name] !== undefined;
  }

  /** An axis counted from the front. */
  axis(axis: number, rank = this.rank): number {
    const at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) throw new Error(`${showDims(this.x.dims)} has no axis ${axis}`);
    return at;
  }
}

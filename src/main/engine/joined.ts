/**
 * The same arithmetic on many short vectors as one on all of them. What norms learn and remember is most of a network's arrays and hardly any
 * of its numbers, but a runtime has to load and start every node of its updates.
 */
import { contentOf, defineOp, inOrder, integers, integersOf, type Node, type Op, type Value } from './graph';
import type { Outputs } from './lowering';
import { concat } from './ops/shape';

/** Ops that work number by number. */
const arithmetic = new Set(['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Sqrt', 'Where']);
const isArithmetic = (value: Value): value is Node => value.kind === 'node' && arithmetic.has(value.op.onnx);

/** How a vector comes about: a text that is the same for all that are computed alike, and the vectors it is computed of, in order. */
interface Recipe {
  text: string;
  from: readonly Value[];
  steps: Iterable<Value>;
}

/**
 * The same outputs, where vectors that are computed alike are laid end to end, computed together and cut apart. No number changes. Only vectors
 * whose sources something else needs too are joined: the sum behind a bias, say, would wait for all others, and large gradients would wait with it.
 */
export function joined(outputs: Outputs): Outputs {
  const identity = identities(outputs);
  const recipes = Object.entries(outputs).flatMap(([name, value]) =>
    value.dims.length === 1 && isArithmetic(value) ? [{ name, value, ...recipeOf(value, identity) }] : [],
  );
  const steps = new Set(recipes.flatMap((recipe) => [...recipe.steps].map(identity)));
  const others = inOrder(Object.values(outputs)).filter((value) => value.kind === 'node' && !steps.has(identity(value))) as Node[];
  const elsewhere = new Set(others.flatMap(({ inputs }) => inputs.map(identity)));
  const isAtHand = (value: Value) => value.kind !== 'node' || elsewhere.has(identity(value));
  const alike = Map.groupBy(
    recipes.filter(({ from }) => from.every(isAtHand)),
    ({ text }) => text,
  );
  const parts: Record<string, Value> = {};
  for (const group of alike.values()) {
    if (group.length === 1) continue;
    const [{ value, from }] = group;
    const ends = new Map(
      from.map((vector, i) => [
        vector,
        concat(
          group.map((member) => member.from[i]),
          0,
        ),
      ]),
    );
    const whole = following(value, ends);
    const sides = integers(group.map((member) => member.value.dims[0]));
    for (const [at, { name }] of group.entries()) parts[name] = part(at).of([whole, sides], { axis: 0 });
  }
  // Where they were: in which order outputs are asked for decides in which order a runtime works.
  return { ...outputs, ...parts };
}

/** Constants up to this many numbers are told apart by what they hold, larger ones by which they are. */
const comparable = 64;
/** A number for everything the outputs rest on: the same for what is computed alike from the same, which a model computes once. */
function identities(outputs: Outputs): (value: Value) => number {
  const known = new Map<string, number>();
  const places = new Map<Value, number>();
  const placeOf = (value: Value) => places.get(value) as number;
  for (const value of inOrder(Object.values(outputs))) {
    const key =
      value.kind === 'node'
        ? JSON.stringify([value.op.onnx, value.op.rule.output ?? 0, value.inputs.map(placeOf), value.attributes])
        : value.kind === 'constant' && value.data.length <= comparable
          ? contentOf(value)
          : `alone ${places.size}`;
    const place = known.get(key) ?? known.size;
    known.set(key, place);
    places.set(value, place);
  }
  return placeOf;
}

/** Numbers, and vectors of another side, are what vectors computed alike have in common. */
function recipeOf(root: Node, identity: (value: Value) => number): Recipe {
  const from: Value[] = [];
  const steps = new Map<Value, number>();
  const write = (value: Value): string => {
    const isVector = value.dims.length === 1 && value.dims[0] === root.dims[0];
    if (!isVector) return `#${identity(value)}`;
    if (!isArithmetic(value)) {
      if (!from.includes(value)) from.push(value);
      return `${value.dtype} of ${from.indexOf(value)}`;
    }
    const before = steps.get(value);
    if (before !== undefined) return `step ${before}`;
    const text = `${value.op.onnx}(${value.inputs.map(write)})`;
    steps.set(value, steps.size);
    return text;
  };
  return { text: write(root), from, steps: steps.keys() };
}

/** The same steps from other vectors. */
function following(root: Node, ends: ReadonlyMap<Value, Value>): Value {
  const made = new Map<Value, Value>(ends);
  const make = (value: Value): Value => {
    const known = made.get(value);
    if (known) return known;
    const other = isArithmetic(value) && value.dims.length === 1 ? value.op.of(value.inputs.map(make), value.attributes) : value;
    made.set(value, other);
    return other;
  };
  return make(root);
}

const partOps: Op[] = [];
/** One of the parts, of given sides, that a vector is cut into. */
function part(at: number): Op {
  partOps[at] ??= defineOp('Split', {
    output: at,
    shape: (inputs) => [integersOf(inputs[1])[at]],
    grad: () => {
      throw new Error('Split: no gradient is defined for its argument x; parameters are cut apart after the last gradient');
    },
  });
  return partOps[at];
}

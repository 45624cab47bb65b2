/**
 * Trading time for memory: values of the forward pass that only the backward pass still needs are not kept but made again, shortly before
 * they are used (Chen et al. 2016, arXiv 1604.06174). The forward pass is cut into stretches; what crosses a cut is kept.
 */
import { defineOp, elements, type Input, inOrder, integers, type Node, type Op, type Value } from './graph';
import { type Outputs, withInputs } from './lowering';
import { add, cast, less } from './ops/elementwise';
import { reshape, slice } from './ops/shape';
import { views } from './runtimeMemory';
import { bytesPer } from './tensor';

/** Values up to this many numbers, such as statistics of channels, are kept: they cost nothing. */
const smallest = 4096;

export interface RecomputeOptions {
  /** What one step is fed besides parameters and slots. */
  batch: readonly Input[];
  /** Names of the outputs that are computed forwards alone: losses. All others come out of the backward pass. */
  forward: readonly string[];
  /** Into how many stretches of about equal memory the forward pass is cut; the last one is kept as it is. */
  stretches: number;
}

/** The same outputs, with the values of all but the last stretch made again in the backward pass. */
export function recomputed(outputs: Outputs, { batch, forward, stretches }: RecomputeOptions): Outputs {
  const ahead = inOrder(forward.map((name) => outputs[name]));
  const isAhead = new Set(ahead);
  const back = inOrder(Object.values(outputs)).filter((value): value is Node => value.kind === 'node' && !isAhead.has(value));
  const wanted = new Set(back.flatMap(({ inputs }) => inputs.filter((value) => isAhead.has(value) && isLarge(value))));
  const { stretchOf, isKept } = cut(ahead, wanted, stretches);
  const isRemade = (value: Value) => wanted.has(value) && value.kind === 'node' && !isKept(value);

  const levelOf = levels(back, (value) => (isRemade(value) ? stretchOf(value) : Number.POSITIVE_INFINITY));
  const ties = tiesOf(back, levelOf);
  const renewed = new Map<Value, Value>();
  const remade = new Map<Value, Value>();

  /** Makes a stretch again from what was kept, once the gradient has come as far as `tie`. */
  function remake(stretch: number, tie: Value): void {
    const own = ahead.filter((value): value is Node => value.kind === 'node' && stretchOf(value) === stretch && !isKept(value));
    const needed = new Set<Value>(own.filter(isRemade));
    for (const value of own.toReversed()) if (needed.has(value)) for (const input of value.inputs) needed.add(input);
    const copies = new Map<Value, Value>();
    const given = (value: Value): Value => {
      const isLasting = value.kind === 'constant' || (value.kind === 'input' && !batch.includes(value)) || !isLarge(value);
      const copy = isLasting ? value : heldBack(value, tie);
      copies.set(value, copy);
      return copy;
    };
    for (const value of own) {
      if (!needed.has(value) || !isLarge(value)) continue;
      copies.set(
        value,
        withInputs(
          value,
          value.inputs.map((input) => copies.get(input) ?? given(input)),
        ),
      );
      if (isRemade(value)) remade.set(value, copies.get(value) as Value);
    }
  }

  // A gradient that comes from later stretches is ready before one that needs earlier ones.
  const turns = back.map((node, at) => ({ node, at, level: levelOf.get(node) as number }));
  const started = new Set<number>();
  for (const { node, level } of turns.sort((a, b) => (a.level === b.level ? a.at - b.at : b.level - a.level))) {
    const tie = ties.get(level);
    if (tie && !started.has(level)) remake(level, renewed.get(tie) as Value);
    started.add(level);
    renewed.set(
      node,
      withInputs(
        node,
        node.inputs.map((input) => renewed.get(input) ?? remade.get(input) ?? input),
      ),
    );
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, renewed.get(value) ?? value]));
}

const isLarge = (value: Value): boolean => elements(value) > smallest;
const bytesOf = (value: Value): number => elements(value) * bytesPer(value.dtype);

/** What a view shows: the value whose memory it shares. */
function ownerOf(value: Value): Value {
  let owner = value;
  while (owner.kind === 'node' && views.has(owner.op.onnx)) owner = owner.inputs[0];
  return owner;
}

/** Assigns every value of the forward pass to a stretch. Cuts lie where little crosses. */
function cut(ahead: readonly Value[], wanted: ReadonlySet<Value>, stretches: number) {
  const place = new Map(ahead.map((value, at) => [value, at]));
  const placeOf = (value: Value) => place.get(ownerOf(value)) as number;
  const lastUse = new Map<Value, number>();
  for (const [at, value] of ahead.entries()) {
    if (value.kind === 'node') for (const input of value.inputs) lastUse.set(ownerOf(input), at);
  }
  const change = new Float64Array(ahead.length + 1);
  for (const [value, at] of lastUse) {
    if (value.kind !== 'node') continue;
    change[placeOf(value)] += bytesOf(value);
    change[at] -= bytesOf(value);
  }
  const stored = new Set<Value>([...wanted].map(ownerOf).filter((value) => value.kind === 'node'));
  const share = [...stored].reduce((sum, value) => sum + bytesOf(value), 0) / stretches;

  const ends: number[] = [];
  let [crossing, gathered, best, least] = [0, 0, -1, Number.POSITIVE_INFINITY];
  for (const [at, value] of ahead.entries()) {
    crossing += change[at];
    if (stored.has(value)) gathered += bytesOf(value);
    if (gathered >= share / 2 && crossing < least) [best, least] = [at, crossing];
    if (gathered < share || ends.length === stretches - 1) continue;
    ends.push(best);
    [gathered, best, least] = [0, -1, Number.POSITIVE_INFINITY];
  }
  const stretchOf = (value: Value): number => {
    const found = ends.findIndex((end) => placeOf(value) <= end);
    return found < 0 ? ends.length : found;
  };
  const crosses = new Set<Value>();
  for (const value of ahead) {
    if (value.kind !== 'node') continue;
    for (const input of value.inputs) if (stretchOf(input) < stretchOf(value)) crosses.add(ownerOf(input));
  }
  const isKept = (value: Value) => stretchOf(value) === ends.length || crosses.has(ownerOf(value)) || ownerOf(value).kind !== 'node';
  return { stretchOf, isKept };
}

/** How far back each gradient has come: the earliest stretch that anything it rests on belongs to. */
function levels(back: readonly Node[], stretchOf: (value: Value) => number): Map<Value, number> {
  const levelOf = new Map<Value, number>();
  for (const node of back) levelOf.set(node, Math.min(...node.inputs.map((input) => levelOf.get(input) ?? stretchOf(input))));
  return levelOf;
}

/** For every stretch the gradient that arrives there last. */
function tiesOf(back: readonly Node[], levelOf: ReadonlyMap<Value, number>): Map<number, Value> {
  const ties = new Map<number, Value>();
  for (const node of back) {
    const level = levelOf.get(node) as number;
    for (const input of node.inputs) {
      const from = levelOf.get(input);
      if (from === undefined || from <= level || input.dtype !== 'float32' || elements(input) === 0) continue;
      const before = ties.get(level);
      if (!before || from <= (levelOf.get(before) as number)) ties.set(level, input);
    }
  }
  return ties;
}

/** The value itself, but not before `tie` is known. The runtime cannot see that the shape never changes, so it neither moves nor merges it. */
function heldBack(value: Value, tie: Value): Value {
  const first = slice(reshape(tie, [elements(tie)]), 0, 0, 1);
  const never = cast(less(first, Number.NEGATIVE_INFINITY), 'int64');
  return held.of([value, add(integers(value.dims), never)]);
}
const held: Op = defineOp('Reshape', {
  shape: ([x]) => x.dims,
  grad: () => {
    throw new Error('held back: made after the gradients, so none can be asked of it');
  },
});

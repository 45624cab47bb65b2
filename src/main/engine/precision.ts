/**
 * Mixed precision (Micikevicius et al. 2018, arXiv 1710.03740): convolutions and matrix products in 16 bits, everything else and the
 * parameters in 32. The loss is scaled up so that small gradients survive; a step whose gradients overflow changes nothing but the scale.
 */
import { absent, defineOp, inOrder, input, type Node, type Op, scalar, type Value } from './graph';
import { type Outputs, rewritten, withInputs } from './lowering';
import { add, cast, div, equal, less, max, mul, where } from './ops/elementwise';
import { sumOver } from './ops/reduce';
import type { Step, Update } from './optimisers';

/** Where a gradient starts and ends; mixed precision puts the scale there, otherwise both vanish. */
export const seed: Op = defineOp('GradientSeed', {
  shape: ([loss]) => loss.dims,
  lower: ([loss]) => scalar(1, loss.dtype),
  grad: () => [null],
});
export const arrival: Op = defineOp('GradientArrival', { shape: ([g]) => g.dims, lower: ([g]) => g, grad: (g) => [g] });

const firstScale = 2 ** 16;
const largestScale = 2 ** 24;
/** Steps without overflow after which the scale is doubled. */
const patience = 200;

export interface Scaled {
  steps: Step[];
  averages: Update[];
  /** The scale and the steps since it changed, as slots: they start at zero, so the scale is kept as its distance from the first one. */
  state: Update[];
}

/** Puts a loss scale into the gradients of a step's updates. Where one is not finite, parameters, slots and averages stay as they were. */
export function scaledLoss(steps: readonly Step[], averages: readonly Update[]): Scaled {
  const offset = input('loss scale.offset', 'float32', []);
  const quiet = input('loss scale.quiet', 'float32', []);
  const scale = add(offset, firstScale);
  const updates = [...steps.flatMap((step) => [step.parameter, ...step.slots]), ...averages];
  const arrivals: Value[] = [];
  const put = rewritten(Object.fromEntries(updates.map(({ before, after }) => [before.name, after])), (inputs, node) => {
    if (node.op === seed) return scale;
    if (node.op !== arrival) return null;
    const g = div(inputs[0], scale);
    arrivals.push(g);
    return g;
  });
  if (arrivals.length === 0) throw new Error('scaledLoss: no update of this step rests on a gradient');
  const isSound = equal(
    arrivals.map(trouble).reduce((a, b) => add(a, b)),
    0,
  );
  const unlessOverflow = ({ before }: Update): Update => ({ before, after: where(isSound, put[before.name], before) });
  const isPatient = less(quiet, patience - 1);
  const grown = where(isPatient, scale, where(less(scale, largestScale), mul(scale, 2), scale));
  return {
    steps: steps.map(({ parameter, slots }) => ({ parameter: unlessOverflow(parameter), slots: slots.map(unlessOverflow) })),
    averages: averages.map(unlessOverflow),
    state: [
      { before: offset, after: add(where(isSound, grown, max(mul(scale, 0.5), 1)), -firstScale) },
      { before: quiet, after: where(isSound, where(isPatient, add(quiet, 1), scalar(0)), scalar(0)) },
    ],
  };
}

/** 0 for numbers, NaN as soon as one is infinite or NaN. */
const trouble = (g: Value): Value =>
  sumOver(
    mul(g, 0),
    g.dims.map((_, axis) => axis),
  );

const heavy = new Set(['Conv', 'MatMul']);
/** Moves numbers, or picks among them: takes whatever type it is given. */
const moving = new Set('Reshape Transpose Slice Pad Concat Relu MaxPool Expand'.split(' '));

/** Values after lowering, with heavy ops and what only moves their numbers in 16 bits. Outputs keep their types. */
export function halved(outputs: Outputs): Outputs {
  const halves = new Map<Value, Node>();
  const half = (value: Value): Value => halves.get(value) ?? cast(value, 'float16');
  const wholes = new Map<Value, Value>();
  const whole = (value: Value): Value => wholes.get(value) ?? value;
  for (const value of inOrder(Object.values(outputs))) {
    if (value.kind !== 'node') continue;
    const name = value.op.onnx;
    const reals = value.inputs.filter(isReal);
    const isHalf =
      value.dtype === 'float32' &&
      (heavy.has(name) ||
        (moving.has(name) && reals.some((x) => halves.has(x)) && reals.every((x) => halves.has(x) || x.kind === 'constant')));
    if (isHalf) {
      const made = {
        ...withInputs(
          value,
          value.inputs.map((x) => (isReal(x) ? half(x) : whole(x))),
        ),
        dtype: 'float16',
      } as const;
      halves.set(value, made);
      wholes.set(value, cast(made, 'float32'));
    } else wholes.set(value, withInputs(value, value.inputs.map(whole)));
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, whole(value)]));
}
const isReal = (value: Value): boolean => value.dtype === 'float32' && value !== absent;

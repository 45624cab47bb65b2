/** A case with numbers: its result, its gradients, and what the reference says they are. */
import { pullBack } from '../../src/main/engine/backward';
import { type Form, type Input, input, type Value } from '../../src/main/engine/graph';
import { buildModel } from '../../src/main/engine/model';
import { encodeModel } from '../../src/main/engine/onnx';
import { type Device, Session } from '../../src/main/engine/session';
import { sizeOf } from '../../src/main/engine/tensor';
import { type Random, random } from '../../src/shared/random';
import type { OpCase } from './cases/draw';
import { evaluate } from './reference';

export interface Prepared {
  inputs: Input[];
  result: Value;
  /** Stands for whatever comes after the op. */
  cotangent: Input;
  gradients: Value[];
  feeds: Map<Value, Float64Array>;
}

/** Numbers that are exact in float32, distinct, and at least 0.1 away from 0, where most kinks are. */
function drawNumbers(stream: Random, count: number, range: OpCase['range']): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const size = stream.uniform(0.1, 1.5);
    return Math.fround(range === 'positive' || stream.uniform() < 0.5 ? size : -size);
  });
}

export function prepare({ name, shapes, build, range }: OpCase): Prepared {
  const stream = random(1).fork(name);
  const inputs = shapes.map((dims, i) => input(`${name} x${i}`, 'float32', dims));
  const result = build(...inputs);
  const cotangent = input(`${name} cotangent`, 'float32', result.dims);
  const slopes = pullBack([[result, cotangent]], inputs);
  const feeds = new Map<Value, Float64Array>(inputs.map((x) => [x, drawNumbers(stream, sizeOf(x.dims), range)]));
  feeds.set(cotangent, drawNumbers(stream, sizeOf(result.dims), 'signed'));
  return { inputs, result, cotangent, gradients: inputs.map((x) => slopes.get(x) as Value), feeds };
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Disagreement between gradients and central differences along one random direction through all inputs, relative to the terms compared. */
export function gradientError({ inputs, result, cotangent, gradients, feeds }: Prepared): number {
  const stream = random(2);
  const step = 1e-5;
  const directions = inputs.map((x) => (feeds.get(x) as Float64Array).map(() => stream.normal()));
  const along = (sign: number) => {
    const moved = new Map(feeds);
    for (const [i, x] of inputs.entries()) {
      const at = feeds.get(x) as Float64Array;
      moved.set(
        x,
        at.map((v, j) => v + sign * step * directions[i][j]),
      );
    }
    return dot(evaluate([result], moved)[0].data, feeds.get(cotangent) as Float64Array);
  };
  const measured = (along(1) - along(-1)) / (2 * step);
  const stated = evaluate(gradients, feeds).reduce((sum, { data }, i) => sum + dot(data, directions[i]), 0);
  return Math.abs(measured - stated) / Math.max(1, Math.abs(measured));
}

/**
 * In words, every case whose result or gradients on a device differ by more than `tolerance` from the reference, or that does not run.
 * A few at a time: a model of many hundred cases takes the runtime far longer to tidy up than many models of a few.
 */
export async function strays(cases: readonly OpCase[], device: Device, form: Form, tolerance: number): Promise<string[]> {
  const found: string[] = [];
  for (const batch of inBatches(cases, 8)) {
    try {
      for (const [name, error] of await deviceErrors(batch, device, form))
        if (!(error < tolerance)) found.push(`${name} is off by ${error}`);
    } catch (cause) {
      if (batch.length === 1) found.push(`${batch[0].name} fails: ${cause}`);
      else for (const op of batch) found.push(...(await strays([op], device, form, tolerance)));
    }
  }
  return found;
}

export const inBatches = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

/**
 * Largest disagreement of result and gradients between a device and the reference, relative to the largest number of each, case by case.
 * All cases run in one model: a session of its own for each would take most of the time.
 */
export async function deviceErrors(cases: readonly OpCase[], device: Device, form: Form): Promise<Map<string, number>> {
  const all = cases.map((op) => ({ name: op.name, ...prepare(op) }));
  // Models in the plain form are for use: some gradients are not ONNX operators.
  const rootsOf = ({ result, gradients }: Prepared) => (form === 'plain' ? [result] : [result, ...gradients]);
  const inputs = all.flatMap((op) => [...op.inputs, op.cotangent]);
  const outputs = Object.fromEntries(all.flatMap((op, n) => rootsOf(op).map((root, i) => [`y${n}.${i}`, root])));
  const session = await Session.create(encodeModel(buildModel({ name: 'laws', inputs, outputs, form })), { device, threads: 1 });
  const feeds = all.flatMap((op) => [...op.feeds].map(([x, data]) => [(x as Input).name, { dims: x.dims, data: Float32Array.from(data) }]));
  const came = await session.run(Object.fromEntries(feeds));
  await session.release();
  return new Map(
    all.map((op, n) => {
      const errors = evaluate(rootsOf(op), op.feeds).map(({ data }, i) => errorOf(came[`y${n}.${i}`].data as Float32Array, data));
      return [op.name, errors.some(Number.isNaN) ? Number.NaN : Math.max(...errors)];
    }),
  );
}

function errorOf(came: Float32Array, expected: Float64Array): number {
  if (came.length !== expected.length) return Number.POSITIVE_INFINITY;
  const size = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  return expected.reduce((worst, x, i) => Math.max(worst, Math.abs(came[i] - x) / size), 0);
}

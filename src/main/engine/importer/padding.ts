/** Pad with all its modes: a fixed number, the edge again, the image mirrored, or the image from its other side. */
import { scalar, type Value } from '../graph';
import { concat, expand, flip, pad, slice } from '../ops/shape';
import { showDims } from '../tensor';
import type { Operation, Translations } from './operation';

/** Numbers before and after, per axis; negative counts cut. */
export function padWith(x: Value, before: readonly number[], after: readonly number[], value: number): Value {
  let inner = x;
  for (const [axis, side] of x.dims.entries()) inner = slice(inner, axis, Math.max(0, -before[axis]), side - Math.max(0, -after[axis]));
  const room = (counts: readonly number[]) => counts.map((count) => Math.max(0, count));
  if (value === 0) return pad(inner, room(before), room(after));
  return axisByAxis(inner, room(before), room(after), (v, axis, count) => expand(scalar(value, v.dtype), v.dims.with(axis, count)));
}

/** What lies `count` deep before or after a value along an axis. */
type Beyond = (v: Value, axis: number, count: number, end: 'before' | 'after') => Value;
function axisByAxis(x: Value, before: readonly number[], after: readonly number[], beyond: Beyond): Value {
  let y = x;
  for (const axis of x.dims.keys()) {
    const lead = before[axis] > 0 ? [beyond(y, axis, before[axis], 'before')] : [];
    const tail = after[axis] > 0 ? [beyond(y, axis, after[axis], 'after')] : [];
    y = concat([...lead, y, ...tail], axis);
  }
  return y;
}

const modes: Readonly<Record<string, Beyond>> = {
  edge: (v, axis, count, end) => {
    const at = end === 'before' ? 0 : v.dims[axis] - 1;
    return expand(slice(v, axis, at, at + 1), v.dims.with(axis, count));
  },
  reflect: (v, axis, count, end) => {
    const from = end === 'before' ? 1 : v.dims[axis] - 1 - count;
    return flip(slice(v, axis, from, from + count), [axis]);
  },
  wrap: (v, axis, count, end) => {
    const from = end === 'before' ? v.dims[axis] - count : 0;
    return slice(v, axis, from, from + count);
  },
};

export const paddingOps: Translations = {
  Pad: (op: Operation) => {
    const { x, rank } = op;
    // Version 2 has attributes; version 11 made them inputs; version 18 lets some axes be named.
    const pads = op.listFrom(1, 'pads') ?? op.list('paddings') ?? [];
    const axes = op.numbers(3)?.map((axis) => op.axis(axis)) ?? x.dims.map((_, axis) => axis);
    if (pads.length !== 2 * axes.length) throw new Error(`expected ${2 * axes.length} counts for ${showDims(x.dims)}, ${pads.length} came`);
    const [before, after] = [0, axes.length].map((first) => {
      const counts = Array.from({ length: rank }, () => 0);
      for (const [i, axis] of axes.entries()) counts[axis] = pads[first + i];
      return counts;
    });
    const mode = op.text('mode', 'constant');
    if (mode === 'constant') return padWith(x, before, after, op.numbers(2)?.[0] ?? op.real('value', 0));
    if (!modes[mode]) throw new Error(`padding of the kind ${mode} is not supported`);
    if (pads.some((count) => count < 0)) throw new Error(`padding of the kind ${mode} cannot cut`);
    return axisByAxis(x, before, after, modes[mode]);
  },
};

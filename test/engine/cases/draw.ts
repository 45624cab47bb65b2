/** Cases of an op, drawn at random from a seed: shapes and attributes, small enough for thousands. */
import type { Value } from '../../../src/main/engine/graph';
import { showDims, sizeOf } from '../../../src/main/engine/tensor';
import { type Random, random } from '../../../src/shared/random';

export interface OpCase {
  /** Unlike every other case's. */
  name: string;
  shapes: readonly (readonly number[])[];
  build(...inputs: Value[]): Value;
  /** Where inputs are drawn from; kinks and poles are kept at a distance. */
  range?: 'signed' | 'positive';
}
export interface DrawnCase extends OpCase {
  /** The name of what the case is drawn for, without number, shapes and attributes. */
  op: string;
}
export interface Drawn extends Pick<OpCase, 'shapes' | 'build' | 'range'> {
  /** Attributes, in words. */
  as?: string;
}

/** `count` cases of an op. */
export function draw(op: string, count: number, one: (stream: Random) => Drawn): DrawnCase[] {
  return Array.from({ length: count }, (_, n) => {
    const { as = '', ...drawn } = one(random(7).fork(op).fork(n));
    const words = [`${op} #${n}`, as, drawn.shapes.map(showDims).join(' ')].filter((word) => word !== '');
    return { name: words.join(' '), op, ...drawn };
  });
}

/** A whole number from low to high, both included. */
export const between = (stream: Random, low: number, high: number): number => low + stream.integer(high - low + 1);
export const oneOf = <T>(stream: Random, choices: readonly T[]): T => choices[stream.integer(choices.length)];
export const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** Sides of at most 4, at most 60 numbers in all; now and then an axis without any, unless all should be `full`. */
export function dimsOf(stream: Random, [low, high]: readonly [number, number] = [0, 4], kind: 'any' | 'full' = 'any'): number[] {
  const dims = times(between(stream, low, high), () => between(stream, 1, 4));
  while (sizeOf(dims) > 60) dims[stream.integer(dims.length)] = 1;
  if (kind === 'any' && dims.length > 0 && stream.uniform() < 0.06) dims[stream.integer(dims.length)] = 0;
  return dims;
}

/** Two shapes that go together by broadcasting: axes of side 1 and missing leading axes on either side. */
export function pairOf(stream: Random): [number[], number[]] {
  const whole = dimsOf(stream);
  const thinned = () => {
    const dims = whole.map((side) => (stream.uniform() < 0.3 ? 1 : side));
    return dims.slice(stream.uniform() < 0.3 ? stream.integer(dims.length + 1) : 0);
  };
  const pair: [number[], number[]] = [thinned(), stream.uniform() < 0.5 ? whole : thinned()];
  return stream.uniform() < 0.5 ? pair : [pair[1], pair[0]];
}

/** An image [N, C, …] of one to three spatial axes. */
export function imageOf(stream: Random, sides: readonly [number, number] = [1, 5]): number[] {
  const axes = between(stream, 1, 3);
  const most = axes === 3 ? Math.min(sides[1], Math.max(4, sides[0])) : sides[1];
  return [between(stream, 1, 2), between(stream, 1, 3), ...times(axes, () => between(stream, sides[0], most))];
}

/** A mask as an unfinished student would draw it: moved, swollen or shrunk, torn and smeared. */
import type { Random } from '../../../shared/random';

/** Logits are never surer than this, as in MuDuo's mask prompts. */
const surest = Math.log((1 - 1e-4) / 1e-4);

/**
 * @param truth 0 or 1 on a lattice of `sides`, slowest axis first
 * @returns logits. Probabilities would not do: their 0 says “outside”, while the zeros of an empty mask beside a click say nothing
 */
export function roughMask(truth: Uint8Array, sides: readonly number[], stream: Random): Float32Array {
  let mask = Float32Array.from(truth);
  for (let axis = 0; axis < sides.length; axis++) mask = moved(mask, sides, axis, Math.round(1.2 * stream.normal()));
  if (stream.uniform() < 0.6) for (let holes = 1 + stream.integer(3); holes > 0; holes--) tear(mask, sides, stream);
  const radius = 1 + stream.integer(2);
  for (let axis = 0; axis < sides.length; axis++) mask = smeared(mask, sides, axis, radius);
  // Where the smeared mask is cut decides whether the object swells or shrinks.
  const cut = stream.uniform(0.25, 0.7);
  const steepness = stream.uniform(4, 20);
  return mask.map((value) => Math.min(surest, Math.max(-surest, steepness * (value - cut))));
}

/** An array as lines along one axis: `stride` between neighbours, lines one after another. */
function linesAlong(sides: readonly number[], axis: number): { stride: number; side: number; starts: number[] } {
  const stride = sides.slice(axis + 1).reduce((product, n) => product * n, 1);
  const [side, total] = [sides[axis], sides.reduce((product, n) => product * n, 1)];
  const starts: number[] = [];
  for (let outer = 0; outer < total; outer += stride * side) for (let inner = 0; inner < stride; inner++) starts.push(outer + inner);
  return { stride, side, starts };
}

function moved(mask: Float32Array, sides: readonly number[], axis: number, by: number): Float32Array<ArrayBuffer> {
  const to = new Float32Array(mask.length);
  const { stride, side, starts } = linesAlong(sides, axis);
  for (const start of starts) {
    for (let at = Math.max(0, by); at < Math.min(side, side + by); at++) to[start + at * stride] = mask[start + (at - by) * stride];
  }
  return to;
}

/** Mean over `radius` neighbours on both sides along one axis; nothing lies outside. */
function smeared(mask: Float32Array, sides: readonly number[], axis: number, radius: number): Float32Array<ArrayBuffer> {
  const to = new Float32Array(mask.length);
  const { stride, side, starts } = linesAlong(sides, axis);
  for (const start of starts) {
    for (let at = 0; at < side; at++) {
      let sum = 0;
      for (let from = Math.max(0, at - radius); from <= Math.min(side - 1, at + radius); from++) sum += mask[start + from * stride];
      to[start + at * stride] = sum / (2 * radius + 1);
    }
  }
  return to;
}

/** Empties or fills a random box, a tenth to two fifths of the side along each axis. */
function tear(mask: Float32Array, sides: readonly number[], stream: Random): void {
  const isHole = stream.uniform() < 0.7;
  const lengths = sides.map((side) => Math.ceil(side * stream.uniform(0.1, isHole ? 0.4 : 0.2)));
  const from = sides.map((side, axis) => stream.integer(side - lengths[axis] + 1));
  const fill = (axis: number, start: number): void => {
    if (axis === sides.length) {
      mask[start] = isHole ? 0 : 1;
      return;
    }
    for (let at = from[axis]; at < from[axis] + lengths[axis]; at++) fill(axis + 1, start * sides[axis] + at);
  };
  fill(0, 0);
}

/** Largest and smallest numbers along an axis, and where they are. */
import { type Attributes, defineOp, integers, integersOf, type Op, type Value } from '../graph';
import { showDims } from '../tensor';
import { gather } from './indexing';

const selected = ([x, count]: readonly Value[], attributes: Attributes): number[] => {
  const axis = attributes.axis as number;
  const [k] = integersOf(count);
  if (!(k >= 0 && k <= x.dims[axis])) throw new Error(`TopK: ${k} numbers along axis ${axis} of ${showDims(x.dims)}`);
  return x.dims.with(axis, k);
};
/** Only the second of the operator's results: the numbers are then picked up, whose gradient is known. */
const placesOp: Op = defineOp('TopK', {
  output: 1,
  shape: (inputs, attributes) => ({ dims: selected(inputs, attributes), dtype: 'int64' }),
  grad: () => [null, null],
});
/** The `count` largest or smallest numbers along an axis, in order, and their places [int64]; of equal ones the first comes first. */
export function topK(x: Value, count: number, axis: number, which: 'largest' | 'smallest'): { values: Value; places: Value } {
  const places = placesOp.of([x, integers([count])], { axis, largest: which === 'largest' ? 1 : 0, sorted: 1 });
  return { values: gather(x, places, axis), places };
}

/** Where the largest number along an axis is, the first of equals; the axis goes away. Whole numbers: nothing flows back. */
const argmaxOp: Op = defineOp('ArgMax', {
  shape: ([x], { axis }) => {
    const at = axis as number;
    if (!(x.dims[at] > 0)) throw new Error(`ArgMax: nothing along axis ${at} of ${showDims(x.dims)}`);
    return { dims: x.dims.toSpliced(at, 1), dtype: 'int64' };
  },
  grad: () => [null],
});
export const argmax = (x: Value, axis: number): Value => argmaxOp.of([x], { axis, keepdims: 0 });

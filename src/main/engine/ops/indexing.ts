/** Ops that pick numbers by their positions and put them back. Positions are whole numbers, so no gradient reaches them. */
import { defineOp, elements, type Op, type Value } from '../graph';
import { sameDims, showDims, sizeOf } from '../tensor';
import { constantLike } from './elementwise';
import { expand, reshape } from './shape';

function checkAxis(op: string, x: Value, axis: number): void {
  if (axis < 0 || axis >= x.dims.length) throw new Error(`${op}: ${showDims(x.dims)} has no axis ${axis}`);
}
/** Positions known when the graph is built are checked then; others when it runs. */
function checkPositions(op: string, positions: Value, side: number): void {
  if (positions.dtype !== 'int64') throw new Error(`${op}: expected positions of type int64, ${positions.dtype} came`);
  if (positions.kind !== 'constant') return;
  const outside = Array.from(positions.data, Number).find((at) => at < 0 || at >= side);
  if (outside !== undefined) throw new Error(`${op}: position ${outside} is outside 0 … ${side - 1}`);
}
function checkShape(op: string, x: Value, positions: Value, axis: number): void {
  checkAxis(op, x, axis);
  checkPositions(op, positions, x.dims[axis]);
  if (positions.dims.length !== x.dims.length || positions.dims.some((side, i) => i !== axis && side > x.dims[i])) {
    throw new Error(`${op}: positions ${showDims(positions.dims)} along axis ${axis} of ${showDims(x.dims)}`);
  }
}

/** y[…, i, …] = x[…, positions[…, i, …], …]: d puts each number back where it came from. */
const gatherOp: Op = defineOp('GatherElements', {
  shape: ([x, positions], { axis }) => {
    checkShape('GatherElements', x, positions, axis as number);
    return positions.dims;
  },
  grad: (g, _y, [x, positions], { axis }) => [scatterAdd(constantLike(x, 0), positions, g, axis as number), null],
});
/** Along an axis, the number at each of `positions`, which has the result's shape (PyTorch's `gather`). */
export const gather = (x: Value, positions: Value, axis: number): Value => gatherOp.of([x, positions], { axis });

/** y = into, plus each number of `from` at its position: dinto = g, dfrom picks g up again. */
const scatterOp: Op = defineOp('ScatterElements', {
  shape: ([into, positions, from], { axis }) => {
    checkShape('ScatterElements', into, positions, axis as number);
    if (!sameDims(positions.dims, from.dims)) {
      throw new Error(`ScatterElements: ${showDims(from.dims)} numbers for ${showDims(positions.dims)} positions`);
    }
    return into.dims;
  },
  grad: (g, _y, [, positions], { axis }) => [g, null, gather(g, positions, axis as number)],
});
/** `into`, with the numbers of `from` added at `positions` along an axis; several may fall on one place. */
export const scatterAdd = (into: Value, positions: Value, from: Value, axis: number): Value =>
  scatterOp.of([into, positions, from], { axis, reduction: 'add' });

/** Whole slices of x by their places along an axis: d adds each slice of g to the slice it came from. */
const takeOp: Op = defineOp('Gather', {
  shape: ([x, positions], { axis }) => {
    checkAxis('Gather', x, axis as number);
    checkPositions('Gather', positions, x.dims[axis as number]);
    return x.dims.toSpliced(axis as number, 1, ...positions.dims);
  },
  grad: (g, _y, [x, positions], { axis }) => {
    const at = axis as number;
    const count = elements(positions);
    const line = x.dims.map((_, i) => (i === at ? count : 1));
    const dims = x.dims.with(at, count);
    return [scatterAdd(constantLike(x, 0), expand(reshape(positions, line), dims), reshape(g, dims), at), null];
  },
});
/** The slices at `positions` along an axis; their axes take the place of that axis. Rows of a table by number, for an embedding. */
export const take = (x: Value, positions: Value, axis: number): Value => takeOp.of([x, positions], { axis });

/** The whole value as one list. */
export const flat = (x: Value): Value => reshape(x, [sizeOf(x.dims)]);

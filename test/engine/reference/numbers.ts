/** Arrays in double precision, read and filled by position. */
import type { Node } from '../../../src/main/engine/graph';
import { sizeOf } from '../../../src/main/engine/tensor';

export interface Numbers {
  dims: readonly number[];
  data: Float64Array;
}
export type Evaluate = (inputs: Numbers[], node: Node) => Numbers;

/** Fills an array from a function of the position. */
export function make(dims: readonly number[], at: (position: number[]) => number): Numbers {
  const data = new Float64Array(sizeOf(dims));
  const position = dims.map(() => 0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = at(position);
    for (let axis = dims.length - 1; axis >= 0 && ++position[axis] === dims[axis]; axis--) position[axis] = 0;
  }
  return { dims, data };
}

/** Visits every position of a box. */
export const box = (dims: readonly number[], visit: (position: number[]) => void): void => {
  make(dims, (position) => {
    visit(position);
    return 0;
  });
};

/** The number at a position; axes of side 1 and missing leading axes are spread. */
export function read({ dims, data }: Numbers, position: readonly number[]): number {
  let flat = 0;
  for (let axis = 0; axis < dims.length; axis++) {
    const side = dims[axis];
    flat = flat * side + (side === 1 ? 0 : position[axis + position.length - dims.length]);
  }
  return data[flat];
}

/** The number at a position; outside there are zeros. */
export function exact({ dims, data }: Numbers, position: readonly number[]): number {
  let flat = 0;
  for (let axis = 0; axis < dims.length; axis++) {
    const at = position[axis];
    if (at < 0 || at >= dims[axis]) return 0;
    flat = flat * dims[axis] + at;
  }
  return data[flat];
}

/** An attribute that is a list of whole numbers. */
export const list = (node: Node, name: string): number[] => node.attributes[name] as number[];
/** An attribute that is a whole number. */
export const whole = (node: Node, name: string, otherwise = 0): number => (node.attributes[name] as number | undefined) ?? otherwise;
/** An attribute that is a real number. */
export const real = (node: Node, name: string): number => (node.attributes[name] as { float: number }).float;

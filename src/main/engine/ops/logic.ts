/** Truth values: what comparisons give, combined. No gradient passes through them. */
import { defineOp, type Op, type Value } from '../graph';
import { broadcast } from './elementwise';

const truth = (onnx: string): Op =>
  defineOp(onnx, {
    shape: (inputs) => {
      const other = inputs.find((input: Value) => input.dtype !== 'bool');
      if (other) throw new Error(`${onnx}: expected truth values, ${other.dtype} came`);
      return broadcast(onnx, inputs);
    },
    grad: (_g, _y, inputs) => inputs.map(() => null),
  });

export const not = truth('Not');
/** Both, with broadcasting. */
export const and = truth('And');
/** At least one, with broadcasting. */
export const or = truth('Or');

/** What a model costs before it has run: operations and memory, from shapes alone. */
import type { Model } from './onnx';

export interface Cost {
  /** Floating-point operations of one run; a multiply-add counts as two. */
  flops: number;
  /** Bytes moved by one run if every step reads its inputs and writes its outputs once. */
  traffic: number;
  /** Largest sum of values alive at once, in bytes, when run in the model's order; inputs, outputs and constants included. */
  peakBytes: number;
}

export function costOf(_model: Model): Cost {
  return { flops: 0, traffic: 0, peakBytes: 0 };
}

/** From values as they were written to values as a device runs them best: every op takes its faster form, nothing is spread out that need not be. */
import { type Attributes, type Form, inOrder, type Node, type Value } from './graph';
import { sameDims } from './tensor';

export type Outputs = Readonly<Record<string, Value>>;

/** The same outputs with every node passed through `change`, all the way down; null leaves a node as it is. What `change` gives is changed again. */
export function rewritten(outputs: Outputs, change: (inputs: readonly Value[], node: Node) => Value | null): Record<string, Value> {
  const replaced = new Map<Value, Value>();
  const rewrite = (roots: readonly Value[]): void => {
    for (const value of inOrder(roots)) {
      if (replaced.has(value)) continue;
      if (value.kind !== 'node') {
        replaced.set(value, value);
        continue;
      }
      const inputs = value.inputs.map((input) => replaced.get(input) as Value);
      const other = change(inputs, value);
      if (other) {
        rewrite([other]);
        replaced.set(value, replaced.get(other) as Value);
      } else {
        const copy = withInputs(value, inputs);
        replaced.set(copy, copy);
        replaced.set(value, copy);
      }
    }
  };
  rewrite(Object.values(outputs));
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, replaced.get(value) as Value]));
}

/** The node on other inputs of the same types; itself where they are the same. */
export const withInputs = (node: Node, inputs: readonly Value[], attributes: Attributes = node.attributes): Node =>
  attributes === node.attributes && inputs.every((input, i) => input === node.inputs[i]) ? node : { ...node, inputs, attributes };

/** The outputs as a device of this form runs them; the plain form keeps every op that ONNX knows. */
export const lowered = (outputs: Outputs, form: Form): Record<string, Value> =>
  rewritten(outputs, (inputs, node) => {
    const { lower, written } = node.op.rule;
    if (form === 'plain') return written?.(inputs, node.attributes) ?? null;
    return lower?.(inputs, node.attributes, form) ?? written?.(inputs, node.attributes) ?? unspread(inputs, node);
  });

const spreading = new Set(['Add', 'Sub', 'Mul', 'Div']);
/** Arithmetic spreads its arguments itself: one spread out beforehand beside another of full size only takes memory. */
function unspread(inputs: readonly Value[], node: Node): Value | null {
  if (!spreading.has(node.op.onnx)) return null;
  for (const [i, value] of inputs.entries()) {
    const whole = inputs[1 - i];
    if (value.kind !== 'node' || value.op.onnx !== 'Expand' || !sameDims(whole.dims, node.dims)) continue;
    if (whole.kind === 'node' && whole.op.onnx === 'Expand') continue;
    return withInputs(node, inputs.with(i, value.inputs[0]));
  }
  return null;
}

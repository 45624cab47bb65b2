/** The reverse walk: from a scalar back to the gradients of what it depends on, itself a graph. */
import { inOrder, type Value } from './graph';
import { add, constantLike } from './ops/elementwise';
import { arrival, seed } from './precision';
import { sameDims, showDims } from './tensor';

/**
 * Gradients of a scalar with respect to `targets`, as values of the same graph. A target the loss does not depend on gets zeros.
 * @throws if `loss` is not one number, or an op hands back a gradient of the wrong shape
 */
export function gradients<T extends Value>(loss: Value, targets: readonly T[]): Map<T, Value> {
  if (loss.dims.length > 0) throw new Error(`gradients: the loss should be one number, but has shape ${showDims(loss.dims)}`);
  const slopes = pullBack([[loss, seed(loss)]], targets);
  return new Map([...slopes].map(([target, g]) => [target, arrival(g)]));
}

/**
 * Gradients of Σ value·cotangent over the given pairs.
 * @param stops values that nothing flows through: what they depend on is taken as given
 */
export function pullBack<T extends Value>(
  seeds: readonly (readonly [Value, Value])[],
  targets: readonly T[],
  stops: ReadonlySet<Value> = new Set(),
): Map<T, Value> {
  const order = inOrder(seeds.map(([value]) => value));
  // Only what leads to a target is walked: the rest would be built and thrown away.
  const leads = new Set<Value>(targets);
  for (const value of order) if (value.kind === 'node' && value.inputs.some((input) => leads.has(input))) leads.add(value);

  const flowing = new Map<Value, Value>();
  const flow = (into: Value, g: Value) => {
    const before = flowing.get(into);
    flowing.set(into, before ? add(before, g) : g);
  };
  for (const [value, cotangent] of seeds) flow(value, cotangent);

  for (const value of order.toReversed()) {
    const g = flowing.get(value);
    if (!g || value.kind !== 'node' || !leads.has(value) || stops.has(value)) continue;
    const back = value.op.rule.grad(g, value, value.inputs, value.attributes);
    for (const [i, into] of value.inputs.entries()) {
      const gradient = back[i];
      if (!gradient || !leads.has(into)) continue;
      if (!sameDims(gradient.dims, into.dims)) {
        throw new Error(
          `${value.op.onnx}: the gradient of input ${i} has shape ${showDims(gradient.dims)}, expected ${showDims(into.dims)}`,
        );
      }
      flow(into, gradient);
    }
  }
  return new Map(targets.map((target) => [target, flowing.get(target) ?? constantLike(target, 0)]));
}

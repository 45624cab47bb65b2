/** Weights for a SAM of any size where only their size matters. */
import { sizeOf, type Tensor, tensor } from '../../src/main/engine/tensor';
import { type SamSpec, samParameters } from '../../src/main/networks/sam/spec';
import { random } from '../../src/shared/random';

/** Numbers of the size of trained weights. A hundred million independent ones would take longer to draw than to use. */
export function plausibleWeights(spec: SamSpec): Map<string, Tensor<Float32Array>> {
  const stream = random(1);
  const few = Float32Array.from({ length: 4099 }, () => 0.02 * stream.normal());
  return new Map(
    samParameters(spec).map(({ name, dims }) => {
      const data = new Float32Array(sizeOf(dims));
      for (let at = 0; at < data.length; at += few.length) data.set(few.subarray(0, data.length - at), at);
      return [name, tensor(dims, data)];
    }),
  );
}

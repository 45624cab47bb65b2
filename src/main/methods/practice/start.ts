/**
 * Fresh parameters for a SAM that is to learn in hours on two cores: as PyTorch starts them, but attention between clicks and image begins where a
 * click lies. Released weights had to learn that over weeks, in volumes against the exchanged axes of their grid's codes.
 */
import type { Random } from '../../../shared/random';
import { type Tensor, tensor } from '../../engine/tensor';
import { initialParameters } from '../../networks/network';
import { directionsKey, type SamSpec, samParameters } from '../../networks/sam/spec';

/** How much stronger than PyTorch's start the projections of places are, so that the place of a click stands out of some hundred tokens. */
const gain = 3;

/** Parameters and buffers by official name. */
export function practiceStart(spec: SamSpec, stream: Random): Map<string, Tensor> {
  const start: Map<string, Tensor> = initialParameters({ parameters: samParameters(spec) }, stream.fork('weights'));
  const waves = spec.promptWidth / spec.axes;
  if (spec.axes === 3) start.set(directionsKey, closedDirections(waves, stream.fork('directions')));
  const exchanged = Array.from({ length: spec.promptWidth }, (_, n) =>
    spec.axes === 3 ? Math.floor(n / waves) * waves + partnerOf(n % waves, waves) : n,
  );
  const attentions = Array.from({ length: spec.decoder.depth }, (_, i) => `transformer.layers.${i}`).flatMap((layer) => [
    { name: `${layer}.cross_attn_token_to_image`, ofImage: 'k_proj' as const },
    { name: `${layer}.cross_attn_image_to_token`, ofImage: 'q_proj' as const },
  ]);
  for (const { name, ofImage } of [...attentions, { name: 'transformer.final_attn_token_to_image', ofImage: 'k_proj' as const }]) {
    const key = (part: string) => `mask_decoder.${name}.${part}.weight`;
    const ofTokens = key(ofImage === 'k_proj' ? 'q_proj' : 'k_proj');
    const { dims, data } = start.get(ofTokens) as Tensor<Float32Array>;
    const strong = data.map((value) => gain * value);
    start.set(ofTokens, { dims, data: strong });
    // The image's codes have their first two axes exchanged; so have the columns that read them, and equal places get equal products.
    const [rows, columns] = dims;
    const matching = Float32Array.from(
      { length: rows * columns },
      (_, n) => strong[Math.floor(n / columns) * columns + exchanged[n % columns]],
    );
    start.set(key(ofImage), { dims, data: matching });
  }
  return start;
}

/** Of two neighbouring directions one is the other with its first two axes exchanged; a last one without a partner has both alike. */
const partnerOf = (n: number, count: number): number => (n % 2 === 1 ? n - 1 : n + 1 < count ? n + 1 : n);

/** Random directions [3, count] that stay the same set when the first two axes are exchanged. */
function closedDirections(count: number, stream: Random): Tensor {
  const columns: number[][] = [];
  while (columns.length < count) {
    const [x, y, z] = [stream.normal(), stream.normal(), stream.normal()];
    if (columns.length === count - 1) columns.push([x, x, z]);
    else columns.push([x, y, z], [y, x, z]);
  }
  return tensor(
    [3, count],
    [0, 1, 2].flatMap((axis) => columns.map((column) => column[axis])),
  );
}

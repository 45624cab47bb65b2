/** A frozen DINOv3 as an ONNX model with its weights inside: images in, features out. */
import { constant, input, type Value } from '../../engine/graph';
import { buildModel } from '../../engine/model';
import type { Model } from '../../engine/onnx';
import { dinov3Blocks, dinov3Map, dinov3Tokens } from './dinov3';
import type { Dinov3Weights } from './recognise';

/**
 * The model: input `image` of the given shape [B, C, H, W], normalised as the weights expect; outputs `patches`
 * [B, width, H/patch, W/patch] and `cls` [B, width], both after the final norm. The shape is fixed: positions are part of the model.
 */
export function dinov3Model({ spec, parameters, periods }: Dinov3Weights, image: readonly number[]): Model {
  const values = new Map([...parameters].map(([name, weight]) => [name, constant(weight, name)]));
  const network = { spec, parameters: values, periods };
  const x = input('image', 'float32', image);
  const last = dinov3Blocks(network, x).at(-1) as Value;
  const { cls, patches } = dinov3Tokens(network, last, 'final');
  const outputs = { patches: dinov3Map(network, patches, x), cls };
  return buildModel({ name: 'dinov3', inputs: [x], outputs, form: 'cpu' });
}

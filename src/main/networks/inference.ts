/** A trained network as an ordinary ONNX model: weights inside, image in, class probabilities out. */
import { anyBatch, anySides } from '../engine/anyBatch';
import { foldNorms } from '../engine/foldNorms';
import { constant, type Input, input, type Value } from '../engine/graph';
import { buildModel } from '../engine/model';
import { encodeModel, type Model } from '../engine/onnx';
import { softmax } from '../engine/ops/softmax';
import { sameDims, showDims, type Tensor } from '../engine/tensor';
import type { Parameters } from './network';

/** A network as far as its use goes: parameters by name, and what it makes of an image. */
export interface Usable {
  readonly parameters: readonly { name: string; dims: readonly number[] }[];
  forward(parameters: Parameters, image: Value): Value;
}

export interface InferenceOptions {
  /** [N, C, …] of one call. */
  image: readonly number[];
  /** A batch of any size, for people and other programs; the fixed size runs faster here. */
  batch: 'fixed' | 'any';
  /** Whether sides other than the image's may come too, where the batch may be any and nothing in the network depends on them. */
  sides?: 'fixed' | 'any';
  activation: 'softmax' | 'none';
  metadata?: Readonly<Record<string, string>>;
}

/** The bytes of the model: input `image`, output `probabilities` (or `logits`). Throws if a weight is missing or does not fit. */
export const inferenceModel = (network: Usable, weights: ReadonlyMap<string, Tensor>, options: InferenceOptions): Uint8Array<ArrayBuffer> =>
  encodeModel(inferenceGraph(network, weights, options));

/** The same before it is written down, for models that may be too large for one array. */
export function inferenceGraph(network: Usable, weights: ReadonlyMap<string, Tensor>, options: InferenceOptions): Model {
  const { batch, sides = 'fixed', activation, metadata } = options;
  const parameters = frozen(network.parameters, weights);
  const build = (dims: readonly number[]): Model => {
    const image: Input = input('image', 'float32', dims);
    const logits = network.forward(parameters, image);
    const outputs = foldNorms(activation === 'softmax' ? { probabilities: softmax(logits, 1) } : { logits });
    return buildModel({ name: 'student', inputs: [image], outputs, metadata, form: batch === 'any' ? 'plain' : 'cpu' });
  };
  if (batch === 'fixed') return build(options.image);
  const open = (image: readonly number[]) => anyBatch((count) => build(image.with(0, count)));
  const model = open(options.image);
  return sides === 'any' ? anySides(model, open(options.image.map((side, axis) => (axis < 2 ? side : 2 * side)))) : model;
}

/** The weights as parts of a model, by key. Throws if one is missing or does not fit. */
export function frozen(specs: Usable['parameters'], weights: ReadonlyMap<string, Tensor>): Parameters {
  const parameters = new Map<string, Value>();
  for (const { name, dims } of specs) {
    const weight = weights.get(name);
    if (!weight) throw new Error(`inferenceModel: no weights for ${name}`);
    if (!sameDims(weight.dims, dims))
      throw new Error(`inferenceModel: ${name} has shape ${showDims(weight.dims)}, expected ${showDims(dims)}`);
    parameters.set(name, constant(weight, name));
  }
  return parameters;
}

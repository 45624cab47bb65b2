/** What a network is to the rest of the program: named parameters, how they start, and a function from values to values. */
import type { Random } from '../../shared/random';
import { type Input, input, type Value } from '../engine/graph';
import { sizeOf, type Tensor } from '../engine/tensor';

/** One parameter: its key in checkpoints, its shape, and how it starts. */
export interface ParameterSpec {
  name: string;
  dims: readonly number[];
  start: 'kaiming' | 'zeros' | 'ones' | 'bias';
  /** Inputs that feed one output; scales random starts. */
  fanIn: number;
}

/** Parameters of one network in a graph, by key. */
export type Parameters = ReadonlyMap<string, Value>;

export interface Network {
  readonly parameters: readonly ParameterSpec[];
  /** Sides of an input must be multiples of this. */
  readonly stride: number;
  readonly inChannels: number;
  readonly classes: number;
  /** Dropout masks wanted in training for an image [N, C, …]; their names and shapes. */
  masks(image: readonly number[]): { name: string; dims: readonly number[] }[];
  /** [N, C, …] to logits [N, K, …]. Without masks nothing is dropped. */
  forward(parameters: Parameters, image: Value, dropout?: Dropout | null): Value;
}
/** Masks of zeros and ones by name, and the share of zeros in them. */
export interface Dropout {
  share: number;
  masks: ReadonlyMap<string, Value>;
}

/** Numbers in all parameters. */
export const parameterCount = (network: Network): number => network.parameters.reduce((sum, { dims }) => sum + sizeOf(dims), 0);

/** The parameters as inputs of a training step; `prefix` tells several networks of one step apart. */
export const parameterInputs = (network: Network, prefix = ''): Map<string, Input> =>
  new Map(network.parameters.map(({ name, dims }) => [name, input(prefix + name, 'float32', dims)]));

/** Fresh parameters. Every parameter has a stream of its own, so its start does not depend on the others. */
export function initialParameters(network: Network, random: Random): Map<string, Tensor<Float32Array>> {
  return new Map(
    network.parameters.map(({ name, dims, start, fanIn }) => {
      const stream = random.fork(name);
      const draw = {
        // He et al. 2015: variance 2/fan-in keeps activations at one scale through rectifiers.
        kaiming: () => stream.normal() * Math.sqrt(2 / fanIn),
        // PyTorch's start for biases: uniform within 1/√fan-in.
        bias: () => stream.uniform(-1, 1) / Math.sqrt(fanIn),
        zeros: () => 0,
        ones: () => 1,
      }[start];
      return [name, { dims, data: Float32Array.from({ length: sizeOf(dims) }, draw) }];
    }),
  );
}

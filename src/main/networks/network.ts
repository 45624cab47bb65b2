/** What a network is to the rest of the program: named parameters, how they start, and a function from values to values. */
import type { Random } from '../../shared/random';
import { type Input, input, type Value } from '../engine/graph';
import type { Update } from '../engine/optimisers';
import { sizeOf, type Tensor } from '../engine/tensor';
import { drawn, type Start } from './initialisation';

/** One parameter: its key in checkpoints, its shape, and how it starts. */
export interface ParameterSpec {
  name: string;
  dims: readonly number[];
  start: Start;
  /** Inputs that feed one output; scales random starts. */
  fanIn: number;
  /** A gradient moves what is trained (as everything is unless stated); a buffer is moved by forward passes in training. */
  kind?: 'trained' | 'buffer';
}

/** Parameters and buffers of one network in a graph, by key. */
export type Parameters = ReadonlyMap<string, Value>;

export interface MaskSpec {
  name: string;
  dims: readonly number[];
  /** Share of zeros, where the network itself says so; else the caller's. */
  share?: number;
}

export interface Network {
  /** Buffers included. */
  readonly parameters: readonly ParameterSpec[];
  /** Sides of an input must be multiples of this; `strides` says it for each axis. */
  readonly stride: number;
  readonly strides: readonly number[];
  readonly inChannels: number;
  readonly classes: number;
  /** Dropout masks wanted in training for an image [N, C, …]. */
  masks(image: readonly number[]): MaskSpec[];
  /** [N, C, …] to logits [N, K, …]. Without a pass the network is evaluated: running statistics as they are, nothing dropped. */
  forward(parameters: Parameters, image: Value, pass?: Pass): Value;
}
/** Masks of zeros and ones by name, and the share of zeros in those whose share the network leaves open. */
export interface Dropout {
  share: number;
  masks: ReadonlyMap<string, Value>;
}

/** How one forward pass runs, and, once it is written down, what it has besides its logits. */
export class Pass {
  /** Buffers as this pass leaves them, by key; in training only. A second pass of the same step should be given these. */
  readonly buffers = new Map<string, Value>();
  /** Logits of every head of a network with deep supervision, in the reference's order; else the logits alone. */
  readonly heads: Value[] = [];
  /** Features inside the network that methods look at, by the name of the layer they come from. */
  readonly taps = new Map<string, Value>();

  private constructor(
    readonly mode: 'training' | 'evaluation',
    readonly dropout: Dropout | null,
  ) {}
  /** Batch norm takes the batch's statistics and moves the running ones; what the masks say is dropped. */
  static training(dropout: Dropout | null = null): Pass {
    return new Pass('training', dropout);
  }
  static evaluation(): Pass {
    return new Pass('evaluation', null);
  }
}

const isTrained = ({ kind }: ParameterSpec) => kind !== 'buffer';

/** Numbers in all that is trained. */
export const parameterCount = (network: Pick<Network, 'parameters'>): number =>
  network.parameters.filter(isTrained).reduce((sum, { dims }) => sum + sizeOf(dims), 0);

/** Parameters and buffers as inputs of a training step; `prefix` tells several networks of one step apart. */
export const parameterInputs = (network: Network, prefix = ''): Map<string, Input> =>
  new Map(network.parameters.map(({ name, dims }) => [name, input(prefix + name, 'float32', dims)]));

/** Those inputs that a gradient moves. */
export const trainedInputs = (network: Network, inputs: ReadonlyMap<string, Input>): Input[] =>
  network.parameters.filter(isTrained).map(({ name }) => inputs.get(name) as Input);

/** Dropout masks for an image [N, C, …] as inputs of a training step; `share` is dropped where the network itself does not say. */
export const maskInputs = (network: Network, image: readonly number[], share: number): (Input & { keep: number })[] =>
  share > 0 ? network.masks(image).map((mask) => ({ ...input(mask.name, 'uint8', mask.dims), keep: 1 - (mask.share ?? share) })) : [];

/** What a step keeps of the buffers after its last training pass. */
export const bufferUpdates = (inputs: ReadonlyMap<string, Input>, pass: Pass): Update[] =>
  [...pass.buffers].map(([name, after]) => ({ before: inputs.get(name) as Input, after }));

/** Fresh parameters. Every parameter has a stream of its own, so its start does not depend on the others. */
export function initialParameters(network: Pick<Network, 'parameters'>, random: Random): Map<string, Tensor<Float32Array>> {
  return new Map(
    network.parameters.map(({ name, dims, start, fanIn }) => [name, { dims, data: drawn(start, dims, fanIn, random.fork(name)) }]),
  );
}

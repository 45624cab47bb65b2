/**
 * The 3D U-Net of MuDuo (SSL4MIS `unet_3D`): five levels of two 3³ convolutions, each followed by instance norm without parameters
 * and a rectifier; max-pooling down, trilinear interpolation up, skips concatenated. Keys of checkpoints are the reference's.
 */
import type { Value } from '../engine/graph';
import { conv } from '../engine/ops/convolution';
import { cast, mul, relu } from '../engine/ops/elementwise';
import { interpolate } from '../engine/ops/interpolate';
import { instanceNorm } from '../engine/ops/normalisation';
import { maxPool } from '../engine/ops/pooling';
import { concat } from '../engine/ops/shape';
import { showDims } from '../engine/tensor';
import type { Dropout, Network, ParameterSpec, Parameters } from './network';

export interface Unet3dSpec {
  inChannels: number;
  /** Background included. */
  classes: number;
  /** Channels per level, finest first; five levels. */
  widths: readonly number[];
}

const levels = ['conv1', 'conv2', 'conv3', 'conv4', 'center'];
const rises = ['up_concat4', 'up_concat3', 'up_concat2', 'up_concat1'];

export function unet3d({ inChannels, classes, widths }: Unet3dSpec): Network {
  if (widths.length !== levels.length) throw new Error(`unet3d: ${widths.length} widths, expected ${levels.length}`);
  const blocks = [
    ...levels.map((name, i) => ({ name, from: i === 0 ? inChannels : widths[i - 1], to: widths[i] })),
    ...rises.map((name, i) => ({ name: `${name}.conv`, from: widths[4 - i] + widths[3 - i], to: widths[3 - i] })),
  ];
  return {
    inChannels,
    classes,
    stride: 16,
    parameters: [
      ...blocks.flatMap(({ name, from, to }) => [
        ...convolution(`${name}.conv1.0`, from, to, 3),
        ...convolution(`${name}.conv2.0`, to, to, 3),
      ]),
      ...convolution('final', widths[0], classes, 1),
    ],
    masks: ([n, , ...sides]) => [
      { name: 'dropout1', dims: [n, widths[4], ...sides.map((side) => side / 16)] },
      { name: 'dropout2', dims: [n, widths[0], ...sides] },
    ],
    forward(parameters, image, dropout = null) {
      if (image.dims.length !== 5 || image.dims.slice(2).some((side) => side % 16 !== 0)) {
        throw new Error(`unet3d: ${showDims(image.dims)} should be [N, C, k, j, i] with sides that are multiples of 16`);
      }
      let x = image;
      const skips: Value[] = [];
      for (const [i, level] of levels.entries()) {
        if (i > 0) x = maxPool(x, [2, 2, 2]);
        x = block(parameters, level, x);
        skips.push(x);
      }
      x = drop(skips.pop() as Value, 'dropout1', dropout);
      for (const rise of rises) {
        const skip = skips.pop() as Value;
        x = block(parameters, `${rise}.conv`, concat([skip, interpolate(x, skip.dims.slice(2), 'halfPixel')], 1));
      }
      return layer(parameters, 'final', drop(x, 'dropout2', dropout), 0);
    },
  };
}

const convolution = (name: string, from: number, to: number, side: number): ParameterSpec[] => [
  { name: `${name}.weight`, dims: [to, from, side, side, side], start: 'kaiming', fanIn: from * side ** 3 },
  { name: `${name}.bias`, dims: [to], start: 'bias', fanIn: from * side ** 3 },
];

function layer(parameters: Parameters, name: string, x: Value, padding: number): Value {
  const [weight, bias] = ['weight', 'bias'].map((kind) => parameters.get(`${name}.${kind}`));
  if (!weight || !bias) throw new Error(`unet3d: no parameters for ${name}`);
  return conv(x, weight, bias, { before: [padding, padding, padding] });
}

function block(parameters: Parameters, name: string, x: Value): Value {
  const once = relu(instanceNorm(layer(parameters, `${name}.conv1.0`, x, 1)));
  return relu(instanceNorm(layer(parameters, `${name}.conv2.0`, once, 1)));
}

/** Zeroes what the mask zeroes and scales the rest, so that the expected value stays. */
function drop(x: Value, name: string, dropout: Dropout | null): Value {
  const mask = dropout?.masks.get(name);
  if (!dropout || !mask) return x;
  return mul(mul(x, cast(mask, x.dtype)), 1 / (1 - dropout.share));
}

/**
 * The 3D U-Net of MuDuo (SSL4MIS `unet_3D`): five levels of two 3³ convolutions, each followed by instance norm without parameters
 * and a rectifier; max-pooling down, trilinear interpolation up, skips concatenated. Keys of checkpoints are the reference's.
 */
import type { Value } from '../engine/graph';
import { maxPool } from '../engine/ops/pooling';
import { defineNetwork, everyAxis, type Layers, type Rising } from './layers';
import type { Network } from './network';

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
  return defineNetwork({
    name: 'unet3d',
    inChannels,
    classes,
    strides: everyAxis(3, 16),
    style: { norm: 'instance', slope: 0, start: { conv: 'kaiming', transposed: 'bias', bias: 'bias' } },
    build(layers, image) {
      let x = image;
      const skips: Value[] = [];
      for (const [i, level] of levels.entries()) {
        if (i > 0) x = maxPool(x, everyAxis(3, 2));
        x = block(layers, level, x, widths[i]);
        skips.push(x);
      }
      x = layers.drop('dropout1', skips.pop() as Value, 'numbers');
      for (const [i, rise] of rises.entries()) {
        x = block(layers, `${rise}.conv`, { skip: skips.pop() as Value, coarse: x, corners: 'halfPixel' }, widths[3 - i]);
      }
      return layers.conv('final', layers.drop('dropout2', x, 'numbers'), classes, { sides: everyAxis(3, 1) });
    },
  });
}

function block(layers: Layers, name: string, x: Value | Rising, to: number): Value {
  const sides = everyAxis(3, 3);
  const once = layers.unit({ conv: `${name}.conv1.0`, norm: `${name}.conv1.1` }, x, to, { sides });
  return layers.unit({ conv: `${name}.conv2.0`, norm: `${name}.conv2.1` }, once, to, { sides });
}

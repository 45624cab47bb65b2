/**
 * The 2D U-Net of KnowSAM (its first subnet): blocks of two 3×3 convolutions with batch norm, leaky rectifiers and a dropout between them;
 * max-pooling down, transposed convolutions up, skips concatenated. Keys of checkpoints are the reference's without its `UNet.`.
 */
import type { Value } from '../engine/graph';
import { maxPool } from '../engine/ops/pooling';
import { concat } from '../engine/ops/shape';
import { defineNetwork, everyAxis, type Layers } from './layers';
import type { Network } from './network';

export interface Unet2dSpec {
  inChannels: number;
  /** Background included. */
  classes: number;
  /** Channels per level, finest first; five levels. */
  widths: readonly number[];
  /** Share dropped in the block of each level on the way down; 0.05, 0.1, 0.2, 0.3, 0.5 in the reference. */
  dropout: readonly number[];
}

const levels = ['in_conv', 'down1.maxpool_conv.1', 'down2.maxpool_conv.1', 'down3.maxpool_conv.1', 'down4.maxpool_conv.1'];
const rises = ['up1', 'up2', 'up3', 'up4'];

export function unet2d({ inChannels, classes, widths, dropout }: Unet2dSpec): Network {
  for (const [name, list] of Object.entries({ widths, 'dropout shares': dropout })) {
    if (list.length !== levels.length) throw new Error(`unet2d: ${list.length} ${name}, expected ${levels.length}`);
  }
  return defineNetwork({
    name: 'unet2d',
    inChannels,
    classes,
    strides: everyAxis(2, 16),
    style: { norm: 'batch', slope: 0.01, start: { conv: 'bias', transposed: 'bias', bias: 'bias' } },
    build(layers, image) {
      let x = image;
      const skips: Value[] = [];
      for (const [i, level] of levels.entries()) {
        if (i > 0) x = maxPool(x, everyAxis(2, 2));
        x = block(layers, level, x, widths[i], dropout[i]);
        skips.push(x);
      }
      x = skips.pop() as Value;
      for (const rise of rises) {
        const skip = skips.pop() as Value;
        const risen = layers.transposed(`${rise}.up`, x, skip.dims[1], everyAxis(2, 2));
        x = block(layers, `${rise}.conv`, concat([skip, risen], 1), skip.dims[1], 0);
      }
      return layers.conv('out_conv', x, classes, { sides: everyAxis(2, 3) });
    },
  });
}

function block(layers: Layers, name: string, x: Value, to: number, dropped: number): Value {
  const unit = (at: number, y: Value) =>
    layers.unit({ conv: `${name}.conv_conv.${at}`, norm: `${name}.conv_conv.${at + 1}` }, y, to, { sides: everyAxis(2, 3) });
  const once = unit(0, x);
  return unit(4, dropped > 0 ? layers.drop(`${name}.conv_conv.3`, once, 'numbers', dropped) : once);
}

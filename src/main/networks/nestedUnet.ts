/**
 * UNet++ (Zhou et al. 2018) as in the public nested U-Net, and the plain 2D U-Net of the same family: blocks of two 3×3 convolutions with
 * batch norm, max-pooling down, bilinear interpolation with aligned corners up. Keys of checkpoints are the reference's.
 */
import type { Value } from '../engine/graph';
import { maxPool } from '../engine/ops/pooling';
import { concat } from '../engine/ops/shape';
import { defineNetwork, everyAxis, type Layers, type Rising } from './layers';
import type { Network } from './network';

export interface NestedUnetSpec {
  inChannels: number;
  classes: number;
  /** Channels per level, finest first; five levels. */
  widths: readonly number[];
  /** `nested` fills every place between the two flanks (UNet++), `plain` only the way up. */
  paths: 'nested' | 'plain';
  /** A head on each of the four finest nested results instead of one on the last. */
  deepSupervision: boolean;
}

const depth = 4;

export function nestedUnet({ inChannels, classes, widths, paths, deepSupervision }: NestedUnetSpec): Network {
  if (widths.length !== depth + 1) throw new Error(`nestedUnet: ${widths.length} widths, expected ${depth + 1}`);
  if (deepSupervision && paths === 'plain') throw new Error('nestedUnet: deep supervision needs nested paths');
  return defineNetwork({
    name: 'nestedUnet',
    inChannels,
    classes,
    strides: everyAxis(2, 2 ** depth),
    style: { norm: 'batch', slope: 0, start: { conv: 'bias', transposed: 'bias', bias: 'bias' } },
    build(layers, image) {
      /** Results so far: of level i, those at places j = 0, 1, … in turn. */
      const at: Value[][] = [];
      for (let i = 0; i <= depth; i++) {
        const from = i === 0 ? image : maxPool(at[i - 1][0], everyAxis(2, 2));
        at.push([block(layers, `conv${i}_0`, from, widths[i])]);
      }
      for (let j = 1; j <= depth; j++) {
        for (let i = paths === 'nested' ? 0 : depth - j; i <= depth - j; i++) {
          const rising: Rising = { skip: concat(at[i], 1), coarse: at[i + 1].at(-1) as Value, corners: 'aligned' };
          at[i].push(block(layers, `conv${i}_${j}`, rising, widths[i]));
        }
      }
      const head = (name: string, x: Value) => layers.conv(name, x, classes, { sides: everyAxis(2, 1) });
      if (!deepSupervision) return head('final', at[0].at(-1) as Value);
      const heads = at[0].slice(1).map((x, i) => head(`final${i + 1}`, x));
      return { heads, logits: heads[depth - 1] };
    },
  });
}

function block(layers: Layers, name: string, x: Value | Rising, to: number): Value {
  const unit = (n: 1 | 2, y: Value | Rising) =>
    layers.unit({ conv: `${name}.conv${n}`, norm: `${name}.bn${n}` }, y, to, { sides: everyAxis(2, 3) });
  return unit(2, unit(1, x));
}

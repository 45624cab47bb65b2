/**
 * V-Net without residuals, in 3D and 2D: the student of DINO-Mix and DHC (SSL4MIS `VNet`) and the second subnet of KnowSAM. Strided
 * convolutions down, transposed ones up, skips added. Keys of checkpoints are the references'.
 */
import type { Value } from '../engine/graph';
import { add } from '../engine/ops/elementwise';
import { defineNetwork, everyAxis, type Layers, type Norm } from './layers';
import type { Network } from './network';

export interface VnetSpec {
  axes: 2 | 3;
  inChannels: number;
  /** Background included. */
  classes: number;
  /** Channels of the finest level; each level below has twice as many. */
  width: number;
  norm: Exclude<Norm, 'instanceAffine'>;
  /** What is added on the way up: a level's result, or, as in KnowSAM, what the level started from. */
  skips: 'results' | 'beginnings';
}

/** Convolutions per level, finest first. */
const down = [
  { name: 'block_one', count: 1 },
  { name: 'block_two', count: 2 },
  { name: 'block_three', count: 3 },
  { name: 'block_four', count: 3 },
  { name: 'block_five', count: 3 },
];
/** On the way up, coarsest first: the transposed convolution that leads to each level, then its convolutions. */
const up = [
  { from: 'block_five_up', name: 'block_six', count: 3 },
  { from: 'block_six_up', name: 'block_seven', count: 3 },
  { from: 'block_seven_up', name: 'block_eight', count: 2 },
  { from: 'block_eight_up', name: 'block_nine', count: 1 },
];

/** Taps: `block_four`, features of stride 8. */
export function vnet({ axes, inChannels, classes, width, norm, skips }: VnetSpec): Network {
  if (norm === 'group' && width % 16 !== 0) throw new Error(`vnet: group norm needs a width that is a multiple of 16, not ${width}`);
  const two = everyAxis(axes, 2);
  /** Layers are numbered as they follow each other: convolution, norm if there is one, rectifier. */
  const unit = (name: string, i: number) => {
    const at = i * (norm === 'none' ? 2 : 3);
    return { conv: `${name}.conv.${at}`, norm: `${name}.conv.${at + 1}` };
  };
  const stack = (layers: Layers, name: string, x: Value, count: number) => {
    let y = x;
    for (let i = 0; i < count; i++) y = layers.unit(unit(name, i), y, x.dims[1], { sides: everyAxis(axes, 3) });
    return y;
  };
  return defineNetwork({
    name: 'vnet',
    inChannels,
    classes,
    strides: everyAxis(axes, 16),
    style: { norm, slope: 0, start: { conv: 'kaiming', transposed: 'bias', bias: 'bias' } },
    build(layers, image) {
      let x = layers.unit(unit('block_one', 0), image, width, { sides: everyAxis(axes, 3) });
      const kept = [x];
      for (const [i, { name, count }] of down.entries()) {
        if (i === 0) continue;
        const start = layers.unit(unit(`${down[i - 1].name}_dw`, 0), x, 2 * x.dims[1], { sides: two, strides: two });
        x = layers.tap(name, stack(layers, name, start, count));
        kept.push(skips === 'results' ? x : start);
      }
      x = layers.drop('dropout1', x, 'channels');
      for (const [i, { from, name, count }] of up.entries()) {
        const { conv, norm: after } = unit(from, 0);
        const risen = layers.activate(after, layers.transposed(conv, x, x.dims[1] / 2, two));
        x = stack(layers, name, add(risen, kept[3 - i]), count);
      }
      return layers.conv('out_conv', layers.drop('dropout2', x, 'channels'), classes, { sides: everyAxis(axes, 1) });
    },
  });
}

/**
 * nnU-Net's plain convolutional U-Net (Isensee et al. 2021) in 2D and 3D: per stage a kernel and a stride of its own, strided convolutions
 * down, transposed ones up, instance norm with parameters, leaky rectifiers. Keys of checkpoints are the reference's, each once.
 */
import type { Value } from '../engine/graph';
import { concat } from '../engine/ops/shape';
import { showDims } from '../engine/tensor';
import { kaimingNormal, rectifierGain } from './initialisation';
import { defineNetwork, type Layers } from './layers';
import type { Network } from './network';

export interface PlainConvUnetSpec {
  inChannels: number;
  /** Background included. */
  classes: number;
  /** Channels per stage, finest first. */
  widths: readonly number[];
  /** Per stage and axis; a 3D stage of 1×3×3 leaves thick slices apart. Sides are odd. */
  kernels: readonly (readonly number[])[];
  /** Per stage and axis: how its first convolution shrinks the image. */
  strides: readonly (readonly number[])[];
  /** Convolutions per stage on the way down, and per stage on the way up. */
  convolutions: { down: number; up: number };
  /** Answers the heads of all stages on the way up, from full resolution down, or the first alone. Their parameters are there either way. */
  deepSupervision: boolean;
}

const slope = 0.01;

export function plainConvUnet(spec: PlainConvUnetSpec): Network {
  const { inChannels, classes, widths, kernels, strides, convolutions, deepSupervision } = spec;
  const axes = kernels[0]?.length;
  if (kernels.length !== widths.length || strides.length !== widths.length) {
    throw new Error(`plainConvUnet: ${widths.length} widths, ${kernels.length} kernels and ${strides.length} strides should be as many`);
  }
  for (const sides of [...kernels, ...strides]) {
    if (sides.length !== axes) throw new Error(`plainConvUnet: ${showDims(sides)} in a network of ${axes} axes`);
  }
  for (const sides of kernels) {
    if (sides.some((side) => side % 2 === 0)) throw new Error(`plainConvUnet: the kernel ${showDims(sides)} should have odd sides`);
  }
  const start = kaimingNormal(rectifierGain(slope));
  return defineNetwork({
    name: 'plainConvUnet',
    inChannels,
    classes,
    strides: strides[0].map((_, axis) => strides.reduce((product, stage) => product * stage[axis], 1)),
    style: { norm: 'instanceAffine', slope, start: { conv: start, transposed: start, bias: 'zeros' } },
    build(layers, image) {
      let x = image;
      const skips: Value[] = [];
      for (const [i, to] of widths.entries()) {
        x = stage(layers, `encoder.stages.${i}.0`, x, to, kernels[i], convolutions.down, strides[i]);
        skips.push(x);
      }
      x = skips.pop() as Value;
      const heads: Value[] = [];
      const rises = skips.length;
      for (let i = 0; i < rises; i++) {
        const skip = skips.pop() as Value;
        const level = rises - 1 - i;
        const risen = layers.transposed(`decoder.transpconvs.${i}`, x, widths[level], strides[level + 1]);
        x = stage(layers, `decoder.stages.${i}`, concat([risen, skip], 1), widths[level], kernels[level], convolutions.up);
        heads.unshift(layers.conv(`decoder.seg_layers.${i}`, x, classes, { sides: kernels[0].map(() => 1) }));
      }
      return { heads: deepSupervision ? heads : heads.slice(0, 1), logits: heads[0] };
    },
  });
}

function stage(layers: Layers, name: string, x: Value, to: number, sides: readonly number[], count: number, strides?: readonly number[]) {
  let y = x;
  for (let i = 0; i < count; i++) {
    const at = `${name}.convs.${i}`;
    y = layers.unit({ conv: `${at}.conv`, norm: `${at}.norm` }, y, to, { sides, ...(i === 0 && strides && { strides }) });
  }
  return y;
}

/**
 * The key under which this network has what a checkpoint of nnU-Net calls `key`: its files hold every convolution and norm a second time
 * as `all_modules.0` and `all_modules.1`, and the whole encoder again under the decoder.
 */
export function plainConvUnetKey(key: string): string {
  return key
    .replace(/^decoder\.encoder\./, 'encoder.')
    .replace(/\.all_modules\.0\./, '.conv.')
    .replace(/\.all_modules\.1\./, '.norm.');
}

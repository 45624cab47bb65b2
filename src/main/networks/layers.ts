/**
 * The vocabulary of convolutional students. A network is described once, as a function of its image; run on a bare image the description
 * declares parameters and masks, run on values it writes the graph.
 */
import { elements, input, type Value } from '../engine/graph';
import { conv } from '../engine/ops/convolution';
import { convRising } from '../engine/ops/convolutionInterpolated';
import { convTranspose } from '../engine/ops/convolutionTransposed';
import { add, cast, leakyRelu, mul, relu } from '../engine/ops/elementwise';
import type { Corners } from '../engine/ops/interpolate';
import { batchNorm, batchNormFixed, groupNorm, scaleAndShift } from '../engine/ops/layers';
import { instanceNorm } from '../engine/ops/normalisation';
import { sameDims, showDims, sizeOf } from '../engine/tensor';
import { constantly, type Start } from './initialisation';
import { type MaskSpec, type Network, type ParameterSpec, Pass } from './network';

/** What stands between a convolution and its rectifier. Instance norm has parameters of its own only where it says `affine`. */
export type Norm = 'none' | 'batch' | 'instance' | 'instanceAffine' | 'group';

export interface Style {
  norm: Norm;
  /** Slope of the rectifiers below zero; 0 for the plain one. */
  slope: number;
  /** How weights of convolutions, weights of transposed convolutions, and biases of both start. */
  start: { conv: Start; transposed: Start; bias: Start };
}
export interface Kernel {
  /** Per axis. Odd sides keep the size of the image, even ones leave no padding. */
  sides: readonly number[];
  /** Per axis; 1 unless given. */
  strides?: readonly number[];
  /** `none` where the norm behind would take a bias away again. */
  bias?: 'none';
}

/** Groups in a group norm, as the reference V-Net has them. */
const groups = 16;

/** What a decoder's block begins with: a skip connection beside a coarser image that is interpolated to its size. */
export interface Rising {
  skip: Value;
  coarse: Value;
  corners: Corners;
}

/** Where layers get parameters and masks from. */
interface Source {
  parameter(spec: ParameterSpec): Value;
  mask(spec: MaskSpec): Value | null;
}

export class Layers {
  constructor(
    private readonly source: Source,
    private readonly style: Style,
    readonly pass: Pass,
  ) {}

  /** Convolution, with a bias unless stated, to `to` channels. */
  conv(name: string, x: Value | Rising, to: number, { sides, strides, bias }: Kernel): Value {
    const from = 'coarse' in x ? x.skip.dims[1] + x.coarse.dims[1] : x.dims[1];
    const dims = [to, from, ...sides];
    const w = this.weight(name, dims, this.style.start.conv);
    const b = bias === 'none' ? null : this.bias(name, dims, to);
    if ('coarse' in x) return convRising(x.skip, x.coarse, w, b, x.corners);
    return conv(x, w, b, { strides, before: sides.map((side) => Math.floor((side - 1) / 2)) });
  }

  /** Transposed convolution with bias whose kernel is its stride. */
  transposed(name: string, x: Value, to: number, strides: readonly number[]): Value {
    const dims = [x.dims[1], to, ...strides];
    return convTranspose(x, this.weight(name, dims, this.style.start.transposed), this.bias(name, dims, to), { strides });
  }

  /** Norm, then rectifier. */
  activate(name: string, x: Value): Value {
    const { slope } = this.style;
    const y = this.norm(name, x);
    return slope === 0 ? relu(y) : leakyRelu(y, slope);
  }

  /** Convolution, norm, rectifier. */
  unit(names: { conv: string; norm: string }, x: Value | Rising, to: number, kernel: Kernel): Value {
    return this.activate(names.norm, this.conv(names.conv, x, to, kernel));
  }

  /** Zeroes what the mask zeroes and scales the rest, so that the expected value stays. Numbers are dropped one by one, or whole channels. */
  drop(name: string, x: Value, what: 'numbers' | 'channels', share?: number): Value {
    const dims = x.dims.map((side, axis) => (what === 'channels' && axis > 1 ? 1 : side));
    const mask = this.source.mask({ name, dims, ...(share !== undefined && { share }) });
    const zeros = share ?? this.pass.dropout?.share;
    return mask && zeros !== undefined ? mul(mul(x, cast(mask, x.dtype)), 1 / (1 - zeros)) : x;
  }

  /** Lets methods look at a value. */
  tap(name: string, x: Value): Value {
    this.pass.taps.set(name, x);
    return x;
  }

  private norm(name: string, x: Value): Value {
    const { norm } = this.style;
    if (norm === 'none') return x;
    if (norm === 'instance') return instanceNorm(x);
    const channels = x.dims[1];
    const own = (key: string, start: Start, kind: ParameterSpec['kind'] = 'trained', dims = [channels]) =>
      this.source.parameter({ name: `${name}.${key}`, dims, start, fanIn: 1, kind });
    const [scale, shift] = [own('weight', 'ones'), own('bias', 'zeros')];
    if (norm === 'instanceAffine') return scaleAndShift(instanceNorm(x), scale, shift);
    if (norm === 'group') return groupNorm(x, groups, scale, shift);

    const running = { mean: own('running_mean', 'zeros', 'buffer'), variance: own('running_var', 'ones', 'buffer') };
    // A whole number, but kept as a real one: WebGPU has no integers of 64 bits, and a real one counts exactly up to 2²⁴.
    const count = own('num_batches_tracked', constantly(0), 'buffer', []);
    if (this.pass.mode === 'evaluation') return batchNormFixed(x, scale, shift, running);
    if (elements(x) === channels) throw new Error(`${name}: batch norm in training needs more than one value per channel`);
    const result = batchNorm(x, scale, shift, running);
    const { buffers } = this.pass;
    buffers.set(`${name}.running_mean`, result.running.mean);
    buffers.set(`${name}.running_var`, result.running.variance);
    buffers.set(`${name}.num_batches_tracked`, add(count, 1));
    return result.y;
  }

  private weight(name: string, dims: readonly number[], start: Start): Value {
    return this.source.parameter({ name: `${name}.weight`, dims, start, fanIn: fanIn(dims) });
  }
  private bias(name: string, weights: readonly number[], to: number): Value {
    return this.source.parameter({ name: `${name}.bias`, dims: [to], start: this.style.start.bias, fanIn: fanIn(weights) });
  }
}

/** PyTorch takes the second axis for the inputs, in transposed convolutions too. */
const fanIn = (weights: readonly number[]) => weights[1] * sizeOf(weights.slice(2));

export interface Description {
  /** For messages. */
  name: string;
  inChannels: number;
  classes: number;
  /** Per spatial axis: sides of an input must be multiples of these. */
  strides: readonly number[];
  style: Style;
  /** Image to logits; several where the network has several heads, in the reference's order. */
  build(layers: Layers, image: Value): Value | { heads: readonly Value[]; logits: Value };
}

/** Makes a network of its description. */
export function defineNetwork({ name, inChannels, classes, strides, style, build }: Description): Network {
  const declare = (image: readonly number[]) => {
    const parameters: ParameterSpec[] = [];
    const masks: MaskSpec[] = [];
    const source: Source = {
      parameter: (spec) => {
        parameters.push(spec);
        return input(spec.name, 'float32', spec.dims);
      },
      mask: (spec) => {
        masks.push(spec);
        return null;
      },
    };
    build(new Layers(source, style, Pass.evaluation()), input('image', 'float32', image));
    return { parameters, masks };
  };
  const check = (image: readonly number[]) => {
    const sides = image.slice(2);
    if (image.length !== strides.length + 2 || image[1] !== inChannels || sides.some((side, axis) => side % strides[axis] !== 0)) {
      const axes = ['k', 'j', 'i'].slice(-strides.length).join(', ');
      const each = strides.every((stride) => stride === strides[0]) ? `${strides[0]}` : showDims(strides);
      throw new Error(`${name}: ${showDims(image)} should be [N, ${inChannels}, ${axes}] with sides that are multiples of ${each}`);
    }
  };
  return {
    inChannels,
    classes,
    strides,
    stride: Math.max(...strides),
    parameters: declare([1, inChannels, ...strides]).parameters,
    masks: (image) => {
      check(image);
      return declare(image).masks;
    },
    forward(parameters, image, pass = Pass.evaluation()) {
      check(image.dims);
      const source: Source = {
        parameter: ({ name: key, dims }) => {
          const value = parameters.get(key);
          if (!value) throw new Error(`${name}: no parameters for ${key}`);
          if (!sameDims(value.dims, dims)) throw new Error(`${name}: ${key} has shape ${showDims(value.dims)}, expected ${showDims(dims)}`);
          return value;
        },
        mask: (spec) => pass.dropout?.masks.get(spec.name) ?? null,
      };
      const built = build(new Layers(source, style, pass), image);
      const { heads, logits } = 'heads' in built ? built : { heads: [built], logits: built };
      pass.heads.push(...heads);
      return logits;
    },
  };
}

/** The same number for every axis. */
export const everyAxis = (axes: 2 | 3, side: number): number[] => Array<number>(axes).fill(side);

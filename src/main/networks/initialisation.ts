/** How parameters start: one number at a time from a random stream and the fans of the layer. Variances follow the papers named. */
import type { Random } from '../../shared/random';
import { sizeOf } from '../engine/tensor';

/** Inputs that feed one output, and outputs that one input feeds. */
export interface Fans {
  in: number;
  out: number;
}
/** One number of a fresh parameter. */
export type Draw = (stream: Random, fans: Fans) => number;

/** √2 for a rectifier, √(2/(1 + slope²)) for one with a slope below zero (He et al. 2015, eq. 15): what keeps activations at one scale. */
export const rectifierGain = (slope = 0): number => Math.sqrt(2 / (1 + slope * slope));

export const zeros: Draw = () => 0;
export const ones: Draw = () => 1;
export const constantly =
  (value: number): Draw =>
  () =>
    value;

/** He et al. 2015: variance gain²/fan. By fan-in activations keep their scale on the way forward, by fan-out gradients on the way back. */
export const kaimingNormal =
  (gain = rectifierGain(), fan: keyof Fans = 'in'): Draw =>
  (stream, fans) =>
    (stream.normal() * gain) / Math.sqrt(fans[fan]);

/** The same variance from a uniform distribution: within gain·√(3/fan). */
export const kaimingUniform =
  (gain = rectifierGain(), fan: keyof Fans = 'in'): Draw =>
  (stream, fans) =>
    within(stream, gain * Math.sqrt(3 / fans[fan]));

/** PyTorch's start for weights and biases of convolutions and linear layers: uniform within 1/√fan-in, a Kaiming uniform with slope √5. */
export const uniformByFan: Draw = kaimingUniform(rectifierGain(Math.sqrt(5)));

/** Glorot & Bengio 2010: variance gain²·2/(fan-in + fan-out). */
export const xavierNormal =
  (gain = 1): Draw =>
  (stream, fans) =>
    stream.normal() * gain * Math.sqrt(2 / (fans.in + fans.out));
/** The same variance from a uniform distribution. */
export const xavierUniform =
  (gain = 1): Draw =>
  (stream, fans) =>
    within(stream, gain * Math.sqrt(6 / (fans.in + fans.out)));

/**
 * Normal with the given deviation, drawn again while further than `cut` from 0: two deviations, as in the first vision transformer
 * (Dosovitskiy et al. 2021). PyTorch's function of this name cuts at ±2 whatever the deviation; `cut` 2 gives that.
 */
export const truncatedNormal =
  (deviation: number, cut = 2 * deviation): Draw =>
  (stream) => {
    for (;;) {
      const x = stream.normal() * deviation;
      if (Math.abs(x) <= cut) return x;
    }
  };

const within = (stream: Random, bound: number) => stream.uniform(-bound, bound);

/** Starts that are asked for by name; `bias` is PyTorch's uniform start, used for weights too where a reference leaves them at it. */
const named = { zeros, ones, kaiming: kaimingNormal(), bias: uniformByFan };
export type Start = keyof typeof named | Draw;

/**
 * A fresh parameter.
 * @param dims   [out, in, …] for weights
 * @param fanIn  inputs that feed one output; a bias takes that of its weights
 */
export function drawn(start: Start, dims: readonly number[], fanIn: number, stream: Random): Float32Array<ArrayBuffer> {
  const draw = typeof start === 'function' ? start : named[start];
  const fans = { in: fanIn, out: dims.length > 1 ? dims[0] * sizeOf(dims.slice(2)) : dims.length };
  return Float32Array.from({ length: sizeOf(dims) }, () => draw(stream, fans));
}

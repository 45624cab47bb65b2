/**
 * KnowSAM's hybrid aggregation module (TMI 2025; the class `Discriminator` of its code): from the logits of two subnets to fused ones, by
 * where they agree, how certain each is, and what they say. Keys of checkpoints are the reference's without its `Discriminator.`.
 */
import type { Value } from '../engine/graph';
import { add, cast, equal, greater, log, mul, sub } from '../engine/ops/elementwise';
import { reduceSum } from '../engine/ops/reduce';
import { concat, slice } from '../engine/ops/shape';
import { softmax } from '../engine/ops/softmax';
import { defineNetwork, everyAxis, type Layers } from './layers';
import type { Network } from './network';

/**
 * The module as a network of the subnets' logits, one after the other: [N, 2K, j, i] to [N, K, j, i]. Its last layer ends in a norm and a
 * rectifier like the others, so fused logits below zero are small. Nothing flows back through where the subnets agree.
 */
export function aggregation({ classes }: { classes: number }): Network {
  return defineNetwork({
    name: 'aggregation',
    inChannels: 2 * classes,
    classes,
    strides: everyAxis(2, 1),
    style: { norm: 'batch', slope: 0.2, start: { conv: 'bias', transposed: 'bias', bias: 'bias' } },
    build(layers, logits) {
      const [first, second] = [0, classes].map((from) => softmax(slice(logits, 1, from, from + classes), 1));
      const agreement = cast(equal(chosen(first), chosen(second)), logits.dtype);
      const certainty = sub(1, concat([entropy(first), entropy(second)], 1));
      const seen = [
        pair(layers, 'ambiguous_conv', agreement, [16, 16], 1),
        pair(layers, 'entmap_conv', certainty, [16, 16], 1),
        pair(layers, 'logits_conv', logits, [16, 32], 1),
      ];
      return pair(layers, 'final_conv', concat(seen, 1), [64, classes], 3);
    },
  });
}

/** Two units, the first with a kernel of 3×3. */
function pair(layers: Layers, name: string, x: Value, to: readonly [number, number], side: 1 | 3): Value {
  const unit = (at: number, y: Value, channels: number, length: number) =>
    layers.unit({ conv: `${name}.${at}`, norm: `${name}.${at + 1}` }, y, channels, { sides: everyAxis(2, length), bias: 'none' });
  return unit(3, unit(0, x, to[0], 3), to[1], side);
}

/** 1 for the class, if any, that has more than half of the probability. */
const chosen = (p: Value) => cast(greater(p, 0.5), p.dtype);
/** Of the classes of every pixel, in nats: [N, 1, j, i]. */
const entropy = (p: Value) => mul(reduceSum(mul(p, log(add(p, 1e-6))), [1]), -1);

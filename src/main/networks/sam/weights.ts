/** Parameters by key, and the layers that read theirs under one prefix. */
import type { Value } from '../../engine/graph';
import { layerNorm } from '../../engine/ops/layerNorm';
import { linear } from '../../engine/ops/layers';
import type { Parameters } from '../network';

/** The parameter under a key; throws if there is none. */
export type Weights = (key: string) => Value;

export const weightsOf =
  (parameters: Parameters): Weights =>
  (key) => {
    const value = parameters.get(key);
    if (!value) throw new Error(`SAM: no parameter ${key}`);
    return value;
  };
/** The parameters whose keys start with `prefix` and a dot, under the rest of their keys. */
export const within =
  (weights: Weights, prefix: string): Weights =>
  (key) =>
    weights(`${prefix}.${key}`);

/** A linear layer over the last axis. */
export const dense = (weights: Weights, x: Value): Value => linear(x, weights('weight'), weights('bias'));
/** A layer norm over the last axis. */
export const norm = (weights: Weights, x: Value, epsilon: number): Value => layerNorm(x, weights('weight'), weights('bias'), epsilon);

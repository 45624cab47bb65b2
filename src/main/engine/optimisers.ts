/** Optimisers: from a parameter and its gradient to the parameter and slots of the next step, as values of the same graph. */
import { type Input, input, type Value } from './graph';
import { add, div, mul, sqrt, sub } from './ops/elementwise';

/** A value kept from step to step: read as `before`, replaced by `after`. Slots start at zero. */
export interface Update {
  before: Input;
  after: Value;
}
/** What becomes of one parameter. */
export interface Step {
  parameter: Update;
  slots: Update[];
}

export interface SgdOptions {
  rate: Value;
  momentum: number;
  weightDecay?: number;
  /** Look ahead along the velocity (Nesterov's form as in Sutskever et al. 2013). */
  nesterov?: boolean;
}
/**
 * Stochastic gradient descent as PyTorch defines it: d = g + decay·p; v ← momentum·v + d; p ← p − rate·v (or rate·(d + momentum·v)).
 * From a velocity of zero the first step is v = d, as there.
 */
export function sgd(parameter: Input, gradient: Value, { rate, momentum, weightDecay = 0, nesterov = false }: SgdOptions): Step {
  const direction = weightDecay === 0 ? gradient : add(gradient, mul(parameter, weightDecay));
  if (momentum === 0) return { parameter: { before: parameter, after: sub(parameter, mul(direction, rate)) }, slots: [] };
  const velocity = slot('momentum', parameter);
  const next = add(mul(velocity, momentum), direction);
  const along = nesterov ? add(direction, mul(next, momentum)) : next;
  return { parameter: { before: parameter, after: sub(parameter, mul(along, rate)) }, slots: [{ before: velocity, after: next }] };
}

export interface AdamOptions {
  rate: Value;
  /** Steps done before this one, plus 1: the bias corrections 1 − β^t need it. A float scalar. */
  corrections: { first: Value; second: Value };
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  weightDecay?: number;
  /** `l2` adds decay·p to the gradient (Adam); `decoupled` shrinks the parameter directly (AdamW, Loshchilov & Hutter 2019). */
  decay?: 'l2' | 'decoupled';
}
/** Adam (Kingma & Ba 2015): p ← p − rate·m̂/(√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ). */
export function adam(parameter: Input, gradient: Value, options: AdamOptions): Step {
  const { rate, corrections, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, decay = 'l2' } = options;
  const [mean, square] = [slot('mean', parameter), slot('square', parameter)];
  const isL2 = decay === 'l2' && weightDecay !== 0;
  const g = isL2 ? add(gradient, mul(parameter, weightDecay)) : gradient;
  const m = add(mul(mean, beta1), mul(g, 1 - beta1));
  const v = add(mul(square, beta2), mul(mul(g, g), 1 - beta2));
  const along = div(div(m, corrections.first), add(sqrt(div(v, corrections.second)), epsilon));
  const from = decay === 'decoupled' && weightDecay !== 0 ? sub(parameter, mul(mul(parameter, rate), weightDecay)) : parameter;
  return {
    parameter: { before: parameter, after: sub(from, mul(along, rate)) },
    slots: [
      { before: mean, after: m },
      { before: square, after: v },
    ],
  };
}

/** Exponential moving average: average ← keep·average + (1 − keep)·value. */
export const ema = (average: Value, value: Value, keep: Value | number): Value =>
  add(mul(average, keep), mul(value, typeof keep === 'number' ? 1 - keep : sub(1, keep)));

const slot = (kind: string, parameter: Input): Input => input(`${kind}.${parameter.name}`, parameter.dtype, parameter.dims);

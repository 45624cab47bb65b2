/**
 * Optimisers: from a parameter and its gradient to the parameter and slots of the next step, as values of the same graph. One step may use several,
 * each for parameters of its own.
 */
import { type Input, input, type Value } from './graph';
import { add, div, mul, sqrt, sub } from './ops/elementwise';
import { matmul, transposeLast } from './ops/linear';
import { reduceSquares } from './ops/reduce';

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

/** `l2` adds decay·p to the gradient; `decoupled` shrinks the parameter directly by rate·decay (Loshchilov & Hutter 2019). */
export type Decay = 'l2' | 'decoupled';

export interface SgdOptions {
  rate: Value;
  momentum: number;
  weightDecay?: number;
  decay?: Decay;
  /** Look ahead along the velocity (Nesterov's form as in Sutskever et al. 2013). */
  nesterov?: boolean;
}
/**
 * Stochastic gradient descent as PyTorch defines it: d = g + decay·p; v ← momentum·v + d; p ← p − rate·v (or rate·(d + momentum·v)).
 * From a velocity of zero the first step is v = d, as there.
 */
export function sgd(parameter: Input, gradient: Value, options: SgdOptions): Step {
  const { rate, momentum, nesterov = false } = options;
  const { direction, from } = decayed(parameter, gradient, options);
  const to = (along: Value): Update => ({ before: parameter, after: sub(from, mul(along, rate)) });
  if (momentum === 0) return { parameter: to(direction), slots: [] };
  const velocity = slot('momentum', parameter);
  const next = add(mul(velocity, momentum), direction);
  return {
    parameter: to(nesterov ? add(direction, mul(next, momentum)) : next),
    slots: [{ before: velocity, after: next }],
  };
}

/** The gradient to follow and the point to follow it from, once weight decay has had its say. */
function decayed(
  parameter: Input,
  gradient: Value,
  { rate, weightDecay = 0, decay = 'l2' }: Pick<SgdOptions, 'rate' | 'weightDecay' | 'decay'>,
) {
  if (weightDecay === 0) return { direction: gradient, from: parameter };
  if (decay === 'l2') return { direction: add(gradient, mul(parameter, weightDecay)), from: parameter };
  return { direction: gradient, from: sub(parameter, mul(mul(parameter, rate), weightDecay)) };
}

export interface AdamBetas {
  beta1?: number;
  beta2?: number;
}
/** 1 − β₁ᵗ and 1 − β₂ᵗ, t counting steps from 1: float scalars, fed at every step. */
export interface AdamCorrections {
  first: Value;
  second: Value;
}
const correctionNames = (group: string) => ({ first: `${group}.correction1`, second: `${group}.correction2` });
/** The inputs that carry the corrections; one pair serves all parameters that started to learn together. */
export function adamCorrections(group = 'adam'): { first: Input; second: Input } {
  const { first, second } = correctionNames(group);
  return { first: input(first, 'float32', []), second: input(second, 'float32', []) };
}
/** What to feed into them at step t, counted from 0, by input name. */
export function adamScalars(t: number, { beta1 = 0.9, beta2 = 0.999 }: AdamBetas = {}, group = 'adam'): Record<string, number> {
  const { first, second } = correctionNames(group);
  return { [first]: 1 - beta1 ** (t + 1), [second]: 1 - beta2 ** (t + 1) };
}

export interface AdamOptions extends AdamBetas {
  rate: Value;
  corrections: AdamCorrections;
  epsilon?: number;
  weightDecay?: number;
  /** `l2` is Adam's, `decoupled` AdamW's. */
  decay?: Decay;
}
/** Adam (Kingma & Ba 2015): p ← p − rate·m̂/(√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ). */
export function adam(parameter: Input, gradient: Value, options: AdamOptions): Step {
  const { rate, corrections, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const [mean, square] = [slot('mean', parameter), slot('square', parameter)];
  const { direction, from } = decayed(parameter, gradient, options);
  const m = add(mul(mean, beta1), mul(direction, 1 - beta1));
  const v = add(mul(square, beta2), mul(mul(direction, direction), 1 - beta2));
  const along = div(div(m, corrections.first), add(sqrt(div(v, corrections.second)), epsilon));
  return {
    parameter: { before: parameter, after: sub(from, mul(along, rate)) },
    slots: [
      { before: mean, after: m },
      { before: square, after: v },
    ],
  };
}

export interface MuonOptions extends Pick<SgdOptions, 'weightDecay'> {
  rate: Value;
  momentum?: number;
}
/**
 * Muon (Jordan et al. 2024): of a matrix' momentum only its directions are followed, all at one length, so that what shows seldom is learned as fast as what
 * shows always. For matrices between hidden features; embeddings, biases and kernels stay with Adam.
 * v ← momentum·v + (1 − momentum)·g, looked ahead (Nesterov); o = the orthogonal matrix next to it; p ← p·(1 − rate·decay) − rate·0.2·√(longer side)·o,
 * which moves each number about as far as AdamW would at the same rate (Liu et al. 2025, section 2.2).
 * @param parameter [rows, columns]
 */
export function muon(parameter: Input, gradient: Value, { rate, momentum = 0.95, weightDecay = 0 }: MuonOptions): Step {
  const velocity = slot('momentum', parameter);
  const next = ema(velocity, gradient, momentum);
  const along = orthogonalised(ema(next, gradient, momentum));
  const { from } = decayed(parameter, gradient, { rate, weightDecay, decay: 'decoupled' });
  const length = 0.2 * Math.sqrt(Math.max(...parameter.dims));
  return {
    parameter: { before: parameter, after: sub(from, mul(along, mul(rate, length))) },
    slots: [{ before: velocity, after: next }],
  };
}

/** Of x ↦ a·x + b·x³ + c·x⁵, which five times over takes every singular value from 0.0015 to 1 to between 0.68 and 1.21 (Jordan et al. 2024). */
const newtonSchulz = { a: 3.4445, b: -4.775, c: 2.0315, steps: 5 };

/** About U·Vᵀ of a matrix U·S·Vᵀ, by Newton's and Schulz' iteration: products alone. */
function orthogonalised(matrix: Value): Value {
  const { a, b, c, steps } = newtonSchulz;
  const isTall = matrix.dims[0] > matrix.dims[1];
  const lying = isTall ? transposeLast(matrix) : matrix;
  let x = div(lying, add(sqrt(reduceSquares(lying, [0, 1])), 1e-7));
  for (let n = 0; n < steps; n++) {
    const square = matmul(x, transposeLast(x));
    x = add(mul(x, a), matmul(add(mul(square, b), mul(matmul(square, square), c)), x));
  }
  return isTall ? transposeLast(x) : x;
}

/** Exponential moving average: average ← keep·average + (1 − keep)·value. */
export const ema = (average: Value, value: Value, keep: Value | number): Value =>
  add(mul(average, keep), mul(value, typeof keep === 'number' ? 1 - keep : sub(1, keep)));

/** State of a kind kept for one parameter. */
export const slot = (kind: string, parameter: Input): Input => input(`${kind}.${parameter.name}`, parameter.dtype, parameter.dims);

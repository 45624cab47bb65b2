/** Numbers that change over a run, as functions of the step t, counted from 0. Rates fall from 1 to 0, ramps rise from 0 to 1; both stay where they end. */

/** Share of the way done: t/T, at most 1; a way of no length is done. */
const done = (t: number, steps: number): number => (steps > 0 ? Math.min(t, steps) / steps : 1);

/** (1 − t/T)^power: from 1 down to 0 (Chen et al. 2017). Power 1 is a straight line. */
export const polynomial = (t: number, steps: number, power = 0.9): number => (1 - done(t, steps)) ** power;

/** Half a cosine from 1 to 0 (Loshchilov & Hutter 2017). */
export const cosine = (t: number, steps: number): number => 0.5 * (1 + Math.cos(Math.PI * done(t, steps)));

/** factor^⌊t/every⌋: falls by `factor` at every `every`-th step. */
export const stepDecay = (t: number, every: number, factor = 0.1): number => factor ** Math.floor(t / every);

/** Linear from 1/n at t = 0 to 1 at t = n − 1, then 1: a rate that a fresh network can bear. */
export const warmUp = (t: number, steps: number): number => done(t + 1, steps);

/** t/T: from 0 up to 1. */
export const linearRamp = (t: number, steps: number): number => done(t, steps);

/** e^(−5(1 − t/T)²): from 0.0067 up to 1 (Laine & Aila 2017). */
export const sigmoidRamp = (t: number, steps: number): number => Math.exp(-5 * (1 - done(t, steps)) ** 2);

/** How much of a running average of weights to keep: a plain mean until there is history to average (Tarvainen & Valpola 2017). */
export const averageKeep = (t: number, most: number): number => Math.min(1 - 1 / (t + 1), most);

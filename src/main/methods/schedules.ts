/** Numbers that change over a run, as functions of the step t, counted from 0. */

/** (1 − t/T)^power: from 1 down to 0 (Chen et al. 2017). */
export const polynomial = (t: number, steps: number, power = 0.9): number => (1 - Math.min(t, steps) / steps) ** power;

/** Linear from 1/n at t = 0 to 1 at t = n − 1, then 1. */
export const warmUp = (t: number, steps: number): number => (steps > 0 ? Math.min(1, (t + 1) / steps) : 1);

/** Half a cosine from 1 to 0 (Loshchilov & Hutter 2017). */
export const cosine = (t: number, steps: number): number => 0.5 * (1 + Math.cos((Math.PI * Math.min(t, steps)) / steps));

/** e^(−5(1 − t/T)²), 1 from T on (Laine & Aila 2017). */
export const sigmoidRamp = (t: number, steps: number): number => Math.exp(-5 * (1 - Math.min(t, steps) / steps) ** 2);

/** How much of a running average of weights to keep: a plain mean until there is history to average (Tarvainen & Valpola 2017). */
export const averageKeep = (t: number, most: number): number => Math.min(1 - 1 / (t + 1), most);

/** Sine and cosine, for codes of positions. */
import { defineOp, type Op } from '../graph';
import { mul, neg } from './elementwise';

/** sin x, x in radians: d = cos x. */
export const sin: Op = defineOp('Sin', { shape: ([x]) => x.dims, grad: (g, _y, [x]) => [mul(g, cos(x))] });
/** cos x, x in radians: d = −sin x. */
export const cos: Op = defineOp('Cos', { shape: ([x]) => x.dims, grad: (g, _y, [x]) => [neg(mul(g, sin(x)))] });

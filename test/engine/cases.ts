/** Thousands of cases, ops × shapes × attributes, on which every law is tested. */
import type { DrawnCase } from './cases/draw';
import { elementwiseCases } from './cases/elementwise';
import { layerCases } from './cases/layers';
import { shapeCases } from './cases/shape';
import { windowCases } from './cases/windows';

export const families: Readonly<Record<string, readonly DrawnCase[]>> = {
  'arithmetic and curves': elementwiseCases,
  'shapes, sums and places': shapeCases,
  'convolution, pooling and interpolation': windowCases,
  'products, attention and normalisation': layerCases,
};
export const everyCase: readonly DrawnCase[] = Object.values(families).flat();

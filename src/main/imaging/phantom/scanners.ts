/** The two scanners: correlated noise for CT; counting statistics and a point spread for PET. */
import { type Grid, spacingMm } from '../../../shared/geometry';
import type { Random } from '../../../shared/random';
import { blur } from './fields';
import type { Scene } from './render';
import type { Variation } from './variation';

/** Full width at half maximum of a Gaussian, over its standard deviation. */
const widthPerSigma = 2.3548;

/** int16 Hounsfield units with reconstruction-like noise: correlated in the slice, stronger in wide patients by chance. */
export function ctScan({ hu }: Scene, grid: Grid, random: Random, variation: Variation): Int16Array {
  const noise = new Float32Array(hu.length);
  for (let n = 0; n < noise.length; n++) noise[n] = random.normal();
  blur(noise, grid.size, [0.6, 0.6, 0.25]);
  let power = 0;
  for (const x of noise) power += x * x;
  const level = variation.noise * random.fork('level').uniform(9, 19);
  const gain = level / Math.sqrt(power / noise.length);
  const image = new Int16Array(hu.length);
  for (let n = 0; n < image.length; n++) image[n] = Math.max(-1024, Math.min(3071, Math.round(hu[n] + gain * noise[n])));
  return image;
}

/** float32 SUV: breathing blur and a point spread of 6–7 mm, Poisson counts, and the smoothing of a reconstruction. */
export function petScan({ suv }: Scene, grid: Grid, random: Random, variation: Variation): Float32Array {
  const image = Float32Array.from(suv);
  const spacing = spacingMm(grid);
  const spread = random.fork('spread').uniform(6, 7) / widthPerSigma;
  const breath = random.fork('breath').uniform(1, 4);
  blur(image, grid.size, [spread / spacing[0], spread / spacing[1], Math.hypot(spread, breath) / spacing[2]]);
  // Counts per SUV and voxel: a short or a long scan.
  const counts = random.fork('counts').uniform(14, 45) / Math.max(0.05, variation.noise) ** 2;
  for (let n = 0; n < image.length; n++) image[n] = random.poisson(image[n] * counts + 0.4) / counts;
  blur(image, grid.size, [0.55, 0.55, 0.55]);
  // A thousandth of an SUV is far below the noise; rounding keeps the files small.
  for (let n = 0; n < image.length; n++) image[n] = Math.round(image[n] * 1024) / 1024;
  return image;
}

/** Random changes of brightness, contrast, gamma, sharpness and noise: what differs between scanners and days, not between organs. */
import type { Random } from '../../../shared/random';

/**
 * Changes one normalised channel of a patch in place (standard deviation about 1). After nnU-Net's intensity augmentation, without its blur and
 * low-resolution simulation. At strength 1: noise up to σ 0.15, contrast 0.75–1.25, brightness ±0.2, gamma 0.7–1.5; each applied half of the time.
 */
export function augmentIntensity(random: Random, patch: Float32Array, strength: number): void {
  if (strength === 0) return;
  const happens = () => random.uniform() < 0.5;
  const contrast = happens() ? 1 + strength * random.uniform(-0.25, 0.25) : 1;
  const brightness = happens() ? strength * random.uniform(-0.2, 0.2) : 0;
  const gamma = happens() ? Math.exp(strength * random.uniform(-0.36, 0.41)) : 1;
  const noise = happens() ? strength * random.uniform(0, 0.15) : 0;

  let [low, high, sum] = [Infinity, -Infinity, 0];
  for (const value of patch) {
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  const range = high - low || 1;
  const mean = sum / patch.length;
  for (let v = 0; v < patch.length; v++) {
    let value = patch[v];
    if (gamma !== 1) value = low + range * ((value - low) / range) ** gamma;
    value = mean + contrast * (value - mean) + brightness;
    patch[v] = noise > 0 ? value + noise * random.normal() : value;
  }
}

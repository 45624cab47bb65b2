/** Makes an image small enough for volume rendering: means of blocks, so that nothing flickers and memory stays bounded. */
import type { Index3 } from '../../../shared/geometry';
import type { Voxels } from '../../../shared/volume';

export interface ShrunkImage {
  readonly size: Index3;
  readonly values: Float32Array | Int16Array;
  /** Voxels of the original per sample, along i, j, k; sample (0,0,0) lies at voxel (steps − 1)/2. */
  readonly steps: Index3;
}

/** Block sides that bring an image under `mostSamples`, coarsening the finest axis first. */
export function stepsFor(size: Index3, spacing: readonly number[], mostSamples: number): Index3 {
  const steps: [number, number, number] = [1, 1, 1];
  const count = () => size.reduce((product, n, axis) => product * Math.floor(n / steps[axis]), 1);
  while (count() > mostSamples) {
    const finest = [0, 1, 2].sort((a, b) => spacing[a] * steps[a] - spacing[b] * steps[b])[0];
    steps[finest]++;
  }
  return steps;
}

/** Means of whole blocks; a remainder smaller than a block at the far end is left out. Integers stay integers. */
export function shrink(voxels: Voxels, size: Index3, steps: Index3): ShrunkImage {
  const small = size.map((count, axis) => Math.max(1, Math.floor(count / steps[axis]))) as unknown as Index3;
  const length = small[0] * small[1] * small[2];
  const values = voxels instanceof Float32Array || voxels instanceof Uint16Array ? new Float32Array(length) : new Int16Array(length);
  const share = 1 / (steps[0] * steps[1] * steps[2]);
  let to = 0;
  for (let z = 0; z < small[2]; z++) {
    for (let y = 0; y < small[1]; y++) {
      for (let x = 0; x < small[0]; x++) {
        let sum = 0;
        for (let c = 0; c < steps[2]; c++) {
          for (let b = 0; b < steps[1]; b++) {
            let from = x * steps[0] + size[0] * (y * steps[1] + b + size[1] * (z * steps[2] + c));
            for (let a = 0; a < steps[0]; a++) sum += voxels[from++];
          }
        }
        values[to++] = sum * share;
      }
    }
  }
  return { size: small, values, steps };
}

/** Where the windows of a sliding-window prediction lie and how much each of their voxels counts. Conventions of MONAI's `sliding_window_inference`. */

/**
 * First voxels of the windows along one axis, ascending. The interval is `int(patch·(1 − overlap))`, or the whole window where it equals the
 * size; the last window is moved back to end at the border.
 * @param size   voxels along the axis, ≥ patch
 * @param overlap share of a window that the next one covers too, 0 … <1
 */
export function windowStarts(size: number, patch: number, overlap: number): number[] {
  if (size < patch) throw new Error(`windowStarts: ${size} voxels are fewer than the window's ${patch}; pad first`);
  if (size === patch) return [0];
  const interval = Math.max(1, Math.floor(patch * (1 - overlap)));
  const count = Math.ceil((size - patch) / interval) + 1;
  return Array.from({ length: count }, (_, at) => Math.min(at * interval, size - patch));
}

/**
 * Weight of every voxel of a window, i fastest: a Gaussian centred on the window with σ = 0.125 of its side, largest value 1, not below
 * max(smallest value, 1e-3), so that no voxel is left without weight.
 */
export function gaussianImportance(patch: readonly [number, number, number]): Float32Array {
  const axes = patch.map((n) => Float32Array.from({ length: n }, (_, at) => Math.exp(-((at - (n - 1) / 2) ** 2) / (2 * (0.125 * n) ** 2))));
  const [pi, pj, pk] = patch;
  const weights = new Float32Array(pi * pj * pk);
  let v = 0;
  let smallest = Infinity;
  for (let k = 0; k < pk; k++) {
    for (let j = 0; j < pj; j++) {
      for (let i = 0; i < pi; i++, v++) {
        weights[v] = axes[0][i] * axes[1][j] * axes[2][k];
        if (weights[v] < smallest) smallest = weights[v];
      }
    }
  }
  const floor = Math.max(smallest, 1e-3);
  for (v = 0; v < weights.length; v++) if (weights[v] < floor) weights[v] = floor;
  return weights;
}

/** Voxels per value of a label map, background left out. */
export function countVoxels(voxels: Uint8Array): Record<number, number> {
  const counts = new Uint32Array(256);
  for (const value of voxels) counts[value]++;
  return Object.fromEntries([...counts.entries()].filter(([value, count]) => value > 0 && count > 0));
}

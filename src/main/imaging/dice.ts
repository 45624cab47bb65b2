/** The Dice coefficient of one structure. */

/**
 * 2|A∩B| / (|A| + |B|) of the voxels of `a` equal to `valueA` and those of `b` equal to `valueB`; null where both are empty, as nothing was asked and nothing answered.
 */
export function diceOf(a: Uint8Array, valueA: number, b: Uint8Array, valueB: number): number | null {
  if (a.length !== b.length) throw new Error(`diceOf: ${a.length} voxels against ${b.length}`);
  let [inA, inB, both] = [0, 0, 0];
  for (let v = 0; v < a.length; v++) {
    const isA = a[v] === valueA;
    const isB = b[v] === valueB;
    if (isA) inA++;
    if (isB) inB++;
    if (isA && isB) both++;
  }
  return inA + inB === 0 ? null : (2 * both) / (inA + inB);
}

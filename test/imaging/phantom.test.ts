/** Torso phantoms: repeatable, varied, and hard to read by intensity alone. */
import { describe, expect, test } from 'vitest';
import { torsoStructures } from '../../src/main/imaging/phantom/structures';
import { type Torso, torsoPhantom } from '../../src/main/imaging/phantom/torso';
import { variations } from '../../src/main/imaging/phantom/variation';
import type { Voxels } from '../../src/shared/volume';

const torsos = Array.from({ length: 8 }, (_, n) => torsoPhantom(1, n + 1));
const voxelsOf = ({ label }: Torso) => {
  const counts = torsoStructures.map(() => 0);
  for (const value of label.voxels) if (value > 0) counts[value - 1]++;
  return counts;
};
const meanWithin = ({ ct, label }: Torso, structure: number) => {
  let [sum, count] = [0, 0];
  for (let n = 0; n < ct.voxels.length; n++) if (label.voxels[n] === structure) [sum, count] = [sum + ct.voxels[n], count + 1];
  return sum / count;
};

const extremes = (voxels: Voxels) => {
  let [low, high] = [voxels[0], voxels[0]];
  for (const x of voxels) [low, high] = [Math.min(low, x), Math.max(high, x)];
  return [low, high];
};

describe('torso phantoms', () => {
  test('the same seed and case give the same voxels', () => {
    expect(torsoPhantom(1, 3)).toEqual(torsos[2]);
  });

  test('another case and another seed give another patient', () => {
    expect(torsoPhantom(1, 2).label.voxels).not.toEqual(torsoPhantom(2, 2).label.voxels);
    expect(torsos[0].label.voxels).not.toEqual(torsos[1].label.voxels);
  });

  test('every structure typically has a thousand voxels, and is four wide somewhere', () => {
    const medians = torsoStructures.map((_, s) => torsos.map((torso) => voxelsOf(torso)[s]).sort((a, b) => a - b)[4]);
    expect(Math.min(...medians)).toBeGreaterThan(1000);
    const widest = torsoStructures.map((_, s) => Math.max(...torsos.map((torso) => widestRun(torso, s + 1))));
    expect(Math.min(...widest)).toBeGreaterThanOrEqual(4);
  });

  test('CT is in Hounsfield units and PET in SUV', () => {
    for (const { ct, pet } of torsos) {
      const [[air, bone], [cold, hot]] = [extremes(ct.voxels), extremes(pet.voxels)];
      expect(air).toBeGreaterThanOrEqual(-1024);
      expect(air).toBeLessThan(-950);
      expect(bone).toBeGreaterThan(350);
      expect(cold).toBeGreaterThanOrEqual(0);
      expect(hot).toBeGreaterThan(2);
      expect(hot).toBeLessThan(150);
    }
  });

  test('no order of intensities holds in every patient', () => {
    const [liver, spleen, kidney, aorta] = ['liver', 'spleen', 'kidney_right', 'aorta'].map(
      (name) => torsoStructures.indexOf(name as 'liver') + 1,
    );
    const order = (torso: Torso) =>
      [liver, spleen, kidney, aorta]
        .filter((s) => voxelsOf(torso)[s - 1] > 0)
        .sort((a, b) => meanWithin(torso, a) - meanWithin(torso, b))
        .join();
    expect(new Set(torsos.map(order)).size).toBeGreaterThanOrEqual(3);
  });

  test('without variation all patients are alike but for their noise and clutter', () => {
    const none = { ...variations.default, pose: 0, size: 0, shape: 0, abnormality: 0 };
    const [a, b] = [torsoPhantom(1, 1, none), torsoPhantom(1, 2, none)].map(voxelsOf);
    a.forEach((count, s) => {
      expect(Math.abs(count - b[s]) / count, torsoStructures[s]).toBeLessThan(0.12);
    });
  });
});

/** Longest run of a label along i, j or k such that the runs through its middle along both other axes are at least as long. */
function widestRun({ label }: Torso, value: number): number {
  const [ni, nj, nk] = label.grid.size;
  const strides = [1, ni, ni * nj];
  const side = (n: number, stride: number) => {
    let [from, to] = [n, n];
    while (label.voxels[from - stride] === value) from -= stride;
    while (label.voxels[to + stride] === value) to += stride;
    return (to - from) / stride + 1;
  };
  let widest = 0;
  for (let n = 0; n < ni * nj * nk; n++)
    if (label.voxels[n] === value) widest = Math.max(widest, Math.min(...strides.map((stride) => side(n, stride))));
  return widest;
}

import { describe, expect, test } from 'vitest';
import { type Cut, cutPatch, drawCut, type Source } from '../../../src/main/methods/training/warp';
import { random } from '../../../src/shared/random';

const size = [12, 10, 8] as const;
const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** A study whose intensity is a linear ramp, so that interpolation is exact, and whose classes are 1 on the right half and 2 on the left. */
function ramp(): Source {
  const image = new Float32Array(12 * 10 * 8);
  const classes = new Uint8Array(image.length);
  for (let v = 0; v < image.length; v++) {
    const [i, j, k] = [v % 12, Math.floor(v / 12) % 10, Math.floor(v / 120)];
    image[v] = i + 100 * j + 10_000 * k;
    classes[v] = i < 6 ? 2 : 1;
  }
  return { size, spacingMm: [1, 1, 1], channels: [image], outside: [-7], classes };
}

function cut(over: Partial<Cut>, patch: [number, number, number] = [4, 4, 4]) {
  const image = new Float32Array(patch[0] * patch[1] * patch[2]);
  const classes = new Uint8Array(image.length);
  cutPatch(ramp(), { centre: [5.5, 4.5, 3.5], linear: identity, elastic: null, flip: false, ...over }, patch, [image], classes, [0, 2, 1]);
  return { image, classes };
}

describe('cutting a patch', () => {
  test('without any change copies the voxels around the centre', () => {
    const { image, classes } = cut({});
    expect([...image.slice(0, 4)]).toEqual([4, 5, 6, 7].map((i) => i + 300 + 20_000));
    expect([...classes.slice(0, 4)]).toEqual([2, 2, 1, 1]);
  });

  test('interpolates between voxels', () => {
    expect(cut({ centre: [5.75, 4.5, 3.5] }).image[0]).toBeCloseTo(4.25 + 300 + 20_000, 3);
  });

  test('a flip mirrors the picture and exchanges left and right structures', () => {
    const plain = cut({});
    const flipped = cut({ flip: true });
    expect([...flipped.image.slice(0, 4)]).toEqual([...plain.image.slice(0, 4)].reverse());
    expect([...flipped.classes.slice(0, 4)]).toEqual([2, 2, 1, 1]);
  });

  test('shows emptiness and background outside the study', () => {
    const { image, classes } = cut({ centre: [0, 4.5, 3.5] });
    expect(image[0]).toBe(-7);
    expect(classes[0]).toBe(0);
  });

  test('the same stream draws the same cut; strength 0 draws none', () => {
    const draw = (strength: number, seed = 4) => drawCut(random(seed), [5, 5, 4], [4, 4, 4], [1, 1, 2], strength, true);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1, 5)).not.toEqual(draw(1));
    expect(draw(0).elastic).toBeNull();
    expect(draw(0).linear.map((value) => value + 0)).toEqual(identity);
  });

  test('a rotation keeps lengths in millimetres on anisotropic voxels', () => {
    const spacing = [1, 1, 3];
    const { linear: m } = drawCut(random(9), [0, 0, 0], [4, 4, 4], spacing, 1, false);
    const length = (v: number[]) =>
      Math.hypot(...[0, 1, 2].map((row) => spacing[row] * (m[3 * row] * v[0] + m[3 * row + 1] * v[1] + m[3 * row + 2] * v[2])));
    expect(length([3, 0, 0]) / length([0, 0, 1])).toBeCloseTo(1, 6);
  });
});

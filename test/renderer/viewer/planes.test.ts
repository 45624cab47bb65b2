/** Planes, letters and labels: where left is must never be a matter of luck. */
import { describe, expect, test } from 'vitest';
import { directionName, edgeLetters, isOblique, planeAxes, sliceLabel } from '../../../src/renderer/viewer/planes';
import type { Grid } from '../../../src/shared/geometry';

const straight: Grid = { size: [64, 64, 80], affine: [5, 0, 0, -157.5, 0, 5, 0, -157.5, 0, 0, 5, 0, 0, 0, 0, 1] };

/** Turned about the head–foot axis. */
function turned(degrees: number): Grid {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return { size: [10, 10, 10], affine: [c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] };
}

describe('edge letters', () => {
  test('radiological axial and coronal views have the patient’s right on the left', () => {
    expect(edgeLetters(straight, planeAxes('axial', 'radiological'))).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
    expect(edgeLetters(straight, planeAxes('coronal', 'radiological'))).toEqual({ left: 'R', right: 'L', top: 'S', bottom: 'I' });
  });
  test('the neurological convention exchanges left and right and nothing else', () => {
    expect(edgeLetters(straight, planeAxes('axial', 'neurological'))).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' });
  });
  test('the nose of a sagittal slice points left in both conventions', () => {
    const expected = { left: 'A', right: 'P', top: 'S', bottom: 'I' };
    expect(edgeLetters(straight, planeAxes('sagittal', 'radiological'))).toEqual(expected);
    expect(edgeLetters(straight, planeAxes('sagittal', 'neurological'))).toEqual(expected);
  });
  test('a turned grid gets doubled letters, the larger part first', () => {
    expect(edgeLetters(turned(20), planeAxes('axial', 'radiological'))).toEqual({ left: 'RA', right: 'LP', top: 'AL', bottom: 'PR' });
  });
  test('a grid turned by a few degrees keeps single letters but counts as oblique', () => {
    expect(edgeLetters(turned(5), planeAxes('axial', 'radiological')).left).toBe('R');
    expect([isOblique(turned(5)), isOblique(straight)]).toEqual([true, false]);
  });
  test('a direction is named by at most two body axes', () => {
    expect(directionName([-3, 2, -1])).toBe('LA');
    expect(directionName([0, 0, -7])).toBe('I');
  });
});

describe('slice label', () => {
  test('gives the plane, its position along the body and the slice counted from one', () => {
    expect(sliceLabel(straight, 'axial', 26, [32, 32, 26])).toBe('Axial 130.0 mm · 27 / 80');
    expect(sliceLabel(straight, 'coronal', 28, [32, 28, 26])).toBe('Coronal −17.5 mm · 29 / 64');
  });
  test('says when a slice is oblique, and where it passes through the crosshair', () => {
    const label = sliceLabel(turned(90 / 4), 'sagittal', 2, [0, 4, 0]);
    const x = Math.cos(Math.PI / 8) * 2 - Math.sin(Math.PI / 8) * 4;
    expect(label).toBe(`Sagittal, oblique ${x.toFixed(1)} mm · 3 / 10`);
  });
});

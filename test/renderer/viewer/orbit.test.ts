/** The camera of 3D views. */
import { expect, test } from 'vitest';
import { cameraPlace, compass, openingOrbit, orbitAxes, shifted, standardViews, turned, zoomed } from '../../../src/renderer/viewer/orbit';

const close = (vector: readonly number[]) => vector.map((value) => expect.closeTo(value, 9));

test('from the front the patient’s right is on the left of the screen and the head is up', () => {
  const { out, right, up } = orbitAxes(openingOrbit);
  expect([out, right, up]).toEqual([close([0, 1, 0]), close([-1, 0, 0]), close([0, 0, 1])]);
});

test('the axes of every view are perpendicular and right-handed', () => {
  for (const orbit of [turned(openingOrbit, 123, -77), standardViews.Numpad7.from, standardViews.Numpad3.opposite]) {
    const { out, up, right } = orbitAxes(orbit);
    const cross = [up[1] * out[2] - up[2] * out[1], up[2] * out[0] - up[0] * out[2], up[0] * out[1] - up[1] * out[0]];
    expect(cross).toEqual(close(right));
  }
});

test('keypad 7 looks down with the face up; keypad 3 at the patient’s left side', () => {
  expect(orbitAxes(standardViews.Numpad7.from).up).toEqual(close([0, 1, 0]));
  expect(orbitAxes(standardViews.Numpad7.from).out).toEqual(close([0, 0, 1]));
  expect(orbitAxes(standardViews.Numpad3.from).out).toEqual(close([-1, 0, 0]));
});

test('turning never goes over the head, and zoom has ends', () => {
  expect(turned(openingOrbit, 0, 1e5).elevation).toBe(90);
  expect(turned(openingOrbit, 1e5, 0).azimuth).toBeGreaterThanOrEqual(-180);
  expect(zoomed(openingOrbit, 1e9).zoom).toBe(12);
});

test('dragging to the right moves the body to the right: the focus goes to the left', () => {
  const { focus } = cameraPlace(shifted(openingOrbit, 50, 0, 400), [0, 0, 0], 100);
  // Screen right is the patient's left (−x), so the point looked at moves towards +x.
  expect(focus[0]).toBeGreaterThan(0);
  expect(focus.slice(1)).toEqual(close([0, 0]));
});

test('the compass names all six directions, nearest last', () => {
  const letters = compass(openingOrbit).map(({ letter }) => letter);
  expect([...letters].sort().join('')).toBe('AILPRS');
  expect([letters[0], letters.at(-1)]).toEqual(['P', 'A']);
});

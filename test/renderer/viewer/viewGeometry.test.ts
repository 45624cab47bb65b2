/** Placing slices on the screen and coming back from it. */
import { describe, expect, test } from 'vitest';
import {
  type Frame,
  fitted,
  nearestVoxel,
  panBy,
  place,
  scaleBar,
  toPlane,
  toScreen,
  voxelAt,
  zoomAbout,
} from '../../../src/renderer/viewer/viewGeometry';

const frame: Frame = { viewWidth: 400, viewHeight: 300, width: 64, height: 80, spacingU: 5, spacingV: 2.5, mirrored: true };

describe('a fitted slice', () => {
  test('keeps its proportions in millimetres when voxels are not square', () => {
    const { xu, yv } = place(frame, fitted);
    expect(Math.abs(xu / yv)).toBeCloseTo(2, 10);
  });
  test('lies inside the view, centred', () => {
    const p = place(frame, fitted);
    const [left, top] = toScreen(p, 63.5, 79.5);
    const [right, bottom] = toScreen(p, -0.5, -0.5);
    expect(left).toBeGreaterThan(0);
    expect(top).toBeGreaterThan(0);
    expect([left + right, top + bottom]).toEqual([expect.closeTo(400, 6), expect.closeTo(300, 6)]);
  });
  test('has u growing to the left when mirrored and v growing upwards', () => {
    const p = place(frame, fitted);
    expect(toScreen(p, 10, 10)[0]).toBeGreaterThan(toScreen(p, 11, 10)[0]);
    expect(toScreen(p, 10, 10)[1]).toBeGreaterThan(toScreen(p, 10, 11)[1]);
    expect(place({ ...frame, mirrored: false }, fitted).xu).toBeGreaterThan(0);
  });
});

describe('zoom and pan', () => {
  test('the voxel under the pointer stays under it while zooming', () => {
    const before = toPlane(place(frame, fitted), 310, 60);
    const camera = zoomAbout(frame, fitted, 3, 310, 60);
    const after = toPlane(place(frame, camera), 310, 60);
    expect(camera.zoom).toBe(3);
    expect(after).toEqual([expect.closeTo(before[0], 9), expect.closeTo(before[1], 9)]);
  });
  test('zoom has an end, and at the end nothing moves', () => {
    const far = zoomAbout(frame, fitted, 1e9, 310, 60);
    expect(zoomAbout(frame, far, 2, 20, 20)).toEqual({
      zoom: far.zoom,
      centre: [expect.closeTo(far.centre![0], 9), expect.closeTo(far.centre![1], 9)],
    });
  });
  test('panning moves the slice by exactly the drag', () => {
    const [x, y] = toScreen(place(frame, fitted), 20, 30);
    const moved = toScreen(place(frame, panBy(frame, fitted, 17, -9)), 20, 30);
    expect(moved).toEqual([expect.closeTo(x + 17, 9), expect.closeTo(y - 9, 9)]);
  });
  test('however far one pans, the middle of the view stays on the slice', () => {
    expect(panBy(frame, fitted, 1e6, 1e6).centre).toEqual([63, 79]);
  });
});

describe('pointing', () => {
  test('a screen position goes to the voxel drawn there, and outside to none', () => {
    const p = place(frame, fitted);
    const [x, y] = toScreen(p, 12, 34);
    expect(voxelAt(frame, p, x + 0.3, y - 0.3)).toEqual([12, 34]);
    expect(voxelAt(frame, p, 1, 1)).toBeNull();
  });
  test('a drag beyond the edge stays on the edge voxel', () => {
    expect(nearestVoxel(frame, place(frame, fitted), 9999, -9999)).toEqual([0, 79]);
  });
});

test('the scale bar is the longest round length that fits', () => {
  expect(scaleBar(0.9, 72)).toEqual({ mm: 50, pixels: 45 });
  expect(scaleBar(2, 72).mm).toBe(20);
  expect(scaleBar(144, 72).mm).toBeCloseTo(0.5, 12);
});

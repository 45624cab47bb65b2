/** Changes of the room that keep linked views together. */
import { describe, expect, test } from 'vitest';
import {
  activeChannel,
  cameraOf,
  channelRoles,
  createRoom,
  goTo,
  orbitOf,
  renderedChannel,
  renderingsFor,
  resetViews,
  setCamera,
  setCrosshair,
  setOrbit,
  setSlice,
  setWindow,
  sliceOf,
} from '../../../src/renderer/viewer/roomState';
import { wheelSteps } from '../../../src/renderer/viewer/sliceInput';
import { fitted } from '../../../src/renderer/viewer/viewGeometry';
import type { Case, Channel, Modality } from '../../../src/shared/domain';

const statistics = { min: 0, max: 1000, mean: 0, std: 1, p005: 1, p05: 2, p50: 3, p95: 4, p995: 5 };
const units = { CT: 'HU', PET: 'SUV', MR: 'a.u.', other: 'a.u.' } as const;
function caseOf(...modalities: Modality[]): Case {
  const grid = { size: [64, 60, 80], affine: [5, 0, 0, -160, 0, 5, 0, -150, 0, 0, 5, 0, 0, 0, 0, 1] } as const;
  const channels = modalities.map((modality, position) => ({ modality, unit: units[modality], position, statistics }) as Channel);
  return { id: 'c' as Case['id'], name: 'c', split: 'test', patient: null, grid, channels, label: null, addedAt: '' };
}
const open = (...modalities: Modality[]) => createRoom(caseOf(...modalities), [], []);

describe('linked views', () => {
  test('stepping through one axial view moves every axial view and the crosshair', () => {
    const room = open('CT');
    setSlice(room, 'axial:a', 'axial', 12);
    expect(sliceOf(room.get(), 'axial:b', 'axial')).toBe(12);
    expect(room.get().crosshair).toEqual([32, 30, 12]);
  });
  test('zooming one view zooms the views of its plane and no other', () => {
    const room = open('CT');
    setCamera(room, 'axial:a', 'axial', { zoom: 3, centre: null });
    expect(cameraOf(room.get(), 'axial:b', 'axial').zoom).toBe(3);
    expect(cameraOf(room.get(), 'coronal', 'coronal')).toBe(fitted);
  });
  test('turning one body turns the other', () => {
    const room = open('CT');
    setOrbit(room, 'volume:a', { azimuth: 30, elevation: 0, zoom: 1, shift: [0, 0] });
    expect(orbitOf(room.get(), 'volume:b').azimuth).toBe(30);
  });
});

describe('views that are not linked', () => {
  test('keep slices, zoom and cameras of their own', () => {
    const room = open('CT');
    room.set({ linked: false });
    setSlice(room, 'axial:a', 'axial', 12);
    setCamera(room, 'axial:a', 'axial', { zoom: 3, centre: null });
    expect([sliceOf(room.get(), 'axial:a', 'axial'), sliceOf(room.get(), 'axial:b', 'axial')]).toEqual([12, 40]);
    expect(cameraOf(room.get(), 'axial:b', 'axial')).toBe(fitted);
  });
});

describe('moving about', () => {
  test('ends at the edge of the image', () => {
    const room = open('CT');
    setSlice(room, 'axial', 'axial', 900);
    setCrosshair(room, [-4, 99, room.get().crosshair[2]]);
    expect(room.get().crosshair).toEqual([0, 59, 79]);
  });
  test('a place in millimetres is its nearest voxel, seen whole again', () => {
    const room = open('CT');
    setCamera(room, 'axial', 'axial', { zoom: 8, centre: [1, 1] });
    goTo(room, [-158, -20.2, 131]);
    expect(room.get().crosshair).toEqual([0, 26, 26]);
    expect(cameraOf(room.get(), 'axial', 'axial')).toBe(fitted);
  });
  test('reset puts windows and cameras back and leaves the crosshair where it is', () => {
    const room = open('CT');
    const [opening] = room.get().windows;
    setWindow(room, 0, { low: 1, high: 2 });
    setSlice(room, 'axial', 'axial', 5);
    resetViews(room);
    expect([room.get().windows[0], room.get().crosshair[2]]).toEqual([opening, 5]);
  });
});

describe('channels', () => {
  test('CT lies below PET in whatever order they come', () => {
    expect(channelRoles(caseOf('CT', 'PET'))).toEqual({ base: 0, over: 1 });
    expect(channelRoles(caseOf('PET', 'CT'))).toEqual({ base: 1, over: 0 });
    expect(channelRoles(caseOf('PET'))).toEqual({ base: 0, over: null });
    expect(channelRoles(caseOf('MR', 'MR'))).toEqual({ base: 0, over: 1 });
  });
  test('the window tool acts on what is mostly seen', () => {
    expect([activeChannel({ base: 0, over: 1, fusion: 0.3 }), activeChannel({ base: 0, over: 1, fusion: 0.8 })]).toEqual([0, 1]);
  });
  test('renderings suit the modality and know their channel', () => {
    expect(renderingsFor(caseOf('PET'))).toEqual(['PET-MIP', 'Surfaces only']);
    expect(renderingsFor(caseOf('MR'))).toEqual(['MIP', 'Surfaces only']);
    expect(renderedChannel(caseOf('CT', 'PET'), 'PET-MIP')).toBe(1);
    expect(renderedChannel(caseOf('CT'), 'Surfaces only')).toBeNull();
  });
});

test('a room hears of changes only when something changed', () => {
  const room = open('CT');
  let heard = 0;
  room.listen(() => heard++);
  room.set({ fusion: room.get().fusion });
  setCrosshair(room, room.get().crosshair);
  expect(heard).toBe(0);
});

test('a notch of the wheel is one slice, and small steps of a trackpad add up to one', () => {
  expect(wheelSteps({ deltaY: 100, deltaMode: 0 }, 0)).toEqual({ steps: -1, carried: 0 });
  expect(wheelSteps({ deltaY: -120, deltaMode: 0 }, 0).steps).toBe(1);
  expect(wheelSteps({ deltaY: 3, deltaMode: 1 }, 0).steps).toBe(-1);
  let carried = 0;
  let steps = 0;
  for (let n = 0; n < 10; n++) {
    const wheel = wheelSteps({ deltaY: -8, deltaMode: 0 }, carried);
    carried = wheel.carried;
    steps += wheel.steps;
  }
  expect(steps).toBe(2);
});

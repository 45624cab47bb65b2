/** What teachers of volumes are shown while they learn. */
import { expect, test } from 'vitest';
import { assortedBody } from '../../../src/main/imaging/phantom/assorted';
import { random } from '../../../src/shared/random';
import { volumeScene } from './volumeScenes';

const side = 48;
const pet = { modality: 'PET', huWindow: null } as const;
const body = assortedBody(3, 0);
const scenes = Array.from({ length: 30 }, (_, n) => volumeScene([body], pet, side, random(4).fork(`${n}`)));
/** Faces of a crop beyond what was scanned: zeros all over. PET counts something in air too, so no face within it is even. */
const emptyFaces = (image: Float32Array) => {
  const darkest = image.reduce((low, value) => Math.min(low, value));
  return [0, 1, 2].flatMap((axis) =>
    [0, side - 1].filter((face) => image.every((value, at) => Math.floor(at / side ** (2 - axis)) % side !== face || value === darkest)),
  ).length;
};

test('crops lie within what was scanned or reach over its border', () => {
  const faces = scenes.map(({ image }) => emptyFaces(image));
  expect(faces.filter((count) => count === 0).length).toBeGreaterThan(5);
  expect(faces.filter((count) => count > 0).length).toBeGreaterThan(5);
});

test('what is asked about shows, and lies where something was scanned', () => {
  for (const { image, objects, shown } of scenes) {
    expect(objects.length).toBeGreaterThan(0);
    for (const object of objects) {
      const places = [...object.keys()].filter((at) => object[at] === 1);
      expect(places.length).toBeGreaterThanOrEqual(250);
      expect(new Set(places.map((at) => shown[at])).size).toBe(1);
      const values = new Set(places.map((at) => image[at]));
      expect(values.size).toBeGreaterThan(100);
    }
  }
});

test('a body in which nothing shows is passed over', () => {
  const empty = { ...body, objects: new Uint8Array(body.objects.length) };
  for (let n = 0; n < 10; n++) {
    expect(volumeScene([empty, body], pet, side, random(5).fork(`${n}`)).objects.length).toBeGreaterThan(0);
  }
});

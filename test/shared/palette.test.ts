/** Structure colours can be told apart, with colour-deficient sight too, and are handed out without repeating. */
import { expect, test } from 'vitest';
import { nextColour, palette } from '../../src/shared/palette';

type Triple = readonly [number, number, number];
const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const rgb = (hex: string): Triple => [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255)) as unknown as Triple;

/** Full-strength simulation matrices of Machado, Oliveira and Fernandes 2009, on linear RGB. */
const sights = {
  normal: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
};
const seen = (m: number[], [r, g, b]: Triple): Triple =>
  [0, 3, 6].map((row) => Math.max(0, m[row] * r + m[row + 1] * g + m[row + 2] * b)) as unknown as Triple;

/** OKLab (Ottosson 2020). */
function okLab([r, g, b]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}
const distance = (a: Triple, b: Triple) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

test.each(Object.entries(sights))('any two colours differ to %s sight', (_name, matrix) => {
  const labs = palette.map((colour) => okLab(seen(matrix, rgb(colour))));
  const nearest = labs.flatMap((a, i) => labs.slice(i + 1).map((b) => distance(a, b))).reduce((x, y) => Math.min(x, y));
  expect(nearest).toBeGreaterThan(0.055); // about three just noticeable differences
});

test('there are at least twenty, each once, and the next is one nobody uses', () => {
  expect(palette.length).toBeGreaterThanOrEqual(20);
  expect(new Set(palette).size).toBe(palette.length);
  expect(nextColour([])).toBe(palette[0]);
  expect(nextColour([palette[0].toUpperCase(), palette[2]])).toBe(palette[1]);
  expect(palette).toContain(nextColour(palette));
});

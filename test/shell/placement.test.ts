/** A window comes back where it was, but never where nobody could reach it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPlacement, savePlacement } from '../../src/main/shell/desktop/placement';
import { temporaryFolder } from '../folders';

const screens = [
  { x: 0, y: 0, width: 1920, height: 1080 },
  { x: 1920, y: 200, width: 1280, height: 800 },
];
const fileIn = () => join(temporaryFolder(), 'deeper', 'window.json');

test.each([
  ['on the first screen', { x: 100, y: 100, width: 1200, height: 800 }],
  ['on the second', { x: 2000, y: 300, width: 1200, height: 700 }],
  ['across both', { x: 1500, y: 250, width: 1200, height: 700 }],
])('%s it is kept', (_where, bounds) => {
  const file = fileIn();
  savePlacement(file, { ...bounds, isMaximised: true });
  expect(readPlacement(file, screens)).toEqual({ ...bounds, isMaximised: true });
});

test.each([
  ['on a screen that is gone', { x: 4000, y: 100, width: 1200, height: 800 }],
  ['with its title bar above every screen', { x: 100, y: -500, width: 1200, height: 800 }],
  ['below every screen', { x: 100, y: 1079, width: 1200, height: 800 }],
  ['with only a sliver showing', { x: -1150, y: 100, width: 1200, height: 800 }],
])('%s it is forgotten', (_where, bounds) => {
  const file = fileIn();
  savePlacement(file, { ...bounds, isMaximised: false });
  expect(readPlacement(file, screens)).toBeNull();
});

test.each(['', '{', '[]', '{"x":1}', '{"x":"1","y":1,"width":900,"height":900,"isMaximised":false}'])(
  'a file holding %j is forgotten',
  (text) => {
    const file = join(temporaryFolder(), 'window.json');
    writeFileSync(file, text);
    expect(readPlacement(file, screens)).toBeNull();
  },
);

test('a place that cannot be saved is no error', () => {
  expect(() => savePlacement('/dev/null/window.json', { x: 0, y: 0, width: 800, height: 600, isMaximised: false })).not.toThrow();
});

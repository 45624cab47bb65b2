/** Bodies of no anatomy at all: anything anywhere. */
import type { Random } from '../../../shared/random';
import { grownBy } from './layer';
import { drawPalette, fat, type Palette } from './palette';
import { bumpy, ellipsoid, type Shape, type Vector } from './shapes';
import { anywhere, bean, bentTube, between, column, inside, type Layers, lobes, lump, type Painted, reach } from './things';
import type { Tissue } from './tissues';

export function lumps(stream: Random): Layers {
  const palette = drawPalette(stream.fork('tissues'));
  return { walls: drawWalls(stream.fork('walls')), things: drawThings(stream.fork('things'), palette) };
}

/** Objects, each with what lies inside it, and clutter between them. */
function drawThings(stream: Random, palette: Palette): Painted[] {
  const things: Painted[] = [];
  let objects = 0;
  const add = (shape: Shape, object: Painted['object'] = ++objects, tissue = palette.mixed()) => things.push({ shape, tissue, object });
  const large = 3 + stream.integer(4);
  for (let n = 0; n < large; n++) add(lump(stream, anywhere(stream, 0.7), 45, 95));
  if (stream.uniform() < 0.6) {
    const wide = drawColumn(stream);
    add(wide(1), ++objects, stream.uniform() < 0.6 ? palette.bright() : palette.mixed());
    if (stream.uniform() < 0.5) add(wide(0.6), 'keep');
  }
  const count = 9 + stream.integer(12);
  for (let n = 0; n < count; n++) {
    const shape = drawObject(stream);
    // Most have a rim that sets them apart, or nobody could say where they end.
    if (stream.uniform() < 0.6) add(grownBy(shape, between(stream, 4, 10)), 0, stream.uniform() < 0.7 ? fat : palette.mixed());
    add(shape);
    // Other tissues still belong to the object: what a wall holds, a chamber, a marrow, a cyst.
    if (stream.uniform() < 0.25) add(grownBy(shape, -between(stream, 4, 12)), 'keep');
    for (let parts = Math.floor(3 * stream.uniform() ** 1.5); parts > 0; parts--) add(inside(stream, shape), 'keep');
    if (stream.uniform() < 0.35) add(bentTube(stream, anywhere(stream), between(stream, 4, 8), 2 + stream.integer(4)), 0);
  }
  const spots = stream.integer(5);
  for (let n = 0; n < spots; n++) add(lump(stream, anywhere(stream), 5, 13), 'keep');
  return things;
}

function drawObject(stream: Random): Shape {
  const kind = stream.uniform();
  if (kind < 0.4) return lump(stream, anywhere(stream), 22, 65);
  if (kind < 0.55) return lobes(stream);
  if (kind < 0.7) return bean(stream, anywhere(stream));
  if (kind < 0.85) return bentTube(stream, anywhere(stream), between(stream, 11, 22), 3 + stream.integer(4));
  return bentTube(stream, anywhere(stream), between(stream, 9, 18), 5 + stream.integer(4), 0.25);
}

/** Along any axis, a little bent. */
function drawColumn(stream: Random): (share: number) => Shape {
  const [x, y] = [stream.uniform(-90, 90), stream.uniform(-90, 90)];
  const bend = stream.uniform(5, 30);
  const swing = stream.uniform(0, 2 * Math.PI);
  const axis = stream.integer(3);
  return column(stream, stream.uniform(14, 32), (along) => {
    const straight = [x + bend * Math.sin(along / 90 + swing), y + bend * Math.cos(along / 110 + swing), along];
    return [0, 1, 2].map((n) => straight[(n + axis) % 3]) as unknown as Vector;
  });
}

/** Skin and flesh: a cylinder of two tissues, or, now and then, flesh without an end. */
function drawWalls(stream: Random): Layers['walls'] {
  const soft = (low: number, high: number): Tissue => ({ hu: stream.uniform(low, high), suv: stream.uniform(0.2, 1.2), grainHu: 8 });
  const isWhole = stream.uniform() < 0.15;
  const half: Vector = isWhole ? [900, 900, 900] : [stream.uniform(125, 205), stream.uniform(100, 180), 5 * reach];
  const skin = bumpy(ellipsoid([0, 0, 0], half), 5, stream);
  const flesh = stream.uniform() < 0.5 ? soft(-120, -70) : soft(20, 70);
  return [
    { shape: skin, tissue: soft(-120, -80) },
    { shape: grownBy(skin, -between(stream, 6, 35)), tissue: flesh },
  ];
}

/**
 * Bodies of no anatomy: lumps, beans, tubes and columns of any tissue in any place, seen by the same two scanners as the torsos. What the demo's
 * teachers are trained on, so that they know what an object is and not what a torso looks like.
 */
import type { Grid } from '../../../shared/geometry';
import { type Random, random } from '../../../shared/random';
import { smoothField } from './fields';
import { grownBy } from './layer';
import { ctScan, petScan } from './scanners';
import { bumpy, ellipsoid, type Shape, smoothPath, tube, union, type Vector, without } from './shapes';
import type { Tissue } from './tissues';
import { variations } from './variation';

/** Edge of the cube and of a voxel. */
export const assortedSide = 64;
export const assortedSpacingMm = 5;
const spacing = assortedSpacingMm;
/** From the middle to the border, mm. */
const reach = (assortedSide * spacing) / 2;

export interface AssortedBody {
  grid: Grid;
  /** Hounsfield units and SUV, i fastest. */
  ct: Int16Array;
  pet: Float32Array;
  /** 1… for every object that still shows, 0 elsewhere. */
  objects: Uint8Array;
}

interface Painted {
  shape: Shape;
  tissue: Tissue;
  /** The object it makes, the one below it (`keep`), or none. */
  object: number | 'keep';
}

/** Makes body `number` of family `seed`; the same arguments give the same voxels. Takes about 0.3 s. */
export function assortedBody(seed: number, number: number): AssortedBody {
  const stream = random(seed).fork(`assorted ${number}`);
  const grid = cube();
  const scene = paint(grid, stream.fork('scene'), layersOf(stream.fork('layers')));
  const noise = { ...variations.default, noise: stream.fork('noise').uniform(0.5, 1.3) };
  return {
    grid,
    ct: ctScan(scene, grid, stream.fork('ct'), noise),
    pet: petScan(scene, grid, stream.fork('pet'), noise),
    objects: scene.label,
  };
}

function cube(): Grid {
  const start = spacing / 2 - reach;
  return {
    size: [assortedSide, assortedSide, assortedSide],
    affine: [spacing, 0, 0, start, 0, spacing, 0, start, 0, 0, spacing, start, 0, 0, 0, 1],
  };
}

const between = (stream: Random, low: number, high: number) => low * (high / low) ** stream.uniform();
const sign = (stream: Random) => (stream.uniform() < 0.5 ? -1 : 1);
const anywhere = (stream: Random, within = 0.85): Vector =>
  [0, 1, 2].map(() => within * reach * stream.uniform(-1, 1)) as unknown as Vector;
const turned = (stream: Random): Vector => [0, 1, 2].map(() => stream.uniform(-Math.PI, Math.PI)) as unknown as Vector;

/** Soft, dark as gas or bright as bone, of any uptake. */
function drawTissue(stream: Random): Tissue {
  const kind = stream.uniform();
  const hu = kind < 0.16 ? stream.uniform(-950, -400) : kind < 0.28 ? between(stream, 180, 800) : stream.uniform(-70, 200);
  return { hu, suv: Math.min(16, Math.exp(0.45 + 0.8 * stream.normal())), grainHu: between(stream, 3, 25) };
}

/** Objects in the order in which they are painted, each with what lies inside it, and clutter between them. */
function layersOf(stream: Random): Painted[] {
  const layers: Painted[] = [];
  let objects = 0;
  const add = (shape: Shape, object: Painted['object'] = ++objects, tissue = drawTissue(stream)) => layers.push({ shape, tissue, object });
  const large = 1 + stream.integer(4);
  for (let n = 0; n < large; n++) add(lump(stream, anywhere(stream, 0.7), 45, 95));
  if (stream.uniform() < 0.6) addColumn(stream, add, () => ++objects);
  const count = 5 + stream.integer(7);
  for (let n = 0; n < count; n++) {
    const shape = drawObject(stream);
    if (stream.uniform() < 0.3) add(grownBy(shape, between(stream, 4, 12)), 0);
    add(shape);
    // A part of another tissue still belongs to the object: a chamber, a marrow, a cyst.
    if (stream.uniform() < 0.3) add(inside(stream, shape), 'keep');
    if (stream.uniform() < 0.35) add(thin(stream), 0);
  }
  const spots = stream.integer(5);
  for (let n = 0; n < spots; n++) add(lump(stream, anywhere(stream), 5, 13), 'keep');
  return layers;
}

function drawObject(stream: Random): Shape {
  const kind = stream.uniform();
  if (kind < 0.4) return lump(stream, anywhere(stream), 22, 65);
  if (kind < 0.55) return lobes(stream);
  if (kind < 0.7) return bean(stream);
  return bentTube(stream, anywhere(stream), between(stream, 11, 22), 3 + stream.integer(4));
}

function lump(stream: Random, centre: Vector, low: number, high: number): Shape {
  const size = between(stream, low, high);
  const radii = [0, 1, 2].map(() => size * between(stream, 0.6, 1.5)) as unknown as Vector;
  return bumpy(ellipsoid(centre, radii, turned(stream)), 0.12 * size * stream.uniform(), stream);
}

function lobes(stream: Random): Shape {
  const size = between(stream, 22, 48);
  const centre = anywhere(stream);
  const near = () => centre.map((x) => x + size * stream.normal() * 0.8) as unknown as Vector;
  return union(
    Array.from({ length: 2 + stream.integer(2) }, () => lump(stream, near(), 0.7 * size, size)),
    12,
  );
}

function bean(stream: Random): Shape {
  const size = between(stream, 24, 44);
  const centre = anywhere(stream);
  const body = bumpy(ellipsoid(centre, [size, 0.8 * size, size * between(stream, 1, 2)], turned(stream)), 2, stream);
  const aside = centre.map((x) => x + size * sign(stream) * stream.uniform(0.4, 0.8)) as unknown as Vector;
  return without(body, ellipsoid(aside, [0.5 * size, 0.5 * size, 0.6 * size], turned(stream)));
}

function bentTube(stream: Random, start: Vector, radius: number, pieces: number): Shape {
  const points: Vector[] = [start];
  let heading = [stream.normal(), stream.normal(), stream.normal()];
  for (let n = 0; n < pieces; n++) {
    heading = heading.map((h) => h + 0.5 * stream.normal());
    const scale = stream.uniform(35, 65) / Math.hypot(...heading);
    points.push(points[n].map((x, axis) => x + scale * heading[axis]) as unknown as Vector);
  }
  const path = smoothPath(points, 3);
  return tube(
    path,
    path.map(() => radius * stream.uniform(0.9, 1.1)),
  );
}

/** Thin clutter between the objects. */
const thin = (stream: Random): Shape => bentTube(stream, anywhere(stream), between(stream, 4, 8), 2 + stream.integer(4));

/** A part of a shape, well inside or reaching to its border, and never beyond. */
function inside(stream: Random, shape: Shape): Shape {
  const { low, high } = shape.box;
  const centre = low.map((x, axis) => x + (high[axis] - x) * stream.uniform(0.3, 0.7)) as unknown as Vector;
  const radii = low.map((x, axis) => Math.max(6, (high[axis] - x) * stream.uniform(0.12, 0.3))) as unknown as Vector;
  const part = ellipsoid(centre, radii, turned(stream));
  return { box: part.box, depth: (x, y, z) => Math.min(part.depth(x, y, z), shape.depth(x, y, z)) };
}

/** A long thing that leaves the cube on two sides, in beads or in one, with another core. */
function addColumn(stream: Random, add: (shape: Shape, object: Painted['object'], tissue?: Tissue) => void, next: () => number): void {
  const [x, y] = [stream.uniform(-90, 90), stream.uniform(-90, 90)];
  const axes = [0, 1, 2].map((axis) => (axis + stream.integer(3)) % 3);
  const along = Array.from({ length: 16 }, (_, n) => (2.3 * n * reach) / 15 - 1.15 * reach);
  const bend = stream.uniform(5, 30);
  const swing = stream.uniform(0, 2 * Math.PI);
  const place = (z: number): Vector => {
    const straight = [x + bend * Math.sin(z / 90 + swing), y + bend * Math.cos(z / 110 + swing), z];
    const to = axes[0] === axes[1] || axes[1] === axes[2] || axes[0] === axes[2] ? [0, 1, 2] : axes;
    return [straight[to[0]], straight[to[1]], straight[to[2]]];
  };
  const radius = stream.uniform(14, 32);
  const beads = stream.uniform() < 0.5 ? stream.uniform(0.1, 0.25) : 0;
  const path = along.map(place);
  const wide = (factor: number) =>
    tube(
      path,
      path.map((_, n) => factor * radius * (1 + beads * (n % 2 === 0 ? 1 : -1))),
    );
  const tissue = drawTissue(stream);
  const object = next();
  add(wide(1), object, { ...tissue, hu: stream.uniform() < 0.6 ? between(stream, 150, 600) : tissue.hu });
  if (stream.uniform() < 0.5) add(wide(0.6), 'keep');
}

/** The scene before any scanner looked: an outline in air or flesh everywhere, then the layers, with partial volume at every edge. */
function paint(grid: Grid, stream: Random, layers: readonly Painted[]) {
  const count = assortedSide ** 3;
  const hu = new Float32Array(count).fill(-1000);
  const suv = new Float32Array(count);
  const label = new Uint8Array(count);
  const shifts = [0, 1, 2].map((axis) => smoothField(grid.size, 14, stream.fork(`shift ${axis}`)));
  const [fine, coarse] = [smoothField(grid.size, 1.6, stream.fork('fine')), smoothField(grid.size, 5, stream.fork('coarse'))];
  const wobble = stream.uniform(2, 7);
  const edge = 0.55 * spacing;
  const outline = drawOutline(stream);
  const place = (index: number, axis: number, n: number) => spacing / 2 - reach + spacing * index + wobble * shifts[axis][n];

  const walls: readonly Painted[] = outline.map(({ shape, tissue }) => ({ shape, tissue, object: 0 }));
  for (const { shape, tissue, object } of [...walls, ...layers]) {
    const slack = 4 * wobble + 2 * edge;
    const from = shape.box.low.map((mm) => Math.max(0, Math.floor((mm - slack + reach) / spacing)));
    const to = shape.box.high.map((mm) => Math.min(assortedSide, Math.ceil((mm + slack + reach) / spacing)));
    for (let k = from[2]; k < to[2]; k++) {
      for (let j = from[1]; j < to[1]; j++) {
        for (let i = from[0], n = i + assortedSide * (j + assortedSide * k); i < to[0]; i++, n++) {
          const [x, y, z] = [place(i, 0, n), place(j, 1, n), place(k, 2, n)];
          const room = outline.length > 0 && object !== 0 ? outline[outline.length - 1].shape.depth(x, y, z) : edge;
          const depth = Math.min(shape.depth(x, y, z), room);
          if (depth <= -edge) continue;
          const share = Math.min(1, (depth + edge) / (2 * edge));
          hu[n] += share * (tissue.hu + tissue.grainHu * (0.75 * fine[n] + 0.65 * coarse[n]) - hu[n]);
          suv[n] += share * (tissue.suv * (1 + 0.08 * coarse[n]) - suv[n]);
          if (object !== 'keep' && depth > 0) label[n] = object;
        }
      }
    }
  }
  return { hu, suv, label };
}

/** Skin and flesh: a cylinder of two tissues, or, where there is none, flesh without an end. */
function drawOutline(stream: Random): { shape: Shape; tissue: Tissue }[] {
  const soft = (low: number, high: number): Tissue => ({ hu: stream.uniform(low, high), suv: stream.uniform(0.2, 1.2), grainHu: 8 });
  const isWhole = stream.uniform() < 0.15;
  const half: Vector = isWhole ? [900, 900, 900] : [stream.uniform(105, 190), stream.uniform(85, 160), 900];
  const skin = bumpy(ellipsoid([0, 0, 0], half), 5, stream);
  const flesh = stream.uniform() < 0.5 ? soft(-120, -70) : soft(20, 70);
  return [
    { shape: skin, tissue: soft(-120, -80) },
    { shape: grownBy(skin, -between(stream, 6, 35)), tissue: flesh },
  ];
}

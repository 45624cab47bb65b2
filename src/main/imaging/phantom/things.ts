/** What assorted bodies are made of: lumps, beans, tubes and columns of random size, and the layers they are painted in. */
import type { Random } from '../../../shared/random';
import { where } from './layer';
import { bumpy, ellipsoid, type Shape, smoothPath, tube, union, type Vector, without } from './shapes';
import type { Tissue } from './tissues';

/** From the middle of an assorted body's cube to its border, mm. */
export const reach = 160;

export interface Painted {
  shape: Shape;
  tissue: Tissue;
  /** The object it makes, the one below it (`keep`), or none. */
  object: number | 'keep';
}
/** What a scanner is shown: walls from outside in, of which the last holds all objects, then objects in the order in which they are painted. */
export interface Layers {
  walls: readonly Pick<Painted, 'shape' | 'tissue'>[];
  things: readonly Painted[];
}

export const between = (stream: Random, low: number, high: number) => low * (high / low) ** stream.uniform();
export const sign = (stream: Random) => (stream.uniform() < 0.5 ? -1 : 1);
export const anywhere = (stream: Random, within = 0.85): Vector =>
  [0, 1, 2].map(() => within * reach * stream.uniform(-1, 1)) as unknown as Vector;
const turned = (stream: Random): Vector => [0, 1, 2].map(() => stream.uniform(-Math.PI, Math.PI)) as unknown as Vector;

export function lump(stream: Random, centre: Vector, low: number, high: number): Shape {
  const size = between(stream, low, high);
  const radii = [0, 1, 2].map(() => size * between(stream, 0.6, 1.5)) as unknown as Vector;
  return bumpy(ellipsoid(centre, radii, turned(stream)), 0.12 * size * stream.uniform(), stream);
}

export function lobes(stream: Random): Shape {
  const size = between(stream, 22, 48);
  const centre = anywhere(stream);
  const near = () => centre.map((x) => x + size * stream.normal() * 0.8) as unknown as Vector;
  return union(
    Array.from({ length: 2 + stream.integer(2) }, () => lump(stream, near(), 0.7 * size, size)),
    12,
  );
}

export function bean(stream: Random, centre: Vector, size = between(stream, 24, 44)): Shape {
  const body = bumpy(ellipsoid(centre, [size, 0.8 * size, size * between(stream, 1, 2)], turned(stream)), 2, stream);
  const aside = centre.map((x) => x + size * sign(stream) * stream.uniform(0.4, 0.8)) as unknown as Vector;
  return without(body, ellipsoid(aside, [0.5 * size, 0.5 * size, 0.6 * size], turned(stream)));
}

/** @param bend how much it turns from piece to piece */
export function bentTube(stream: Random, start: Vector, radius: number, pieces: number, bend = 0.5): Shape {
  const points: Vector[] = [start];
  let heading = [stream.normal(), stream.normal(), stream.normal()];
  for (let n = 0; n < pieces; n++) {
    heading = heading.map((h) => h + bend * stream.normal());
    const scale = stream.uniform(35, 65) / Math.hypot(...heading);
    points.push(points[n].map((x, axis) => x + scale * heading[axis]) as unknown as Vector);
  }
  return smoothTube(stream, points, radius);
}

/** A tube along a smooth curve, a little uneven. */
export function smoothTube(stream: Random, points: readonly Vector[], radius: number): Shape {
  const path = smoothPath(points, 3);
  return tube(
    path,
    path.map(() => radius * stream.uniform(0.9, 1.1)),
  );
}

/** A part of a shape, well inside or reaching to its border, and never beyond. */
export function inside(stream: Random, shape: Shape): Shape {
  const { low, high } = shape.box;
  const centre = low.map((x, axis) => x + (high[axis] - x) * stream.uniform(0.3, 0.7)) as unknown as Vector;
  const radii = low.map((x, axis) => Math.max(6, (high[axis] - x) * stream.uniform(0.12, 0.3))) as unknown as Vector;
  return where(ellipsoid(centre, radii, turned(stream)), shape.depth);
}

/** Places at which a column along the cube has its beads, from beyond one side to beyond the other. */
const beads = Array.from({ length: 16 }, (_, n) => (2.3 * n * reach) / 15 - 1.15 * reach);

/** A long thing that leaves the cube on two sides, in beads or in one. @returns it, by how wide it is beside its full width */
export function column(stream: Random, radius: number, place: (along: number) => Vector): (share: number) => Shape {
  const swelling = stream.uniform() < 0.5 ? stream.uniform(0.1, 0.25) : 0;
  const path = beads.map(place);
  return (share) =>
    tube(
      path,
      path.map((_, n) => share * radius * (1 + swelling * (n % 2 === 0 ? 1 : -1))),
    );
}

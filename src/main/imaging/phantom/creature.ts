/**
 * Bodies of an invented anatomy, another one each time: a wall with hoops of bone around a hollow, a slanted dome across it, bags on one side, lumps, pairs
 * and coils on the other, a column and vessels along it. They have in common with torsos what all animals have, and no organ's shape, place or density.
 */
import type { Random } from '../../../shared/random';
import { grownBy, where } from './layer';
import { drawPalette, fat, type Palette, water } from './palette';
import { type Box, bumpy, ellipsoid, type Shape, type Vector } from './shapes';
import { bean, bentTube, between, column, inside, type Layers, lump, type Painted, reach, sign, smoothTube } from './things';
import type { Tissue } from './tissues';

const everywhere: Box = { low: [-reach, -reach, -reach], high: [reach, reach, reach] };
const shapeOf = (depth: Shape['depth']): Shape => ({ box: everywhere, depth });

/** The hollow and how it is divided. */
interface Frame {
  /** Half axes across the body, mm. */
  hollow: readonly [number, number];
  cavity: Shape;
  /** Depths on either side of the dome. */
  front: Shape;
  back: Shape;
  /** Where along the body the dome stands, and on which side of it the bags are. */
  dome: number;
  towardsFront: 1 | -1;
  /** Direction across the body that tells its two sides apart. */
  across: readonly [number, number];
}

export function creature(stream: Random): Layers {
  const palette = drawPalette(stream.fork('tissues'));
  const things: Painted[] = [];
  let objects = 0;
  const add: Add = (shape, tissue, object = ++objects) => things.push({ shape, tissue, object });
  const { walls, frame, hoops } = drawWalls(stream.fork('walls'), palette);
  if (hoops) add(hoops, palette.bright(), 0);
  const spine = addColumn(stream.fork('column'), frame, palette, add);
  addCoils(stream.fork('coils'), frame, palette, add);
  addBags(stream.fork('bags'), frame, palette, add);
  addOrgans(stream.fork('organs'), frame, palette, add);
  addVessels(stream.fork('vessels'), frame, spine, palette, add);
  return { walls, things };
}

type Add = (shape: Shape, tissue: Tissue, object?: Painted['object']) => void;

function drawWalls(stream: Random, palette: Palette): { walls: Layers['walls']; frame: Frame; hoops: Shape | null } {
  const half = [stream.uniform(115, 190), stream.uniform(90, 160)] as const;
  const skin = bumpy(ellipsoid([0, 0, 0], [...half, 6 * reach]), 5, stream);
  const [under, thick] = [between(stream, 5, 35), between(stream, 6, 24)];
  const cavity = grownBy(skin, -under - thick);
  const hollow = [half[0] - under - thick, half[1] - under - thick] as const;
  const dome = stream.uniform(-70, 70);
  const towardsFront = sign(stream);
  const height = stream.uniform(15, 65);
  const tilt = [stream.uniform(-0.25, 0.25), stream.uniform(-0.25, 0.25)];
  const front: Shape['depth'] = (x, y, z) =>
    towardsFront * (z - dome) + tilt[0] * x + tilt[1] * y - height * Math.max(0, 1 - (x / hollow[0]) ** 2 - (y / hollow[1]) ** 2);
  const turn = stream.uniform(-Math.PI, Math.PI);
  const frame: Frame = {
    hollow,
    cavity,
    front: shapeOf(front),
    back: shapeOf((x, y, z) => -front(x, y, z)),
    dome,
    towardsFront,
    across: [Math.cos(turn), Math.sin(turn)],
  };
  const walls = [
    { shape: skin, tissue: { ...fat, hu: stream.uniform(-120, -85) } },
    { shape: grownBy(skin, -under), tissue: palette.soft() },
    { shape: cavity, tissue: { ...fat, hu: stream.uniform(-115, -80) } },
  ];
  return { walls, frame, hoops: stream.uniform() < 0.85 ? hoopsIn(stream, skin, under + thick / 2, frame) : null };
}

/** Slanted hoops in the wall, at equal distances, around the front and a little beyond. */
function hoopsIn(stream: Random, skin: Shape, deep: number, { front }: Frame): Shape {
  const pitch = stream.uniform(16, 40);
  const [slant, thick, wide] = [stream.uniform(-0.5, 0.5), stream.uniform(3, 5), stream.uniform(3.5, 7)];
  return shapeOf((x, y, z) => {
    const along = z - slant * y;
    const off = Math.abs(along - pitch * Math.round(along / pitch));
    return Math.min(thick - Math.abs(skin.depth(x, y, z) - deep), wide - off, front.depth(x, y, z) + 40);
  });
}

interface Spine {
  /** Its middle, mm along the body. */
  place(along: number): Vector;
  radius: number;
  /** Towards the middle of the body. */
  inwards: readonly [number, number];
}

/** Along the wall, in beads or in one, of bone around something softer. */
function addColumn(stream: Random, { hollow: [a, b] }: Frame, palette: Palette, add: Add): Spine {
  const radius = stream.uniform(14, 30);
  const turn = stream.uniform(-Math.PI, Math.PI);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const distance = 1 / Math.hypot(cos / a, sin / b) - radius * stream.uniform(0.6, 1.2);
  const [bend, length, swing] = [stream.uniform(0, 14), stream.uniform(80, 140), stream.uniform(0, 2 * Math.PI)];
  const place = (along: number): Vector => {
    const off = bend * Math.sin(along / length + swing);
    return [distance * cos - off * sin, distance * sin + off * cos, along];
  };
  const wide = column(stream, radius, place);
  add(wide(1), stream.uniform() < 0.85 ? palette.bright() : palette.soft());
  if (stream.uniform() < 0.6) add(wide(stream.uniform(0.5, 0.75)), palette.soft(), 'keep');
  return { place, radius, inwards: [-cos, -sin] };
}

/** Somewhere in the hollow, on the given side of the dome. */
function placeIn(stream: Random, { hollow, dome, towardsFront }: Frame, side: 'front' | 'back', within = 0.75): Vector {
  const [turn, far] = [stream.uniform(-Math.PI, Math.PI), within * Math.sqrt(stream.uniform())];
  const away = (side === 'front' ? 1 : -1) * towardsFront;
  return [far * hollow[0] * Math.cos(turn), far * hollow[1] * Math.sin(turn), dome + away * stream.uniform(15, 150)];
}

/** Two bags, mostly dark, that fill the front on both sides of a middle, with vessels in them. */
function addBags(stream: Random, { cavity, front, across: [u, v] }: Frame, palette: Palette, add: Add): void {
  const tissue = stream.uniform() < 0.8 ? palette.dark() : palette.soft();
  const [middle, shift, swell] = [stream.uniform(8, 34), stream.uniform(-15, 15), stream.uniform(0, 20)];
  const gap = stream.uniform(0, 6);
  const wave = stream.uniform(40, 90);
  for (const side of [-1, 1]) {
    if (stream.uniform() < 0.08) continue;
    const bag = shapeOf((x, y, z) => {
      const off = side * (u * x + v * y - shift) - middle - swell * Math.cos(z / wave);
      return Math.min(cavity.depth(x, y, z) - gap, front.depth(x, y, z) - gap, off);
    });
    add(bag, tissue);
    for (let n = stream.integer(5); n > 0; n--) {
      const start: Vector = [side * u * middle * 2, side * v * middle * 2, stream.uniform(-reach, reach)];
      add(where(bentTube(stream, start, between(stream, 2.5, 6), 3), bag.depth), palette.soft(), 'keep');
    }
  }
}

/** Bends of a long tube with a wall and something in it, belonging to nothing. */
function addCoils(stream: Random, frame: Frame, palette: Palette, add: Add): void {
  const [wall, content] = [palette.soft(), stream.uniform() < 0.7 ? palette.soft() : water];
  for (let n = stream.integer(13); n > 0; n--) {
    const radius = between(stream, 7, 17);
    const coil = where(bentTube(stream, placeIn(stream, frame, 'back'), radius, 2 + stream.integer(4), 0.8), frame.back.depth);
    add(coil, wall, 0);
    add(grownBy(coil, -between(stream, 2.5, 5)), stream.uniform() < 0.3 ? palette.dark() : content, 'keep');
  }
}

/** Large and small lumps, pairs of beans, and a bag of water behind the dome; a hollow lump before it. */
function addOrgans(stream: Random, frame: Frame, palette: Palette, add: Add): void {
  const organ = (shape: Shape, tissue: Tissue, side: 'front' | 'back' = 'back') => {
    const shown = where(where(shape, frame.cavity.depth), frame[side].depth);
    if (stream.uniform() < 0.6) add(grownBy(shown, between(stream, 3, 8)), fat, 0);
    add(shown, tissue);
    return shown;
  };
  organ(lump(stream, placeIn(stream, frame, 'back', 0.5), 50, 105), palette.soft());
  for (let n = 2 + stream.integer(5); n > 0; n--) {
    const shown = organ(lump(stream, placeIn(stream, frame, 'back'), 22, 55), palette.soft());
    if (stream.uniform() < 0.3) add(inside(stream, shown), palette.mixed(), 'keep');
  }
  if (stream.uniform() < 0.8) {
    const [x, y, z] = placeIn(stream, frame, 'back', 0.6);
    const [u, v] = frame.across;
    const off = 2 * (u * x + v * y);
    const [rind, core] = [palette.soft(), palette.soft()];
    for (const centre of [
      [x, y, z],
      [x - off * u, y - off * v, z + 15 * stream.normal()],
    ] as const) {
      const shown = organ(bean(stream, centre, between(stream, 22, 36)), rind);
      if (stream.uniform() < 0.7) add(grownBy(shown, -between(stream, 6, 12)), core, 'keep');
    }
  }
  for (let n = stream.integer(3); n > 0; n--) {
    const bag = organ(lump(stream, placeIn(stream, frame, 'back'), 22, 50), palette.soft());
    add(grownBy(bag, -between(stream, 2.5, 7)), stream.uniform() < 0.7 ? water : palette.mixed(), 'keep');
  }
  if (stream.uniform() < 0.85) {
    const heart = organ(lump(stream, placeIn(stream, frame, 'front', 0.35), 32, 62), palette.soft(), 'front');
    const blood = palette.soft();
    for (let n = 1 + stream.integer(4); n > 0; n--) add(inside(stream, heart), blood, 'keep');
  }
}

/** One or two long vessels of one blood beside the column, and thin ones anywhere. */
function addVessels(stream: Random, frame: Frame, spine: Spine, palette: Palette, add: Add): void {
  const blood = palette.soft();
  for (let n = 0, count = 1 + stream.integer(2); n < count; n++) {
    const radius = between(stream, 8, 16);
    const off = spine.radius + radius + stream.uniform(0, 12);
    const aside = (n === 0 ? -1 : 1) * stream.uniform(0, 22);
    const [first, last] = [stream.uniform(-1.1, -0.5) * reach, stream.uniform(0.5, 1.1) * reach];
    const [dx, dy] = spine.inwards;
    const points = Array.from({ length: 8 }, (_, k): Vector => {
      const [x, y, z] = spine.place(first + ((last - first) * k) / 7);
      return [x + dx * off - dy * aside + 4 * stream.normal(), y + dy * off + dx * aside + 4 * stream.normal(), z];
    });
    const vessel = smoothTube(stream, points, radius);
    if (stream.uniform() < 0.5) add(grownBy(vessel, between(stream, 3, 6)), fat, 0);
    add(vessel, blood, stream.uniform() < 0.85 ? undefined : 0);
  }
  for (let n = stream.integer(6); n > 0; n--) {
    add(bentTube(stream, placeIn(stream, frame, sign(stream) > 0 ? 'front' : 'back'), between(stream, 3, 6), 3), blood, 0);
  }
}
